public import Signals

/// How urgent the findings of an audit are: as usual, or as the section `audit` of a policy says.
public struct AuditPlan: Equatable, Sendable {
    /// What a policy says of a check.
    public enum Urgency: String, CaseIterable, Sendable {
        /// Its findings are not told.
        case ignore
        /// They are of this severity.
        case info, notice, warning, critical
    }

    /// What the policy says that is not as usual.
    public var own: [AuditCheck: Urgency]

    /// A plan.
    ///
    /// - Parameter own: What the policy says.
    public init(own: [AuditCheck: Urgency] = [:]) {
        self.own = own
    }

    /// How urgent the findings of a check are; `nil` where they are not told.
    ///
    /// - Parameter check: The check.
    public subscript(check: AuditCheck) -> Severity? {
        switch own[check] {
        case nil: check.usualSeverity
        case .ignore: nil
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .critical: .critical
        }
    }
}
