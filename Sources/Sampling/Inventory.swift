public import Signals

/// What must change in the sampler so that it watches exactly the VMs that libvirt runs.
public struct Inventory: Equatable, Sendable {
    /// VMs to stop watching; first.
    public var removes: [VMIdentity] = []
    /// VMs to begin to watch.
    public var adds: [VMDescription] = []
    /// VMs of which something has changed, with the cap that Quell holds them to kept.
    public var updates: [VMDescription] = []

    /// Whether nothing has changed.
    public var isEmpty: Bool { removes.isEmpty && adds.isEmpty && updates.isEmpty }

    /// Compares the wanted set with the present one.
    ///
    /// A VM that started anew has the same UUID and another generation: it is removed and added, so that no counter,
    /// baseline or lease of the start before is taken for its own. Of several with one UUID the latest start is wanted.
    ///
    /// - Parameters:
    ///   - wanted: The VMs that libvirt runs, without what Quell holds them to.
    ///   - present: The VMs that are watched.
    public init(wanted: [VMDescription], present: [VMDescription]) {
        var latest: [VMUUID: VMDescription] = [:]
        for vm in wanted {
            let other = latest[vm.record.identity.uuid]
            if let other, other.record.identity.generation >= vm.record.identity.generation { continue }
            latest[vm.record.identity.uuid] = vm
        }
        for vm in present where latest[vm.record.identity.uuid]?.record.identity != vm.record.identity {
            removes.append(vm.record.identity)
        }
        let known = Dictionary(present.map { ($0.record.identity, $0) }) { first, _ in first }
        for vm in wanted where latest[vm.record.identity.uuid] == vm {
            latest[vm.record.identity.uuid] = nil
            guard let old = known[vm.record.identity] else {
                adds.append(vm)
                continue
            }
            var next = vm
            next.record.takeHolds(from: old.record)
            if next != old { updates.append(next) }
        }
    }
}
