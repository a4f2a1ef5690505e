public import Signals
internal import Synchronization

/// A connection to one hypervisor through libvirt.
///
/// No call blocks the task's thread, and every call ends by its deadline at the latest. A VM that does not answer is
/// left alone for a while by a breaker of its own. While ``run()`` runs the connection is set up again whenever it
/// breaks; in between every call fails with ``LibvirtError/Code/disconnected``.
public final class LibvirtConnection: Sendable {
    /// What changes.
    private struct State {
        var handle: ConnectionHandle?
        var breakers: [VMUUID: Breaker] = [:]
    }

    /// Where the hypervisor is, for instance `qemu:///system`.
    public let uri: String
    /// Seconds that a call may take.
    public let deadline: Duration
    /// What happens to domains and to the connection; for one consumer.
    ///
    /// It ends when the task that takes from it is cancelled.
    public let events: AsyncStream<DomainEvent>

    let queue: EventQueue
    /// Whether the events of domains are asked for.
    let watchesDomains: Bool
    let pool: WorkerPool
    let time: Timekeeper
    private let state = Mutex(State())

    /// A connection that is not open yet: call ``connect()``, or let ``run()`` do so.
    ///
    /// - Parameters:
    ///   - uri: Where the hypervisor is.
    ///   - deadline: How long a call may take.
    ///   - watchesDomains: Whether ``events`` tells of domains; without them it tells of the connection alone.
    ///   - clock: Measures deadlines and back-offs.
    public init<C: Clock>(
        uri: String = "qemu:///system",
        deadline: Duration = .seconds(5),
        watchesDomains: Bool = true,
        clock: C = ContinuousClock()
    ) where C.Duration == Duration {
        self.uri = uri
        self.deadline = deadline
        self.watchesDomains = watchesDomains
        let time = Timekeeper(clock)
        let queue = EventQueue()
        self.time = time
        self.queue = queue
        self.pool = WorkerPool(time: time)
        self.events = AsyncStream { await queue.next() }
    }

    deinit {
        queue.finish()
    }

    /// Whether a connection stands.
    public var isConnected: Bool { state.withLock { $0.handle != nil } }

    /// Calls that outlived their deadline and have not returned; each keeps a thread.
    public var stuckCalls: Int { pool.stuck }

    /// VMs that are left alone for the time being, because they did not answer.
    public var openCircuits: Set<VMUUID> {
        state.withLock { state in
            Set(
                state.breakers.compactMap { vm, breaker in
                    switch breaker.state {
                    case .closed: nil
                    case .open, .halfOpen: vm
                    }
                }
            )
        }
    }

    /// The open connection, if one.
    var handle: ConnectionHandle? { state.withLock { $0.handle } }

    /// Adopts a connection unless one is open already; the one in use.
    func adopt(_ handle: ConnectionHandle) -> ConnectionHandle {
        state.withLock { state in
            if let present = state.handle { return present }
            state.handle = handle
            return handle
        }
    }

    /// Gives up a connection, if it is still the one in use; it is closed once no call uses it any more.
    func drop(_ handle: ConnectionHandle) {
        state.withLock { if $0.handle === handle { $0.handle = nil } }
    }

    /// Asks the breaker of a VM.
    func admit(_ vm: VMUUID) -> Bool {
        let now = time.now()
        return state.withLock { $0.breakers[vm]?.admit(at: now) ?? true }
    }

    /// VMs of which a call went unanswered and none was answered since.
    var breakers: Int { state.withLock { $0.breakers.count } }

    /// Forgets how calls on a VM went: it is gone, and one of its UUID is another start of it.
    ///
    /// - Parameter vm: The VM.
    public func forget(_ vm: VMUUID) { state.withLock { $0.breakers[vm] = nil } }

    /// Tells the breaker of a VM how a call went.
    func note(_ vm: VMUUID, _ error: LibvirtError?) {
        let now = time.now()
        state.withLock { state in
            var breaker = state.breakers[vm] ?? Breaker()
            switch error?.code {
            case .deadline, .timedOut: breaker.unanswered(at: now)
            case .busy, .cancelled, .disconnected, .circuitOpen: breaker.abandoned(at: now)
            case nil, .noDomain, .operationInvalid, .denied, .unsupported, .invalidArgument, .agentBusy, .resourceBusy,
                .malformed, .other:
                breaker.answered()
            }
            state.breakers[vm] = breaker.isPristine ? nil : breaker
        }
    }
}
