internal import HostReaders
internal import Signals

/// Cycles per instruction and cache misses of VMs from the CPUs' performance counters, by cgroup
/// (`perf_event_open(2)`, `PERF_FLAG_PID_CGROUP`).
///
/// Each VM that is watched takes three descriptors for each CPU, and the kernel changes the counters whenever the VM
/// comes and goes on a CPU. So only some are watched at once, in turns, and none while the host or the agent is short of
/// CPU. It stops for good where the host has no counters or does not let the agent use them.
final class PerfSource: SharedSource {
    /// Descriptors that all VMs together may take.
    static let descriptors = 1_536
    /// Ticks for which a VM is watched at least.
    static let dwell: UInt64 = 10

    /// CPUs on which counting begins in one tick: each takes the kernel about 60 µs.
    static let opensPerTick = 64

    /// How many VMs are watched at once on a host.
    ///
    /// - Parameters:
    ///   - cpus: CPUs online.
    ///   - descriptors: Descriptors that all VMs together may take.
    /// - Returns: The number; 0 where one VM would take more than all.
    static func capacity(cpus: Int, descriptors: Int = PerfSource.descriptors) -> Int {
        descriptors / (max(1, cpus) * PerfReadout.width)
    }

    /// Why nothing is counted on this host; `nil` where it is, or was not tried yet.
    private(set) var problem: PerfProblem?

    private let events: PerfEvents
    private let roots: HostRoots
    private let cpus: [Int32]
    private let opensPerTick: Int
    private var rotation: WatchRotation
    private var vms: [PerfVM?] = []
    /// Whose turn has begun and who is not counted on all CPUs yet.
    private var opening: VMSlot?

    /// Finds the CPUs and their counters; opens nothing yet.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - events: What to count.
    ///   - descriptors: Descriptors that all VMs together may take.
    ///   - dwell: Ticks for which a VM is watched at least.
    ///   - opensPerTick: CPUs on which counting begins in one tick.
    init(
        roots: HostRoots,
        events: PerfEvents = .hardware,
        descriptors: Int = PerfSource.descriptors,
        dwell: UInt64 = PerfSource.dwell,
        opensPerTick: Int = PerfSource.opensPerTick
    ) {
        self.opensPerTick = max(1, opensPerTick)
        self.roots = roots
        self.events = events
        cpus = CPUList.online(roots)
        rotation = WatchRotation(capacity: Self.capacity(cpus: cpus.count, descriptors: descriptors), dwell: dwell)
        if cpus.isEmpty || (events == .hardware && !PerfEvents.hasCounters(roots)) {
            problem = .noCounters
        } else if rotation.capacity == 0 {
            problem = .exhausted(0)
        }
    }

    /// How many VMs are watched now.
    var watched: Int { rotation.watched }

    func watch(_ vm: WatchedVM) {
        while vms.count <= vm.slot.index { vms.append(nil) }
        let identity = vm.description.record.identity
        if let old = vms[vm.slot.index], old.identity == identity, old.directory == vm.cgroups.perfEvent { return }
        unwatch(vm.slot)
        let new = PerfVM(vm)
        vms[vm.slot.index] = new
        if problem == nil, new.directory != nil { rotation.add(vm.slot) }
    }

    func unwatch(_ slot: VMSlot) {
        guard slot.index < vms.count else { return }
        rotation.remove(slot)
        if opening == slot { opening = nil }
        vms[slot.index] = nil
    }

    func shed(_ isUnderLoad: Bool) {
        rotation.isShedding = isUnderLoad
    }

    func sample(into frame: inout Frame, _ context: inout TickContext) {
        if problem == nil { turn(context.tick) }
        for index in vms.indices {
            guard let vm = vms[index] else { continue }
            let slot = VMSlot(index)
            guard problem == nil, vm.directory != nil else {
                frame[slot, .perfCPI] = .notObservable
                frame[slot, .perfLLCMissRate] = .notObservable
                continue
            }
            vm.note(disturbed: context.isDisturbed(slot))
            vm.sample(into: &frame, slot, &context)
        }
    }

    /// Lets one VM's turn end and another's begin, and now and then looks whether cgroups have moved.
    private func turn(_ tick: UInt64) {
        if tick % VMReader.rarely == 0 { follow() }
        if opening == nil || rotation.isShedding {
            let change = rotation.step(at: tick)
            if let slot = change.leaves {
                vms[slot.index]?.close()
                if opening == slot { opening = nil }
            }
            if let slot = change.enters { opening = slot }
        }
        guard !rotation.isShedding, let slot = opening, let vm = vms[slot.index] else { return }
        do {
            try vm.open(events, on: cpus, most: opensPerTick)
            if vm.isOpen { opening = nil }
        } catch {
            opening = nil
            refuse(error, vm, slot)
        }
    }

    /// Takes note of why a VM cannot be counted.
    private func refuse(_ error: PerfProblem, _ vm: PerfVM, _ slot: VMSlot) {
        if error.isOfHost {
            stop(error)
            return
        }
        guard case .exhausted = error else {
            rotation.remove(slot)
            vm.directory = nil
            return
        }
        rotation.refuse(slot)
        if rotation.capacity == 0 { stop(error) }
    }

    /// Gives all counters back for good.
    private func stop(_ error: PerfProblem) {
        problem = error
        for vm in vms { vm?.close() }
    }

    /// Finds the cgroup of a VM anew where it is gone: its counters would stand still and look like an idle VM.
    private func follow() {
        for index in vms.indices {
            guard let vm = vms[index], vm.isLost else { continue }
            vm.close()
            rotation.remove(VMSlot(index))
            if opening == VMSlot(index) { opening = nil }
            vm.directory = CgroupPaths.resolve(pid: vm.pid, mounts: MountTable(roots: roots), roots: roots).perfEvent
            if vm.directory != nil { rotation.add(VMSlot(index)) }
        }
    }
}
