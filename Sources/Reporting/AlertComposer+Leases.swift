public import Signals
internal import Systemd

extension AlertComposer {
    /// The alert of something done to a VM, undone, or failed.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - frame: The frame in which the VM's tenant is looked up.
    /// - Returns: The alert.
    public func alert(for event: LeaseEvent, frame: Frame) -> Alert {
        switch event {
        case .granted(let order, let lease, let changes):
            return order.alert(.throttleApplied, "is", lease: lease, changes: changes, frame: frame)
        case .adjusted(let order, let lease, let changes):
            return order.alert(.throttleAdjusted, "is now", lease: lease, changes: changes, frame: frame)
        case .wouldHold(let order):
            return order.alert(.wouldThrottle, "would be", lease: nil, changes: [], frame: frame)
        case .wouldRelease(let key, let name, let reason):
            let vm = VMLabel(key.vm, name: name, frame: frame)
            return Alert(
                .wouldRelease,
                .info,
                "\(vm.text) would be let go: \(reason.text) (dry run, nothing was changed)",
                vm.fields.adding([.action: "none", .reason: reason.rawValue])
            )
        case .released(let key, let name, let lease, let reason):
            let vm = VMLabel(key.vm, name: name, frame: frame)
            return Alert(
                .throttleReleased,
                .notice,
                "\(vm.text) has what it had before: \(reason.text) (lease \(lease))",
                vm.fields.adding([.action: "release", .lease: "\(lease)", .reason: reason.rawValue])
            )
        case .handedOver(let key, let name, let lease, let found):
            let vm = VMLabel(key.vm, name: name, frame: frame)
            return Alert(
                .handedOver,
                .warning,
                "\(vm.text) was set to \(PlainText.name(found)) by somebody else: lease \(lease) is ended and their "
                    + "value left alone",
                vm.fields.adding([.action: "hand-over", .lease: "\(lease)", .value: found])
            )
        case .failed(let key, let name, let message):
            let vm = VMLabel(key.vm, name: name, frame: frame)
            return Alert(
                .actionFailed,
                .warning,
                "an action on \(vm.text) failed: \(PlainText.line(message, limit: 500))",
                vm.fields.adding([.reason: message, .undo: vm.undo])
            )
        }
    }
}

extension HoldOrder {
    /// The alert of a hold: what it may use, for how long, for whom, and how to undo it.
    func alert(_ id: MessageID, _ verb: String, lease: UInt64?, changes: [String], frame: Frame) -> Alert {
        let held = VMLabel(vm, name: name, frame: frame)
        let end = lease.map { "(lease \($0)); undo: \(held.undo)" } ?? "(dry run, nothing was changed)"
        let made = changes.isEmpty ? "" : ": " + PlainText.line(changes.joined(separator: ", "), limit: 500)
        return Alert(
            id,
            .notice,
            "\(held.text) \(verb) \(deed) for at most \(Unit.digits(max(0, term))) s, \(cause(frame))\(made) \(end)",
            held.fields.adding([
                .rule: rule,
                .victim: victim?.uuid.description,
                .culprit: vm.uuid.description,
                .action: (lease == nil ? "none: " : "") + "\(contention.rawValue) \(step)",
                .lease: lease.map { "\($0)" },
                .undo: lease == nil ? nil : held.undo,
            ])
        )
    }
}

extension HoldOrder {
    /// What is done, behind "is".
    fileprivate var deed: String {
        switch step {
        case .throttle(let share) where contention == .cpu || contention == .busLock:
            "held to \(Unit.ratio.text(share)) of each of its \(vcpus) vCPUs"
        case .throttle(let share): "held to \(Unit.ratio.text(share)) of its use (\(contention.rawValue))"
        case .quarantine: "put into quarantine (\(contention.rawValue))"
        case .suspend: "suspended (\(contention.rawValue))"
        }
    }

    /// For whom or by whom.
    fileprivate func cause(_ frame: Frame) -> String {
        switch origin {
        case .person: return "as a person asked (\(PlainText.line(rule, limit: 200)))"
        case .arrived: return "as it was on the host that it came from, rule \(PlainText.name(rule))"
        case .ladder:
            let hurt = victim.map { VMLabel($0, name: victimName, frame: frame).text } ?? PlainText.name(victimName)
            return "for the sake of \(hurt), rule \(PlainText.name(rule))"
        }
    }
}

extension ReleaseReason {
    /// The reason in a sentence.
    var text: String {
        switch self {
        case .calm: "all has been calm"
        case .expired: "the lease has come to its end"
        case .noEffect: "holding it did not help, so it was not the culprit"
        case .shutdown: "the daemon stops"
        case .recovered: "a daemon before this one had left the lease behind"
        case .operatorRequest: "an operator asked for it"
        case .policy: "the policy no longer allows it"
        case .disarmed: "Quell was disarmed"
        case .gone: "the VM is gone"
        }
    }
}

extension [AlertField: String?] {
    /// These fields and others, which win.
    func adding(_ others: [AlertField: String?]) -> [AlertField: String?] {
        merging(others) { _, new in new }
    }
}
