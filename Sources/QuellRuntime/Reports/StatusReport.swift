import Signals
import Systemd

/// How the daemon is: the answer to `quell status`.
public struct StatusReport: Codable, Sendable, Equatable {
    /// The daemon's version.
    public var version: String
    /// `dry-run` or `enforce`.
    public var mode: String
    /// Who threw the kill switch, when and why; `nil` where Quell is armed.
    public var disarmed: String?
    /// The maintenance windows that are open, by name, with what is done in them.
    public var windows: [String]
    /// VMs that it watches.
    public var vms: Int
    /// VMs that are hurt in this tick, by name.
    public var hurt: [String]
    /// VMs that are blamed in this tick, by name.
    public var blamed: [String]
    /// Leases in force or waiting to be undone, one for each thing that was changed.
    public var leases: Int
    /// Holds that they belong to, one for each VM and contention.
    public var holds: Int
    /// Ticks since the daemon started.
    public var ticks: UInt64
    /// Seconds since the last tick; `nil` before the first.
    public var lastTickAge: Double?
    /// Whether libvirt answers.
    public var libvirt: Bool
    /// Rules in force.
    public var rules: Int
    /// CPU that the daemon used over the last tick, in cores.
    public var agentCPU: Double?
    /// Memory that the daemon holds, in bytes.
    public var agentRSS: Double?
    /// Seconds by which 99 of 100 of the last 300 ticks began late at most; `nil` before the first.
    public var tickLagP99: Double?
    /// Seconds by which the latest of them began late.
    public var tickLagWorst: Double?
}

extension StatusReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        let names = { (list: [String]) in
            list.isEmpty ? "nobody" : list.map { PlainText.name($0) }.joined(separator: ", ")
        }
        let age = lastTickAge.map { "\(Unit.seconds.text($0)) ago" } ?? "none yet"
        var lines = [
            "quelld \(version), \(mode), \(rules) rules in force",
            "watching \(vms) VMs; libvirt \(libvirt ? "answers" : "does not answer")",
            "hurt:    \(names(hurt))",
            "blamed:  \(names(blamed))",
            "leases:  \(leases) in \(holds) holds",
            "ticks:   \(ticks), last \(age)",
        ]
        if let disarmed { lines.insert("DISARMED, nobody is held until quell arm: \(PlainText.line(disarmed))", at: 1) }
        if !windows.isEmpty { lines.append("windows: \(windows.joined(separator: ", ")) open now") }
        if let agentCPU, let agentRSS {
            lines.append("cost:    \(Unit.cores.text(agentCPU)), \(Unit.bytes.text(agentRSS))")
        }
        if let tickLagP99, let tickLagWorst {
            let lags = [tickLagP99, tickLagWorst].map { Unit.seconds.text($0) }
            lines.append("beat:    99 of 100 ticks begin \(lags[0]) late at most, the worst \(lags[1])")
        }
        return lines.joined(separator: "\n")
    }
}
