public import Signals

/// A change that Quell made to one knob of a VM, with all that is needed to undo it, also by a daemon that knows nothing
/// else.
///
/// It is on disk before the change is made (``Ledger``), and it always ends. The leases of one order share the number of
/// their hold.
public struct Lease: Equatable, Sendable, Identifiable {
    /// A moment on both clocks: the wall clock for people, the monotonic one for the term.
    public struct Moment: Equatable, Sendable, Codable {
        /// Nanoseconds since 1970 on the wall clock.
        public var wall: Int64
        /// Nanoseconds since the boot that the lease names.
        public var boot: MonotonicTime

        /// A moment on both clocks.
        ///
        /// - Parameters:
        ///   - wall: Nanoseconds since 1970 on the wall clock.
        ///   - boot: Time since boot.
        public init(wall: Int64, boot: MonotonicTime) {
            self.wall = wall
            self.boot = boot
        }

        /// The moment some seconds later on both clocks.
        ///
        /// - Parameter seconds: The seconds to go on, at least 0.
        /// - Returns: The moment reached.
        public func later(bySeconds seconds: Double) -> Moment {
            let seconds = seconds.isFinite ? min(max(0, seconds), Lease.longestTerm) : 0
            let (sum, overflow) = wall.addingReportingOverflow(Int64(seconds * 1e9))
            return Moment(wall: overflow ? .max : sum, boot: boot.advanced(bySeconds: seconds))
        }
    }

    /// The longest term in seconds: one day.
    public static let longestTerm = 86_400.0

    /// Its number, unique within a ledger; the ledger gives it.
    public var id: UInt64
    /// The number of the hold that it belongs to, which is that of the hold's first lease; the ledger gives it.
    public var hold: UInt64
    /// The VM.
    public var vm: VMIdentity
    /// The VM's name, for people only.
    public var name: String
    /// What was changed.
    public var knob: Knob
    /// The setting before Quell came.
    public var before: Setting
    /// The setting in force by Quell's doing; ``before`` until the first change is confirmed.
    public var set: Setting
    /// A setting that is about to be set or may have been set; `nil` while ``set`` is confirmed.
    public var pending: Setting?
    /// What the VM is held back over.
    public var contention: Contention
    /// Who wanted it.
    public var origin: HoldOrder.Origin
    /// How far it is held back, for people only: `35%`, `quarantine`, `suspend`.
    public var step: String
    /// The rule that asked for it, or what a person gave as the reason.
    public var rule: String
    /// The VM that it is held back for; `nil` where it is for nobody in particular.
    public var victim: VMIdentity?
    /// Why, in words.
    public var reason: String
    /// When it was opened.
    public var created: Moment
    /// When a value was last written ahead.
    public var changed: Moment
    /// When it ends whatever happens.
    public var expires: Moment
    /// The boot that the monotonic moments belong to (`/proc/sys/kernel/random/boot_id`, `random(4)`).
    public var bootID: String

    /// A lease that is about to be opened.
    ///
    /// - Parameters:
    ///   - order: What was ordered.
    ///   - knob: What is to be changed.
    ///   - before: The setting that the VM has.
    ///   - pending: The setting about to be set.
    ///   - now: The moment.
    ///   - bootID: This boot.
    public init(order: HoldOrder, knob: Knob, before: Setting, pending: Setting, now: Moment, bootID: String) {
        self.id = 0
        self.hold = 0
        self.vm = order.vm
        self.name = order.name
        self.knob = knob
        self.before = before
        self.set = before
        self.pending = pending
        self.contention = order.contention
        self.origin = order.origin
        self.step = order.step.description
        self.rule = order.rule
        self.victim = order.victim
        self.reason = Self.reason(order)
        self.created = now
        self.changed = now
        self.expires = now.later(bySeconds: order.term)
        self.bootID = bootID
    }

    /// Takes up a new order: its term counts from now.
    ///
    /// - Parameters:
    ///   - order: What was ordered.
    ///   - pending: The setting about to be set; `nil` where this knob stays as it is.
    ///   - now: The moment.
    public mutating func renew(_ order: HoldOrder, pending: Setting?, now: Moment) {
        self.pending = pending
        origin = order.origin
        step = order.step.description
        rule = order.rule
        victim = order.victim
        reason = Self.reason(order)
        changed = now
        expires = now.later(bySeconds: order.term)
    }

    /// Which hold it belongs to.
    public var key: HoldKey { HoldKey(vm, contention) }

    private static func reason(_ order: HoldOrder) -> String {
        switch order.origin {
        case .ladder: "rule \(order.rule): held back for \(order.victimName)"
        case .person: "held back by an operator: \(order.rule)"
        case .arrived: "held back before it came to this host: \(order.rule)"
        }
    }
}

/// How a lease ended.
public enum LeaseEnd: Equatable, Sendable {
    /// The value before is in force again.
    case released(ReleaseReason)
    /// Somebody else had set another value, which was left alone.
    case handedOver
    /// The value never came into force.
    case notGranted

    /// The end as the ledger notes it.
    public var text: String {
        switch self {
        case .released(let reason): reason.rawValue
        case .handedOver: "handed-over"
        case .notGranted: "not-granted"
        }
    }
}
