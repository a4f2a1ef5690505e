internal import CLibvirt
internal import Glibc
internal import Signals

/// An open connection to a hypervisor, shared by the threads that make calls on it.
///
/// libvirt allows calls from many threads on one connection. The handle frees it on a thread of the pool, as closing
/// may block. It is `@unchecked Sendable` because the pointer never changes and libvirt locks behind it.
@safe final class ConnectionHandle: @unchecked Sendable {
    /// Its events and its end.
    let watch: ConnectionWatch
    /// The domains that were looked up on it.
    let domains = DomainCache()
    private let pointer: OpaquePointer
    private let registrations: Registrations
    private let pool: WorkerPool

    /// Opens a connection and registers for its events; blocks.
    ///
    /// It is closed on a thread of the pool, which it keeps alive until then. Without a queue for them, events of domains
    /// are not asked for. The corresponding C functions are
    /// `virConnectOpen` and `virConnectSetKeepAlive`.
    init(uri: String, events: EventQueue?, pool: WorkerPool) throws(LibvirtError) {
        if let failure = LibvirtLibrary.failure { throw failure }
        // SAFETY: the string lives for the call; the pointer is owned by this handle from here on.
        guard let pointer = unsafe virConnectOpen(uri) else {
            let failure = CallContext("virConnectOpen(\(uri))").lastFailure()
            throw LibvirtError(code: failure.openCode, message: failure.message, context: failure.context)
        }
        // Drivers inside this process, such as test:///, have no keepalive and need none: the answer is not asked for.
        _ = unsafe virConnectSetKeepAlive(pointer, 5, 3)
        let watch = ConnectionWatch(events: events)
        do {
            unsafe registrations = try Registrations(watch, on: pointer)
        } catch {
            _ = unsafe virConnectClose(pointer)
            throw error
        }
        unsafe self.pointer = pointer
        self.watch = watch
        self.pool = pool
    }

    deinit {
        // SAFETY: the handle is gone, so the one thread that frees the pointer is the last to use it.
        nonisolated(unsafe) let pointer = unsafe pointer
        pool.post { [registrations, domains] in
            domains.clear()
            unsafe registrations.undo(on: pointer)
            _ = unsafe virConnectClose(pointer)
        }
    }

    /// Whether the connection stands; asks no server.
    ///
    /// The corresponding C function is `virConnectIsAlive`.
    var isAlive: Bool {
        // SAFETY: the connection lives as long as self.
        unsafe virConnectIsAlive(pointer) == 1
    }

    /// Lends the pointer to libvirt calls of this target; it must not leave the closure.
    func withPointer<Value>(_ body: (OpaquePointer) throws(LibvirtError) -> Value) throws(LibvirtError) -> Value {
        try unsafe body(pointer)
    }

    /// The versions of libvirt and of the hypervisor; blocks.
    ///
    /// The corresponding C functions are `virConnectGetLibVersion` and `virConnectGetVersion`.
    func versions() throws(LibvirtError) -> LibvirtVersions {
        var libvirt: UInt = 0
        // SAFETY: libvirt writes one number in each call; the connection lives as long as self.
        try CallContext("virConnectGetLibVersion").check(unsafe virConnectGetLibVersion(pointer, &libvirt))
        var hypervisor: UInt = 0
        let isKnown = unsafe virConnectGetVersion(pointer, &hypervisor) >= 0 && hypervisor > 0
        return LibvirtVersions(libvirt: libvirt > 0 ? libvirt : nil, hypervisor: isKnown ? hypervisor : nil)
    }

    /// The UUIDs of the active domains; blocks.
    ///
    /// The corresponding C function is `virConnectListAllDomains`.
    func activeDomains() throws(LibvirtError) -> [VMUUID] {
        var list: UnsafeMutablePointer<virDomainPtr?>?
        let context = CallContext("virConnectListAllDomains")
        // SAFETY: libvirt allocates the list and hands each domain's reference over; both are freed below.
        let count = unsafe virConnectListAllDomains(pointer, &list, VIR_CONNECT_LIST_DOMAINS_ACTIVE.rawValue)
        try context.check(count)
        var uuids: [VMUUID] = []
        guard let list = unsafe list else { return uuids }
        uuids.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            guard let domain = unsafe list[index] else { continue }
            if let uuid = unsafe VMUUID(domain: domain) {
                uuids.append(uuid)
                unsafe domains.keep(domain, of: uuid)
            }
            _ = unsafe virDomainFree(domain)
        }
        unsafe free(list)
        return uuids
    }
}

extension LibvirtError {
    /// The kind of a failure to connect: whatever is not a refusal means that there is no connection.
    fileprivate var openCode: Code {
        switch code {
        case .denied, .unsupported, .invalidArgument: code
        case .noDomain, .operationInvalid, .timedOut, .agentBusy, .resourceBusy, .malformed, .disconnected, .deadline,
            .busy, .circuitOpen, .cancelled, .other:
            .disconnected
        }
    }
}
