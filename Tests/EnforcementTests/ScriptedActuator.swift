import Enforcement
import Signals
import Synchronization

/// A hypervisor that follows the world's script.
struct ScriptedActuator: QuotaActuator {
    let world: World

    func quota(of vm: VMIdentity) async throws(ActuatorError) -> VCPUQuota {
        let fate = try await enter(vm, setting: nil)
        guard fate == .live else { throw .unavailable("dead") }
        let quota = world.state.withLock { state in
            state.reads += 1
            state.seen(vm)
            return state.quotas[vm]
        }
        guard let quota else { throw .vmGone }
        return quota
    }

    func setQuota(_ quota: VCPUQuota, of vm: VMIdentity) async throws(ActuatorError) {
        let fate = try await enter(vm, setting: quota)
        let isThere = world.state.withLock { state in
            // Half: the request is on its way and libvirt carries it out a little later.
            if fate == .dieHalf {
                state.late.append(World.LateSet(vm: vm, quota: quota, at: state.now.advanced(bySeconds: 25)))
            } else {
                state.set(vm, quota)
            }
            return state.quotas[vm] != nil
        }
        guard fate == .live else { throw .unavailable("dead") }
        if !isThere { throw .vmGone }
    }

    /// Counts the step and makes the scripted fault happen.
    private func enter(_ vm: VMIdentity, setting quota: VCPUQuota?) async throws(ActuatorError) -> World.Fate {
        let fate = world.enter()
        if fate == .dead { throw .unavailable("dead") }
        let fault = world.state.withLock { state -> World.Fault? in
            if state.restarted.contains(vm) { return .restart }
            if state.goodCalls > 0 {
                state.goodCalls -= 1
                return nil
            }
            return state.faults.isEmpty ? nil : state.faults.removeFirst()
        }
        switch fault {
        case nil: return fate
        case .refuse: throw .refused("no")
        case .unavailable: throw .unavailable("down")
        case .lateNow:
            if let quota { world.state.withLock { $0.set(vm, quota) } }
            throw .unknown("late")
        case .late(let seconds):
            if let quota {
                world.state.withLock { state in
                    let at = state.now.advanced(bySeconds: seconds)
                    state.late.append(World.LateSet(vm: vm, quota: quota, at: at))
                }
            }
            throw .unknown("late")
        case .lost: throw .unknown("lost")
        case .vanish:
            world.state.withLock { $0.quotas[vm] = nil }
            throw .vmGone
        case .restart: throw .generationChanged
        case .hang:
            await withCheckedContinuation { continuation in
                world.state.withLock { $0.hanging.append(continuation) }
            }
            return fate
        }
    }
}
