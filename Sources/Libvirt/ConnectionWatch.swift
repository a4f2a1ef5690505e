internal import CLibvirt
internal import Signals
internal import Synchronization

/// What libvirt's event thread reports of one connection: its domains' events, and its end.
final class ConnectionWatch: Sendable {
    /// Where domain events go; `nil` where they are not asked for.
    let events: EventQueue?
    private let closing: AsyncStream<Never>
    private let closer: AsyncStream<Never>.Continuation

    /// A watch that reports to a queue.
    init(events: EventQueue?) {
        self.events = events
        (closing, closer) = AsyncStream.makeStream(of: Never.self)
    }

    /// Notes that the connection is gone.
    func noteClosed() {
        closer.finish()
    }

    /// Waits for the end of the connection, or for the cancellation of the task.
    func closed() async {
        for await _ in closing {}
    }

    /// Queues an event of a domain that libvirt lends for the time of a callback.
    fileprivate func push(_ domain: OpaquePointer?, _ event: (VMUUID) -> DomainEvent?) {
        guard let domain = unsafe domain, let uuid = unsafe VMUUID(domain: domain), let event = event(uuid) else {
            return
        }
        events?.push(event)
    }

    /// The watch behind the pointer that libvirt hands to a callback.
    @unsafe fileprivate static func behind(_ opaque: UnsafeMutableRawPointer?) -> ConnectionWatch? {
        // SAFETY: the pointer is the one retained in `enlist`, which libvirt releases after the last callback.
        unsafe opaque.map { unsafe Unmanaged<ConnectionWatch>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A retained pointer to the watch, for one registration.
    @unsafe fileprivate func enlist() -> UnsafeMutableRawPointer {
        unsafe Unmanaged.passRetained(self).toOpaque()
    }

    /// Gives a retained pointer back.
    @unsafe fileprivate static func dismiss(_ opaque: UnsafeMutableRawPointer?) {
        // SAFETY: libvirt calls this once for each registration, after the last callback of it.
        if let opaque = unsafe opaque { unsafe Unmanaged<ConnectionWatch>.fromOpaque(opaque).release() }
    }
}

extension DomainEvent {
    /// Translates a lifecycle event (`virDomainEventType`) with its detail (`virDomainEventStartedDetailType`).
    init(lifecycle event: Int32, detail: Int32, of uuid: VMUUID) {
        switch virDomainEventType(UInt32(bitPattern: event)) {
        case VIR_DOMAIN_EVENT_STARTED:
            let isBooted = UInt32(bitPattern: detail) == VIR_DOMAIN_EVENT_STARTED_BOOTED.rawValue
            self = isBooted ? .booted(uuid) : .started(uuid)
        case VIR_DOMAIN_EVENT_STOPPED: self = .stopped(uuid)
        default: self = .changed(uuid)
        }
    }
}

/// The registrations of one connection, which must be undone before it is closed: each holds the connection open.
struct Registrations: Sendable {
    private let callbacks: [Int32]
    private let watchesClose: Bool

    /// Registers a watch for the end of the connection and, where it has a queue for them, for the events of domains;
    /// blocks.
    @unsafe init(_ watch: ConnectionWatch, on connection: OpaquePointer) throws(LibvirtError) {
        callbacks = watch.events == nil ? [] : unsafe try Self.domainEvents(watch, on: connection)
        let opaque = unsafe watch.enlist()
        // SAFETY: libvirt gives the retained pointer back by the free callback; where it fails it is given back here.
        watchesClose =
            unsafe virConnectRegisterCloseCallback(
                connection,
                closeCallback,
                opaque,
                { unsafe ConnectionWatch.dismiss($0) }
            ) == 0
        if !watchesClose { unsafe ConnectionWatch.dismiss(opaque) }
    }

    /// Registers a watch for every event of domains that a driver reports.
    ///
    /// Lifecycle events are required. The others are taken where the driver has them.
    @unsafe private static func domainEvents(
        _ watch: ConnectionWatch,
        on connection: OpaquePointer
    ) throws(LibvirtError) -> [Int32] {
        var callbacks: [Int32] = []
        // SAFETY: every callback gets a retained pointer to the watch that libvirt gives back by `release`; where a
        // registration fails libvirt does not, and it is given back here.
        let release: virFreeCallback = { unsafe ConnectionWatch.dismiss($0) }
        func register(_ call: (UnsafeMutableRawPointer) -> Int32) -> Bool {
            let opaque = unsafe watch.enlist()
            let id = unsafe call(opaque)
            if id < 0 { unsafe ConnectionWatch.dismiss(opaque) }
            if id >= 0 { callbacks.append(id) }
            return id >= 0
        }
        let lifecycle = unsafe register {
            unsafe quell_on_lifecycle(
                connection,
                { _, domain, event, detail, opaque in
                    unsafe ConnectionWatch.behind(opaque)?.push(domain) {
                        DomainEvent(lifecycle: event, detail: detail, of: $0)
                    }
                    return 0
                },
                $0,
                release
            )
        }
        guard lifecycle else { throw CallContext("virConnectDomainEventRegisterAny(lifecycle)").lastFailure() }
        _ = unsafe register {
            unsafe quell_on_device_added(connection, { _, d, _, o in unsafe changed(d, o) }, $0, release)
        }
        _ = unsafe register {
            unsafe quell_on_device_removed(connection, { _, d, _, o in unsafe changed(d, o) }, $0, release)
        }
        _ = unsafe register {
            unsafe quell_on_metadata_change(connection, { _, d, _, _, o in unsafe changed(d, o) }, $0, release)
        }
        _ = unsafe register {
            unsafe quell_on_balloon_change(connection, { _, d, _, o in unsafe changed(d, o) }, $0, release)
        }
        _ = unsafe register {
            unsafe quell_on_job_completed(connection, { _, d, _, _, o in unsafe changed(d, o) }, $0, release)
        }
        _ = unsafe register {
            unsafe quell_on_tunable_change(connection, { _, d, _, _, o in unsafe changed(d, o) }, $0, release)
        }
        return callbacks
    }

    /// Undoes all, once; blocks.
    @unsafe func undo(on connection: OpaquePointer) {
        // SAFETY: the connection is open in this process, though its server may be gone; a failure leaves nothing.
        for id in callbacks { _ = unsafe virConnectDomainEventDeregisterAny(connection, id) }
        if watchesClose { _ = unsafe virConnectUnregisterCloseCallback(connection, closeCallback) }
    }
}

/// Reports that a domain changed, whatever changed of it.
@unsafe private func changed(_ domain: OpaquePointer?, _ opaque: UnsafeMutableRawPointer?) {
    unsafe ConnectionWatch.behind(opaque)?.push(domain) { .changed($0) }
}

/// Reports that a connection is gone; libvirt finds it again by its address, so it is one function.
private let closeCallback: virConnectCloseFunc = { _, _, opaque in
    unsafe ConnectionWatch.behind(opaque)?.noteClosed()
}
