/// How urgent an alert is, in the journal's terms (`syslog(3)`).
public enum Severity: String, Sendable, CaseIterable, Codable {
    /// Worth knowing (journal priority 6).
    case info
    /// Worth a look (journal priority 5).
    case notice
    /// A tenant is being hurt or a limit is near (journal priority 4).
    case warning
    /// A tenant is being hurt badly (journal priority 2).
    case critical

    /// The journal priority, 2 to 6; lower is more urgent.
    public var journalPriority: Int {
        switch self {
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .critical: 2
        }
    }
}
