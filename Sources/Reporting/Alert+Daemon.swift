public import Signals
internal import Systemd

extension Alert {
    /// The daemon watches from now on.
    ///
    /// - Parameters:
    ///   - version: Its version.
    ///   - mode: Whether it acts, as the policy says it.
    ///   - vms: VMs found.
    /// - Returns: The alert.
    public static func daemonStarted(version: String, mode: String, vms: Int) -> Alert {
        Alert(
            .daemonStarted,
            .info,
            "quelld \(version) watches \(vms) VMs, mode \(PlainText.name(mode))",
            [.count: "\(vms)", .action: mode]
        )
    }

    /// The daemon has stopped.
    ///
    /// - Parameter reason: Why.
    /// - Returns: The alert.
    public static func daemonStopped(reason: String) -> Alert {
        Alert(.daemonStopped, .info, "quelld has stopped: \(reason)", [.reason: reason])
    }

    /// A policy is in force.
    ///
    /// - Parameters:
    ///   - rules: How many rules it has.
    ///   - files: How many files it was read from.
    ///   - mode: Whether Quell acts.
    /// - Returns: The alert.
    public static func policyLoaded(rules: Int, files: Int, mode: String) -> Alert {
        Alert(
            .policyLoaded,
            .info,
            "a policy of \(rules) rules from \(files) files is in force, mode \(PlainText.name(mode))",
            [.count: "\(rules)", .action: mode]
        )
    }

    /// A policy was refused.
    ///
    /// - Parameter problems: What is wrong, one problem each, as `file:line:column: …`.
    /// - Returns: The alert.
    public static func policyRejected(_ problems: [String]) -> Alert {
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        return Alert(
            .policyRejected,
            .warning,
            "the new policy is refused, the last good one stays in force: \(problems.first ?? "no reason given")\(more)",
            [.reason: problems.joined(separator: "\n"), .count: "\(problems.count)"]
        )
    }

    /// The connection to libvirt is lost.
    ///
    /// - Parameter reason: What libvirt said.
    /// - Returns: The alert.
    public static func libvirtLost(reason: String) -> Alert {
        Alert(
            .libvirtLost,
            .critical,
            "the connection to libvirt is lost, nothing can be held or let go until it is back: \(reason)",
            [.reason: reason]
        )
    }

    /// The connection to libvirt is back.
    ///
    /// - Parameter seconds: For how long it was lost.
    /// - Returns: The alert.
    public static func libvirtBack(after seconds: Double) -> Alert {
        Alert(
            .libvirtBack,
            .info,
            "the connection to libvirt is back after \(Unit.seconds.text(seconds))",
            [.value: "\(seconds)"]
        )
    }

    /// A VM does not belong to exactly one tenant; `nil` where it does.
    ///
    /// - Parameter record: The VM.
    /// - Returns: The alert.
    public static func vmUntenanted(_ record: VMRecord) -> Alert? {
        let vm = VMLabel(record)
        let what: String
        switch record.tenant {
        case .known: return nil
        case .unknown: what = "belongs to no tenant that its metadata names"
        case .conflicting(let names):
            what = "is claimed by several tenants: " + names.map { PlainText.name($0) }.joined(separator: ", ")
        }
        return Alert(.vmUntenanted, .notice, "\(PlainText.name(vm.name)) \(what)", vm.fields)
    }

    /// What this host can observe, counted.
    ///
    /// - Parameters:
    ///   - available: Signals that it gives.
    ///   - degraded: Signals that it gives in part.
    ///   - missing: Signals that it does not give.
    /// - Returns: The alert.
    public static func capabilitiesProbed(available: Int, degraded: Int, missing: Int) -> Alert {
        Alert(
            .capabilitiesProbed,
            .info,
            "of \(available + degraded + missing) signals \(available) are available, \(degraded) degraded, "
                + "\(missing) not available; \"quell doctor\" says why",
            [.count: "\(available)"]
        )
    }

    /// A signal is given now that was not, or in part, or no longer.
    ///
    /// - Parameters:
    ///   - signal: The signal.
    ///   - before: `available`, `degraded` or `not available`.
    ///   - after: The same, as it is now.
    ///   - isLoss: Whether it was better before.
    ///   - why: Why it is not available in full.
    ///   - remedy: What to change.
    /// - Returns: The alert.
    public static func capabilityChanged(
        _ signal: Signal,
        before: String,
        after: String,
        isLoss: Bool,
        why: String?,
        remedy: String?
    ) -> Alert {
        let reason = why.map { ": " + $0 } ?? ""
        let change = isLoss ? remedy.map { "; to change it: " + $0 } ?? "" : ""
        return Alert(
            .capabilityChanged,
            isLoss ? .warning : .info,
            "\(signal.name) is \(after), it was \(before)\(reason)\(change)",
            [.signal: signal.name, .value: after, .before: before, .reason: why, .remedy: remedy]
        )
    }

    /// Leases that a daemon before this one left behind were ended.
    ///
    /// - Parameter count: How many.
    /// - Returns: The alert.
    public static func recoveredLeases(_ count: Int) -> Alert {
        Alert(
            .recoveredLeases,
            .warning,
            "\(count) leases that a daemon before this one left behind were ended",
            [.count: "\(count)", .reason: ReleaseReason.recovered.rawValue]
        )
    }

    /// The kill switch is thrown: everybody is let go and nobody is held.
    ///
    /// - Parameters:
    ///   - line: Who threw it, when and why.
    ///   - isNew: Whether it was thrown just now, rather than found thrown when the daemon started.
    ///   - trouble: Why it will not outlive the daemon, where it was only taken to memory.
    /// - Returns: The alert.
    public static func disarmed(_ line: String, isNew: Bool, trouble: String? = nil) -> Alert {
        let lasting = trouble.map { "; it will not outlive the daemon: " + $0 } ?? ""
        return Alert(
            .disarmed,
            .warning,
            "Quell is \(isNew ? "disarmed" : "still disarmed"), nobody is held until \"quell arm\": \(line)\(lasting)",
            [.action: "release-all", .reason: line, .undo: "quell arm"]
        )
    }

    /// The kill switch was taken back.
    ///
    /// - Parameter who: Who took it back.
    /// - Returns: The alert.
    public static func armed(by who: String) -> Alert {
        Alert(
            .armed,
            .notice,
            "Quell is armed again by \(PlainText.name(who))",
            [.action: "none", .reason: who, .undo: "quell disarm"]
        )
    }
}
