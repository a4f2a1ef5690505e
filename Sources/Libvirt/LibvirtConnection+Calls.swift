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
        try await guarded(CallContext(function, vm)) { (connection) throws(LibvirtError) -> Value in
            let domain = try DomainHandle(vm, on: connection)
            do throws(LibvirtError) {
                return try body(domain)
            } catch {
                if error.code == .noDomain { connection.domains.forget(vm) }
                throw error
            }
        }
    }

    /// Makes a blocking call that concerns the domain of its context, unless the breaker of that is open.
    func guarded<Value: Sendable>(
        _ context: CallContext,
        _ body: @escaping @Sendable (ConnectionHandle) throws(LibvirtError) -> Value
    ) async throws(LibvirtError) -> Value {
        guard let vm = context.vm else { return try await call(context, body) }
        guard admit(vm) else { throw context.failure(.circuitOpen, "it did not answer of late") }
        do {
            let value = try await call(context, body)
            note(vm, nil)
            return value
        } catch {
            note(vm, error)
            throw error
        }
    }
}
