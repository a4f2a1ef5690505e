internal import Signals

extension Ladder {
    /// Why a VM may not be held beside those that are; `nil` where it may.
    ///
    /// A VM counts once, over however much it is held, and one that is held already takes no more room.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - vcpus: Its vCPUs.
    ///   - frame: The frame.
    /// - Returns: The reason, or `nil`.
    func noRoom(for vm: VMIdentity, vcpus: Int, frame: Frame) -> String? {
        if entries.contains(where: { $0.vm == vm }) { return nil }
        let held = count { _ in true }
        guard held.vms < policy.limits.heldVMs else { return "no more VMs may be held at once" }
        if held.vms == 0 || fits(held.vcpus + vcpus, frame: frame) { return nil }
        return "no more vCPUs may be held at once"
    }

    /// Why a VM may not go down to a step beside those that are as far down; `nil` where it may.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - step: The step.
    /// - Returns: The reason, or `nil`.
    func noRoom(for vm: VMIdentity, at step: HoldStep) -> String? {
        if step >= .quarantine {
            let others = count { $0.vm != vm && $0.strictest >= .quarantine }
            guard others.vms < policy.limits.quarantinedVMs else { return "no more VMs may be in quarantine at once" }
        }
        if step >= .suspend {
            let others = count { $0.vm != vm && $0.strictest >= .suspend }
            guard others.vms < policy.limits.suspendedVMs else { return "no more VMs may be suspended at once" }
        }
        return nil
    }

    /// Lets the latest holds go, or up, until the limits are kept again; oldest holds stay, and a person's always do.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: The releases.
    mutating func trim(frame: Frame) -> [Intent] {
        mustTrim = false
        var intents: [Intent] = []
        for index in entries.indices.reversed() where entries[index].origin != .person {
            let vm = entries[index].vm
            // A VM is let go as a whole, once its oldest hold is the latest one.
            let isOldest = !entries[..<index].contains { $0.vm == vm && Self.stays($0) }
            guard isOldest, Self.stays(entries[index]), !isHeldByPerson(vm) else { continue }
            let held = count(where: Self.stays)
            if held.vms <= policy.limits.heldVMs, held.vms == 1 || fits(held.vcpus, frame: frame) { break }
            for other in entries.indices where entries[other].vm == vm && Self.stays(entries[other]) {
                if entries[other].phase == .requested {
                    // It is answered first; the release follows in the tick after the answer.
                    entries[other].mustEnd = .policy
                } else {
                    intents.append(Self.release(&entries[other], .policy, at: frame.time))
                }
            }
        }
        for (step, most) in [
            (HoldStep.quarantine, policy.limits.quarantinedVMs), (.suspend, policy.limits.suspendedVMs),
        ] {
            crowdOut(from: step, most: most)
        }
        return intents
    }

    /// Has the latest of those as far down as a step come up, until no more are than may be.
    private mutating func crowdOut(from step: HoldStep, most: Int) {
        func isThere(_ entry: LadderEntry) -> Bool {
            Self.stays(entry) && !entry.isCrowdedOut && entry.strictest >= step
        }
        for index in entries.indices.reversed() where isThere(entries[index]) && entries[index].origin != .person {
            if count(where: isThere).vms <= most { break }
            if entries[index].phase == .requested {
                entries[index].mustEnd = .policy
            } else {
                entries[index].isCrowdedOut = true
            }
        }
    }

    /// The different VMs among some entries, and their vCPUs.
    private func count(where isCounted: (LadderEntry) -> Bool) -> (vms: Int, vcpus: Int) {
        var (vms, vcpus) = (0, 0)
        for index in entries.indices where isCounted(entries[index]) {
            let isSecond = entries[..<index].contains { $0.vm == entries[index].vm && isCounted($0) }
            if isSecond { continue }
            vms += 1
            vcpus += entries[index].vcpus
        }
        return (vms, vcpus)
    }

    /// Whether so many vCPUs are within the share of all running ones that may be held.
    private func fits(_ held: Int, frame: Frame) -> Bool {
        var all = 0.0
        for row in 0..<frame.capacity where frame.isRunning(VMSlot(row)) == true {
            all += Double(frame.vcpus(VMSlot(row)) ?? 0)
        }
        return Double(held) <= policy.limits.heldVCPUShare * all
    }

    private func isHeldByPerson(_ vm: VMIdentity) -> Bool {
        entries.contains { $0.vm == vm && $0.origin == .person && Self.stays($0) }
    }

    /// Whether a hold goes on, as far as is decided.
    private static func stays(_ entry: LadderEntry) -> Bool { entry.phase != .releasing && entry.mustEnd == nil }
}
