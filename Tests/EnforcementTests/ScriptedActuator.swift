import Enforcement
import Signals
import Synchronization

/// A hypervisor that follows the world's script.
struct ScriptedActuator: Actuator {
    let world: World

    func parts(of vm: VMIdentity) async throws(ActuatorError) -> VMParts {
        try await look(.parts, of: vm) { state in state.guests[vm]?.parts }
    }

    func read(_ knob: Knob, of vm: VMIdentity) async throws(ActuatorError) -> Setting {
        let setting = try await look(.knob(knob), of: vm) { state in
            state.seen(vm, knob)
            return knob.isOfHost || state.guests[vm] != nil ? .some(state.setting(vm, knob)) : nil
        }
        guard let setting else { throw .partGone(knob.rawValue) }
        return setting
    }

    func mark(of vm: VMIdentity) async throws(ActuatorError) -> String? {
        try await look(.mark, of: vm) { state in state.guests[vm].map(\.mark) }
    }

    func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) async throws(ActuatorError) {
        try await change(.knob(knob), .setting(knob, setting), of: vm) { state in
            if let text = state.refused[knob] { return .refused(text) }
            return state.setting(vm, knob) == nil ? .partGone(knob.rawValue) : nil
        }
    }

    func setMark(_ text: String?, of vm: VMIdentity) async throws(ActuatorError) {
        try await change(.mark, .mark(text), of: vm) { _ in nil }
    }

    func plan(
        _ knob: Knob,
        share: Double,
        of before: Setting,
        for vm: VMIdentity
    ) async throws(ActuatorError) -> Setting {
        switch before {
        case .milliwatts(let value): return .milliwatts(UInt64(share * Double(value)))
        case .clocks(let clocks):
            return .clocks(GPUClocks(memory: clocks.memory, graphics: UInt32(share * Double(clocks.graphics))))
        default: throw .refused("\(knob) is not set to a share")
        }
    }

    /// A call that changes nothing.
    private func look<Value: Sendable>(
        _ thing: World.Thing,
        of vm: VMIdentity,
        _ body: (inout World.State) -> Value?
    ) async throws(ActuatorError) -> Value {
        let fate = try await enter(vm, thing, nil)
        guard fate == .live else { throw .unavailable("dead") }
        let value = world.edit { state -> Result<Value, ActuatorError> in
            state.reads += 1
            return body(&state).map { .success($0) } ?? .failure(state.absence(of: vm))
        }
        return try value.get()
    }

    /// A call that changes something, unless there is a reason against it.
    private func change(
        _ thing: World.Thing,
        _ change: World.Change,
        of vm: VMIdentity,
        _ obstacle: (World.State) -> ActuatorError?
    ) async throws(ActuatorError) {
        let fate = try await enter(vm, thing, change)
        let error = world.edit { state -> ActuatorError? in
            if !thing.isOfHost, state.guests[vm] == nil { return state.absence(of: vm) }
            if let error = obstacle(state) { return error }
            // Half: the request is on its way and libvirt carries it out a little later.
            if fate == .dieHalf { state.make(change, of: vm, in: 25) } else { state.make(change, of: vm) }
            return nil
        }
        guard fate == .live else { throw .unavailable("dead") }
        if let error { throw error }
    }

    /// Counts the step and makes the scripted fault happen.
    private func enter(
        _ vm: VMIdentity,
        _ thing: World.Thing,
        _ change: World.Change?
    ) async throws(ActuatorError) -> World.Fate {
        let fate = world.enter()
        if fate == .dead { throw .unavailable("dead") }
        let fault = world.edit { $0.nextFault(thing) }
        switch fault {
        case nil: return fate
        case .refuse: throw .refused("no")
        case .unavailable: throw .unavailable("down")
        case .lateNow:
            if let change { world.edit { $0.make(change, of: vm) } }
            throw .unknown("late")
        case .late(let seconds):
            if let change { world.edit { $0.make(change, of: vm, in: seconds) } }
            throw .unknown("late")
        case .lost: throw .unknown("lost")
        case .vanish:
            world.depart(vm)
            if thing.isOfHost { return fate }
            throw .vmGone
        case .restart:
            world.restart(vm)
            if thing.isOfHost { return fate }
            throw .generationChanged
        case .partGone:
            guard case .knob(let knob) = thing, let part = knob.part else { throw .refused("no") }
            world.unplug(vm, part)
            throw .partGone(part)
        case .hang:
            await withCheckedContinuation { continuation in
                world.edit { $0.hanging.append(continuation) }
            }
            return fate
        }
    }
}

extension World.Thing {
    /// Whether it is of a whole GPU and there without the VM.
    var isOfHost: Bool {
        if case .knob(let knob) = self { return knob.isOfHost }
        return false
    }
}

extension World.State {
    /// Why a VM is not there.
    func absence(of vm: VMIdentity) -> ActuatorError {
        guests.keys.contains { $0.uuid == vm.uuid } ? .generationChanged : .vmGone
    }
}
