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
        case .granted(let order, let lease):
            return order.alert(.throttleApplied, "is held to", lease: lease, frame: frame)
        case .adjusted(let order, let lease):
            return order.alert(.throttleAdjusted, "is now held to", lease: lease, frame: frame)
        case .wouldThrottle(let order):
            return order.alert(.wouldThrottle, "would be held to", lease: nil, frame: frame)
        case .wouldRelease(let identity, let name, let reason):
            let vm = VMLabel(identity, name: name, frame: frame)
            return Alert(
                .wouldRelease,
                .info,
                "\(vm.text) would be let go: \(reason.text) (dry run, nothing was changed)",
                vm.fields.adding([.action: "none", .reason: reason.rawValue])
            )
        case .released(let identity, let name, let lease, let reason):
            let vm = VMLabel(identity, name: name, frame: frame)
            return Alert(
                .throttleReleased,
                .notice,
                "\(vm.text) has what it had before: \(reason.text) (lease \(lease))",
                vm.fields.adding([.action: "release", .lease: "\(lease)", .reason: reason.rawValue])
            )
        case .handedOver(let identity, let name, let lease, let found):
            let vm = VMLabel(identity, name: name, frame: frame)
            return Alert(
                .handedOver,
                .warning,
                "\(vm.text) was set to \(PlainText.name(found)) by somebody else: lease \(lease) is ended and their "
                    + "value left alone",
                vm.fields.adding([.action: "hand-over", .lease: "\(lease)", .value: found])
            )
        case .failed(let identity, let name, let message):
            let vm = VMLabel(identity, name: name, frame: frame)
            return Alert(
                .actionFailed,
                .warning,
                "an action on \(vm.text) failed: \(PlainText.line(message, limit: 500))",
                vm.fields.adding([.reason: message, .undo: vm.undo])
            )
        }
    }
}

extension ThrottleOrder {
    /// The alert of a hold: what it may use, for how long, for whom, and how to undo it.
    func alert(_ id: MessageID, _ verb: String, lease: UInt64?, frame: Frame) -> Alert {
        let held = VMLabel(vm, name: name, frame: frame)
        let hurt = VMLabel(victim, name: victimName, frame: frame)
        let end = lease.map { "(lease \($0)); undo: \(held.undo)" } ?? "(dry run, nothing was changed)"
        return Alert(
            id,
            .notice,
            "\(held.text) \(verb) \(Unit.ratio.text(cap)) of each of its \(vcpus) vCPUs for at most "
                + "\(Unit.digits(max(0, term))) s, for the sake of \(hurt.text), rule \(PlainText.name(rule)) \(end)",
            held.fields.adding([
                .rule: rule,
                .victim: victim.uuid.description,
                .culprit: vm.uuid.description,
                .action: (lease == nil ? "none: " : "") + "vcpu-quota \(Unit.ratio.text(cap))",
                .lease: lease.map { "\($0)" },
                .undo: lease == nil ? nil : held.undo,
            ])
        )
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
