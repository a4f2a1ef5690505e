import Policy
import Signals

extension CheckReport {
    /// What a policy does to whom, a line for each ladder and window, for the quarantine and the limits.
    static func details(of policy: PolicySet) -> [String] {
        var lines = policy.ladders.values.sorted { $0.name < $1.name }.map { line(of: $0, in: policy) }
        lines += policy.windows.map(line(of:))
        if policy.ladders.values.contains(where: { $0.steps.contains(.quarantine) }) {
            let plan = policy.quarantine
            let cpus = plan.cpus.isEmpty ? "any CPUs" : "CPUs \(plan.cpus)"
            lines.append(
                "quarantine: \(cpus), links \(plan.links.rawValue), \(Unit.ratio.text(plan.share)) of each vCPU's time"
            )
        }
        let limits = policy.limits
        lines.append(
            "limits: \(limits.heldVMs) VMs held, \(limits.quarantinedVMs) of them in quarantine or suspended, "
                + "\(limits.suspendedVMs) suspended"
        )
        if policy.allowsMemoryHigh { lines.append("memory-high: may be set") }
        return lines
    }

    /// What a policy says but will not do.
    static func notes(on policy: PolicySet) -> [String] {
        let used = Set(policy.rules.compactMap(\.ladder))
        var notes: [String] = []
        for plan in policy.ladders.values.sorted(by: { $0.name < $1.name }) {
            if !used.contains(plan.name) { notes.append("no rule uses ladder \(plan.name)") }
            if plan.steps.contains(.quarantine), policy.limits.quarantinedVMs == 0 {
                notes.append("ladder \(plan.name) stops before 'quarantine': limits.quarantined-vms is 0")
            }
            if plan.steps.contains(.suspend), min(policy.limits.suspendedVMs, policy.limits.quarantinedVMs) == 0 {
                let limit = policy.limits.suspendedVMs == 0 ? "suspended-vms" : "quarantined-vms"
                notes.append("ladder \(plan.name) stops before 'suspend': limits.\(limit) is 0")
            }
        }
        return notes
    }

    private static func line(of plan: LadderPlan, in policy: PolicySet) -> String {
        let rules = policy.rules.filter { $0.ladder == plan.name }.map(\.name)
        var text = "ladder \(plan.name): over \(plan.contention.rawValue), "
        text += plan.steps.map(\.description).joined(separator: " → ")
        if plan.steps.contains(.suspend) { text += " for \(Unit.seconds.text(plan.suspendFor))" }
        text += classes(plan.starts, "begins at") + classes(plan.ceilings, "ends at")
        return text + (rules.isEmpty ? "" : "; for \(rules.joined(separator: ", "))")
    }

    private static func classes(_ steps: [String: HoldStep], _ verb: String) -> String {
        steps.sorted { $0.key < $1.key }.map { "; class \($0.key) \(verb) \($0.value)" }.joined()
    }

    private static func line(of window: MaintenanceWindow) -> String {
        let days = MaintenanceWindow.Day.allCases.filter(window.days.contains).map(\.rawValue)
        let when = days.count == MaintenanceWindow.Day.allCases.count ? "daily" : days.joined(separator: ", ")
        var text = "window \(window.name): \(when) \(clock(window.from)) to \(clock(window.to)) UTC, "
        text += window.effect.rawValue
        var whom: [String] = []
        for (noun, names) in [("VMs", window.vms), ("tenants", window.tenants), ("classes", window.classes)]
        where !names.isEmpty {
            whom.append("\(noun) \(names.sorted().joined(separator: ", "))")
        }
        if !whom.isEmpty { text += "; for \(whom.joined(separator: "; "))" }
        return text
    }

    /// A minute of the day as `06:00`.
    private static func clock(_ minute: Int) -> String {
        let parts = [minute / 60, minute % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
        return parts.joined(separator: ":")
    }
}
