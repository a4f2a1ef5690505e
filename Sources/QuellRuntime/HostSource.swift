import Sampling
public import Signals

/// The sampler as what makes the frames of a real host.
public final class HostSource: FrameSource {
    /// The sampler.
    let sampler: HostSampler
    private var load = LoadGauge()

    /// A source over a sampler.
    ///
    /// - Parameter sampler: The sampler, now its own.
    init(_ sampler: HostSampler) {
        self.sampler = sampler
    }

    /// The frame of the last tick.
    public var frame: Frame { sampler.frame }

    /// Reads everything anew; VMs whose process is gone leave the frame even where libvirt cannot tell it.
    ///
    /// - Parameters:
    ///   - time: The moment of the tick.
    ///   - lag: Seconds by which the tick began late, where that is known.
    public func tick(at time: MonotonicTime, lag: Double?) {
        for vm in sampler.vanished { sampler.remove(vm) }
        if load.note(lag) { sampler.shed(load.isUnderLoad) }
        sampler.tick(at: time, lag: lag)
    }

    /// Has everything of a VM read in the next ticks.
    ///
    /// - Parameter slot: Its row in the frame.
    public func attend(_ slot: VMSlot) { sampler.attend(slot) }

    /// Notes that Quell holds a VM back.
    ///
    /// - Parameter order: What is in force.
    public func hold(_ order: HoldOrder) {
        edit(order.vm) { $0.hold(order) }
    }

    /// Notes that Quell holds a VM back no more over a contention.
    ///
    /// - Parameter key: The hold that is over.
    public func letGo(_ key: HoldKey) {
        edit(key.vm) { $0.letGo(key.contention) }
    }

    private func edit(_ vm: VMIdentity, _ change: (inout VMRecord) -> Void) {
        guard let slot = sampler.frame.slot(of: vm), var record = sampler.frame[record: slot] else { return }
        change(&record)
        sampler.update(record)
    }

    /// Notes where VMs lie; those that are gone are passed over.
    ///
    /// - Parameter places: Where each lies.
    func place(_ places: [(vm: VMIdentity, scope: VMScope)]) {
        for (vm, scope) in places { edit(vm) { $0.scope = scope } }
    }

    /// Makes the sampler watch exactly the VMs that it should.
    func apply(_ change: Inventory) {
        for vm in change.removes { sampler.remove(vm) }
        for vm in change.adds { sampler.add(vm) }
        for var vm in change.updates {
            // What Quell holds it to is known here alone.
            let slot = sampler.frame.slot(of: vm.record.identity)
            vm.record.takeHolds(from: slot.flatMap { sampler.frame[record: $0] })
            sampler.update(vm)
        }
    }
}
