import Signals

@testable import Enforcement

extension World {
    /// What a call of the hypervisor is about.
    enum Thing: Hashable, Sendable {
        case parts
        case knob(Knob)
        case mark
    }

    /// What a call of the hypervisor is to do instead.
    enum Fault: Equatable, Sendable {
        case refuse
        case unavailable
        /// The deadline passes and the change is made all the same.
        case lateNow
        /// The deadline passes and the change is made some seconds later.
        case late(seconds: Double)
        /// The deadline passes and the change is never made.
        case lost
        /// The VM ends.
        case vanish
        /// It runs as another start of it.
        case restart
        /// The call waits until ``World/unhang()``.
        case hang
        /// The disk, the interface or the GPU was taken off.
        case partGone
    }

    /// A change of a VM.
    enum Change: Sendable {
        case setting(Knob, Setting)
        case mark(String?)
    }

    /// A change that happens some time after it was asked for.
    struct LateChange: Sendable {
        var vm: VMIdentity
        var what: Change
        var at: MonotonicTime
    }

    /// The next calls of the hypervisor fail like this, one each.
    func script(_ faults: [Fault]) { edit { $0.faults = faults } }

    /// Disk and hypervisor do as they are told again.
    func mend() { edit { $0.mend() } }

    /// The next calls for a knob or for the mark fail like this, one each; `nil` for one that goes well.
    func script(_ thing: Thing, _ faults: [Fault?]) { edit { $0.faultsAt[thing] = faults } }
}

extension World.State {
    /// Makes a change, whether the VM still is there or not.
    mutating func make(_ change: World.Change, of vm: VMIdentity) {
        switch change {
        case .setting(let knob, let setting): set(vm, knob, setting)
        case .mark(let text): set(vm, mark: text)
        }
    }

    /// Makes a change some seconds from now.
    mutating func make(_ change: World.Change, of vm: VMIdentity, in seconds: Double) {
        late.append(World.LateChange(vm: vm, what: change, at: now.advanced(bySeconds: seconds)))
    }

    /// Disk and hypervisor do as they are told again.
    mutating func mend() {
        diskFaults = [:]
        diskFault = nil
        faults = []
        faultsAt = [:]
        faultAt = [:]
        outage = nil
        refused = [:]
        acts = [:]
    }

    /// The fault of the call that is made now.
    mutating func nextFault(_ thing: World.Thing) -> World.Fault? {
        if let fault = faultAt.removeValue(forKey: step) { return fault }
        if let outage, outage.from <= step { return outage.fault }
        if var faults = faultsAt[thing], !faults.isEmpty {
            defer { faultsAt[thing] = faults }
            return faults.removeFirst()
        }
        if goodCalls > 0 {
            goodCalls -= 1
            return nil
        }
        return faults.isEmpty ? nil : faults.removeFirst()
    }
}
