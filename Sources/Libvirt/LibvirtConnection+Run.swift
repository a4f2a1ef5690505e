extension LibvirtConnection {
    /// Opens the connection, unless it is open.
    ///
    /// - Throws: ``LibvirtError`` when it cannot be opened; nothing is tried again.
    public func connect() async throws(LibvirtError) {
        _ = try await open()
    }

    /// The open connection, opened now if need be.
    private func open() async throws(LibvirtError) -> ConnectionHandle {
        if let handle { return handle }
        let (uri, pool) = (self.uri, self.pool)
        let queue = watchesDomains ? self.queue : nil
        // Opening takes several round trips.
        return adopt(
            try await pool.run(CallContext("virConnectOpen(\(uri))"), deadline: deadline * 2) {
                () throws(LibvirtError) -> ConnectionHandle in
                try ConnectionHandle(uri: uri, events: queue, pool: pool)
            }
        )
    }

    /// Keeps the connection up until the task is cancelled, and closes it then.
    ///
    /// After each loss it connects again, with pauses that double from half a second to 30 s with jitter. ``events``
    /// tells of every edge: ``DomainEvent/reconnected`` each time that a connection is up, the first included, and
    /// ``DomainEvent/disconnected`` each time that it is lost.
    public func run() async {
        var backOff = BackOff()
        while !Task.isCancelled {
            if let handle = try? await open() {
                backOff.reset()
                queue.push(.reconnected)
                await handle.watch.closed()
                drop(handle)
                queue.push(.disconnected)
                continue
            }
            try? await time.sleep(backOff.next(jitter: Double.random(in: 0...1)))
        }
    }
}
