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
/// A rule breaches in a tick where the reading is ``Quality/ok`` and **every** condition given holds. At least one of
/// `above`, `below`, `deviation` is given.
public struct Rule: Equatable, Sendable {
    /// What a breach says about its VM.
    public enum Role: String, Sendable, CaseIterable {
        /// The VM is hurt: somebody may be to blame.
        case victim
        /// The VM itself behaves unexpectedly: tell the operator.
        case suspect
    }

    /// Its name, unique within a policy.
    public var name: String
    /// What it means, for the operator who reads the alert.
    public var summary: String
    /// The signal that it watches.
    public var signal: Signal
    /// What a breach says about its VM.
    public var role: Role
    /// Breaches at or above this value, in the signal's base unit.
    public var above: Double?
    /// Breaches at or below this value, in the signal's base unit.
    public var below: Double?
    /// Breaches this many robust standard deviations above the stream's own baseline (below it where `below` is given).
    public var deviation: Double?
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
