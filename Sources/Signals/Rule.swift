/// Which VMs a rule speaks of.
public struct RuleSelector: Equatable, Sendable {
    /// Workload classes; empty for all.
    public var classes: Set<String>
    /// Tenants by name; empty for all.
    public var tenants: Set<String>

    /// A selector of the given classes and tenants.
    ///
    /// - Parameters:
    ///   - classes: Workload classes; empty for all.
    ///   - tenants: Tenants by name; empty for all.
    public init(classes: Set<String> = [], tenants: Set<String> = []) {
        self.classes = classes
        self.tenants = tenants
    }

    /// Whether a VM is spoken of.
    ///
    /// A VM of unknown tenant matches no tenant list.
    ///
    /// - Parameter record: The VM.
    /// - Returns: Whether class and tenant both match.
    public func matches(_ record: VMRecord) -> Bool {
        guard classes.isEmpty || classes.contains(record.workloadClass) else { return false }
        if tenants.isEmpty { return true }
        guard case .known(let name) = record.tenant else { return false }
        return tenants.contains(name)
    }
}

/// A rule of a policy, in typed form: a signal, what makes it breach, for how long, and what follows.
///
/// A rule breaches in a tick where the reading is ``Quality/ok`` and **every** condition given holds: its bounds, its
/// companions, and what its ``Detector`` looks for.
public struct Rule: Equatable, Sendable {
    /// What a breach says about its VM.
    public enum Role: String, Sendable, CaseIterable {
        /// The VM is hurt: somebody may be to blame.
        case victim
        /// The VM itself behaves unexpectedly: tell the operator.
        case suspect
    }

    /// What a rule looks for in its signal, beside its fixed bounds.
    public enum Detector: String, Sendable, CaseIterable {
        /// A value at a bound, or `deviation` robust standard deviations from the learned level.
        case level
        /// A reading or a step whose probability, by the tail of the stream's own past, is below `risk` (SPOT).
        case tail
        /// A reading so rare to ten views of its stream together that its score is at or above `score`.
        case unusual
        /// A lasting shift of the mean, however small each step (two-sided CUSUM, decision interval `deviation`).
        case shift
        /// A steady slope that reaches the bound `within` a time, told by a short and a long horizon together.
        case leak
        /// A moving mean outside its usual range for many windows in a row (SDS/B).
        case boundary
        /// A period that breaks, or appears where none was (SDS/P).
        case rhythm
    }

    /// Its name, unique within a policy.
    public var name: String
    /// What it means, for the operator who reads the alert.
    public var summary: String
    /// The signal that it watches.
    public var signal: Signal
    /// What a breach says about its VM.
    public var role: Role
    /// What it looks for in the signal.
    public var detector = Detector.level
    /// Breaches at or above this value, in the signal's base unit.
    public var above: Double?
    /// Breaches at or below this value, in the signal's base unit.
    public var below: Double?
    /// Whether `above` and `below` are for each vCPU of the VM.
    public var perVCPU = false
    /// Breaches this many robust standard deviations above the stream's own baseline (below it where `below` is given).
    ///
    /// With ``Detector/shift`` it is the decision interval of the CUSUM.
    public var deviation: Double?
    /// The score of ``Detector/unusual`` from which it breaches, 0 to 1.
    public var score: Double?
    /// The probability under which ``Detector/tail`` breaches, above 0 and below 1 %.
    public var risk: Double?
    /// The seconds in which ``Detector/leak`` must reach the bound at most.
    public var within: Double?
    /// Other signals that must be at their bounds too.
    public var companions: [Companion] = []
    /// Seconds after it cleared for which it does not fire again: one incident, one event.
    public var rest = 0.0
    /// Seconds for which it must breach without a break before the rule fires.
    public var sustain: Double
    /// Seconds for which it must not breach before the rule clears.
    public var clearAfter: Double
    /// The share of `above` (or its inverse for `below`) under which a firing rule counts as calm, 0 to 1.
    public var clearAt: Double
    /// How urgent it is.
    public var severity: Severity
    /// Which VMs it speaks of.
    public var selector: RuleSelector
    /// The name of the ladder that answers it; `nil` to alert only.
    public var ladder: String?

    /// A rule with the usual defaults, to be completed.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - signal: The signal that it watches.
    ///   - role: What a breach says about its VM.
    public init(name: String, signal: Signal, role: Role) {
        self.name = name
        self.summary = ""
        self.signal = signal
        self.role = role
        self.above = nil
        self.below = nil
        self.deviation = nil
        self.sustain = 0
        self.clearAfter = 5
        self.clearAt = 0.8
        self.severity = .warning
        self.selector = RuleSelector()
        self.ladder = nil
    }
}
