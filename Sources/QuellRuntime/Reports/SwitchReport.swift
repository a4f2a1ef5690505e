import Systemd

/// What became of the kill switch: the answer to `quell disarm` and `quell arm`.
public struct SwitchReport: Codable, Sendable, Equatable {
    /// Who threw it, when and why; `nil` where Quell is armed.
    public var disarmed: String?
    /// Why it will not outlive the daemon or was not thrown in full; `nil` where it was.
    public var trouble: String?
    /// Whom it let go; `nil` where it was taken back.
    public var release: ReleaseReport?
    /// Whether a daemon was there to do it at once.
    public var hasDaemon: Bool
    /// What follows under the policy in force; `nil` where that is not known.
    public var mode: String?

    /// A report.
    ///
    /// - Parameters:
    ///   - disarmed: Who threw it, when and why.
    ///   - trouble: Why it was not thrown in full.
    ///   - release: Whom it let go.
    ///   - hasDaemon: Whether a daemon was there.
    ///   - mode: `dry-run` or `enforce`, where known.
    public init(
        disarmed: String?,
        trouble: String? = nil,
        release: ReleaseReport? = nil,
        hasDaemon: Bool,
        mode: String? = nil
    ) {
        self.disarmed = disarmed
        self.trouble = trouble
        self.release = release
        self.hasDaemon = hasDaemon
        self.mode = mode
    }

    /// Whether all was done that was asked for.
    public var isDone: Bool { trouble == nil && (release?.stillHeld ?? 0) == 0 }
}

extension SwitchReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        var lines: [String] = []
        if let disarmed {
            lines.append("disarmed: \(disarmed)")
            if let release {
                lines +=
                    release.isEmpty ? ["nobody was held"] : release.description.split(separator: "\n").map(String.init)
            }
            lines.append("nobody will be until: quell arm")
        } else {
            let then = mode == "dry-run" ? "; the policy is in dry run, so nobody is held by it" : ""
            lines.append("armed" + then)
        }
        if !hasDaemon { lines.append("no daemon answers; it will find the switch so when it starts") }
        if let trouble { lines.append("TROUBLE: \(trouble)") }
        return lines.map { PlainText.line($0) }.joined(separator: "\n")
    }
}
