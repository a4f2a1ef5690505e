internal import HostReaders
internal import Signals

/// Cache and memory bandwidth of VMs from resctrl: a monitoring group for each (`filesystems/resctrl`).
///
/// All threads of a VM are put into one group of Quell's own in the control group that they are in, and again whenever
/// they are listed anew; threads that are made later inherit it. Groups of others are left alone: a VM that libvirt
/// monitors is read in libvirt's group. Groups of starts before are taken over, so that their ids are not lost to the
/// kernel's limbo, or removed once they are empty or nobody's.
///
/// Who moves a thread to another control group, as Quell does to hold a VM back, takes it out of its monitoring group.
/// Such a VM is given a group below the other control group and counted anew there; what its old group says after the
/// move is not told. Where the kernel does not tell which group a thread is in (before Linux 5.6) the move is seen when
/// the threads are listed anew; Quell itself moves none there.
///
/// Each file that is read interrupts a CPU of its domain, so the reads of a tick are bounded and the VMs take turns.
final class ResctrlSource: SharedSource {
    /// Files read in a tick.
    static let readsPerTick = 768
    /// Ticks between two attempts to make a group that found no id, and until groups of the past that are nobody's go.
    static let patience: UInt64 = 60

    /// Where the file system is mounted; `nil` where nothing can be monitored.
    let tree: ResctrlTree?
    let info: ResctrlInfo
    let kernel: any ResctrlKernel
    let roots: HostRoots
    /// Whether the kernel lets the agent make groups and move threads, as far as is known.
    var mayChange = true

    private var vms: [ResctrlVM?] = []
    private var cursor = 0
    private let attachesPerTick: Int
    private var attaches = 0
    /// Whether a VM's threads are still to be looked for.
    var hasWaiting = false
    private var sweepTick: UInt64?

    /// Finds the file system and removes the groups of the past that are empty.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - kernel: Who makes groups and moves threads.
    ///   - attachesPerTick: VMs whose threads are looked up and moved in one tick; others wait, so that the start on a
    ///     host full of VMs does not hold up the tick.
    init(roots: HostRoots, kernel: any ResctrlKernel = MountedResctrl(), attachesPerTick: Int = 16) {
        self.attachesPerTick = attachesPerTick
        self.roots = roots
        self.kernel = kernel
        let tree = MountTable(roots: roots).resctrl.map { ResctrlTree(mountPoint: $0) }
        info = tree.map { ResctrlInfo(mountPoint: $0.mountPoint) } ?? ResctrlInfo()
        let isMonitoring = info.rmids > 0 && !info.features.isDisjoint(with: ResctrlInfo.events)
        self.tree = isMonitoring ? tree : nil
        if let tree = self.tree { tree.sweep(kernel) { tree.threads(in: $0).isEmpty } }
    }

    func watch(_ vm: WatchedVM) {
        while vms.count <= vm.slot.index { vms.append(nil) }
        if let old = vms[vm.slot.index] {
            if old.identity == vm.description.record.identity, old.pid == vm.description.pid { return }
            release(old)
        }
        vms[vm.slot.index] = ResctrlVM(vm.description)
    }

    func list(_ threads: QEMUThreads, of slot: VMSlot) {
        guard slot.index < vms.count, let vm = vms[slot.index] else { return }
        vm.threads = threads
        guard attaches < attachesPerTick else {
            vm.mustAttach = true
            hasWaiting = true
            return
        }
        attaches += 1
        attach(vm)
    }

    func unwatch(_ slot: VMSlot) {
        guard slot.index < vms.count, let vm = vms[slot.index] else { return }
        release(vm)
        vms[slot.index] = nil
    }

    func sample(into frame: inout Frame, _ context: inout TickContext) {
        attaches = 0
        if tree != nil { tend(context.tick) }
        var reads = Self.readsPerTick
        var next = cursor
        for offset in vms.indices {
            let index = (cursor + offset) % vms.count
            guard let vm = vms[index] else { continue }
            let slot = VMSlot(index)
            guard tree != nil else {
                vm.coverage = .refused
                vm.write(into: &frame, slot)
                continue
            }
            vm.note(disturbed: context.isDisturbed(slot))
            if vm.coverage == .whole, reads > 0 {
                if !vm.sample(into: &frame, slot, &context) { lose(vm) }
                reads -= vm.domains.count * 3
                if reads <= 0 { next = (index + 1) % vms.count }
            } else {
                vm.write(into: &frame, slot)
            }
        }
        cursor = next
    }

    /// Does what is due only now and then: opens files that went, tries one VM that found no id, and removes groups of
    /// the past that are nobody's.
    private func tend(_ tick: UInt64) {
        guard let tree else { return }
        if hasWaiting { catchUp() }
        if tick % VMReader.rarely == 0 {
            for vm in vms where vm?.mustReopen == true { vm?.reopen(tree, features: info.features) }
        }
        let due = sweepTick ?? (tick &+ Self.patience)
        sweepTick = due
        if tick == due {
            let inUse = Set(vms.compactMap { $0?.groupName })
            tree.sweep(kernel) { !inUse.contains($0.monitor ?? "") }
        }
        if tick % Self.patience == 0, let waiting = vms.first(where: { $0?.coverage == .full }), let vm = waiting {
            attach(vm)
        }
    }

    /// Attaches VMs that found no time in the ticks before.
    private func catchUp() {
        for vm in vms {
            guard let vm, vm.mustAttach else { continue }
            guard attaches < attachesPerTick else { return }
            attaches += 1
            attach(vm)
        }
        hasWaiting = vms.contains { $0?.mustAttach == true }
    }

    /// Removes the groups of a VM that is not watched any longer.
    private func release(_ vm: ResctrlVM) {
        guard let tree else { return }
        for place in vm.owned { _ = kernel.removeGroup(tree.directory(of: place)) }
        vm.owned = []
    }
}
