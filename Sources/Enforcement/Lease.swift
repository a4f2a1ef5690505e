public import Signals

/// A change that Quell made to a VM, with all that is needed to undo it, also by a daemon that knows nothing else.
///
/// It is on disk before the change is made (``Ledger``), and it always ends.
public struct Lease: Equatable, Sendable, Codable, Identifiable {
    /// What was changed.
    public enum Knob: String, Sendable, Codable, CaseIterable {
        /// The CPU bandwidth of each vCPU.
        case vcpuQuota = "vcpu-quota"
    }

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
    /// The VM.
    public var vm: VMIdentity
    /// The VM's name, for people only.
    public var name: String
    /// What was changed.
    public var knob: Knob
    /// The value before Quell came.
    public var before: VCPUQuota
    /// The value in force by Quell's doing; ``before`` until the first change is confirmed.
    public var set: VCPUQuota
    /// A value that is about to be set or may have been set; `nil` while ``set`` is confirmed.
    public var pending: VCPUQuota?
    /// The rule that asked for it.
    public var rule: String
    /// The VM that it is held back for.
    public var victim: VMIdentity
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
    ///   - before: The value that the VM has.
    ///   - pending: The value about to be set.
    ///   - now: The moment.
    ///   - bootID: This boot.
    public init(order: HoldOrder, before: VCPUQuota, pending: VCPUQuota, now: Moment, bootID: String) {
        self.id = 0
        self.vm = order.vm
        self.name = order.name
        self.knob = .vcpuQuota
        self.before = before
        self.set = before
        self.pending = pending
        self.rule = order.rule
        self.victim = order.victim ?? order.vm
        self.reason = Self.reason(order)
        self.created = now
        self.changed = now
        self.expires = now.later(bySeconds: order.term)
        self.bootID = bootID
    }

    /// Takes up a new order: its value is pending, its term counts from now.
    ///
    /// - Parameters:
    ///   - order: What was ordered.
    ///   - pending: The value about to be set.
    ///   - now: The moment.
    public mutating func renew(_ order: HoldOrder, pending: VCPUQuota, now: Moment) {
        self.pending = pending
        rule = order.rule
        victim = order.victim ?? order.vm
        reason = Self.reason(order)
        changed = now
        expires = now.later(bySeconds: order.term)
    }

    /// Whether a limit is one that Quell set or may have set under this lease.
    ///
    /// - Parameter quota: The limit found.
    /// - Returns: Whether it is the confirmed or the pending value.
    public func isOurs(_ quota: VCPUQuota) -> Bool {
        quota.matches(set) || pending.map(quota.matches) ?? false
    }

    private static func reason(_ order: HoldOrder) -> String {
        "rule \(order.rule): held back for \(order.victimName)"
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
