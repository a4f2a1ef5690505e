internal import Signals

extension LibvirtConnection {
    /// Makes a blocking call on a thread of the pool, with the deadline.
    func call<Value: Sendable>(
        _ context: CallContext,
        _ body: @escaping @Sendable (ConnectionHandle) throws(LibvirtError) -> Value
    ) async throws(LibvirtError) -> Value {
        guard let handle else { throw context.failure(.disconnected, "no connection to \(uri)") }
        do {
            return try await pool.run(context, deadline: deadline) { () throws(LibvirtError) -> Value in
                try body(handle)
            }
        } catch {
            // A call may notice a broken connection before libvirt's event thread does.
            if error.code == .disconnected, !handle.isAlive { handle.watch.noteClosed() }
            throw error
        }
    }

    /// Makes a blocking call on one domain, unless its breaker is open.
    func call<Value: Sendable>(
        _ function: String,
        on vm: VMUUID,
        _ body: @escaping @Sendable (borrowing DomainHandle) throws(LibvirtError) -> Value
    ) async throws(LibvirtError) -> Value {
        let context = CallContext(function, vm)
        guard admit(vm) else { throw context.failure(.circuitOpen, "it did not answer of late") }
        do {
            let value = try await call(context) { (connection) throws(LibvirtError) -> Value in
                let domain = try DomainHandle(vm, on: connection)
                return try body(domain)
            }
            note(vm, nil)
            return value
        } catch {
            note(vm, error)
            throw error
        }
    }
}
