public import Signals

/// What one audit counted, for metrics: a row for each check, also where it found nothing.
public struct AuditTally: Equatable, Sendable {
    /// What came of one check.
    public struct Row: Equatable, Sendable {
        /// The check.
        public var check: AuditCheck
        /// How urgent its findings are.
        public var severity: Severity
        /// How many there are.
        public var findings: Int
        /// How many could not be told.
        public var notKnown: Int
    }

    /// The checks that the policy does not ignore, in their own order.
    public var rows: [Row]
    /// VMs that were judged.
    public var vms: Int
    /// Findings that the policy says to ignore.
    public var ignored: Int
    /// Whether the VMs could be listed.
    public var isListed: Bool
}
