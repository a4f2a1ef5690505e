internal import HostReaders
internal import Signals

/// All that is read of one VM in each tick, with its descriptors kept open.
final class VMReader {
    /// Ticks between two readings of what changes slowly, and between two attempts to find a lost cgroup again.
    static let rarely: UInt64 = 10

    private let process: QEMUProcess
    private let roots: HostRoots
    private let units = KernelUnits()
    private var cpu: CPUReader
    private var memory: MemoryReader
    private var disk: DiskReader
    private var scheduler = SchedulerReader()
    private var pids: KernelFile
    private let stat: KernelFile
    private let descriptors: DescriptorCount
    private var processTime = Counter()
    private var threads = Reading.missing
    private var files = Reading.missing
    private var mustRelist = true
    private var listed: QEMUThreads?
    private var mustAttach = false

    /// Its cgroups.
    private(set) var cgroups: CgroupPaths
    /// What was read of it outside of the tick.
    var side = SideBoard()
    /// What libvirt said of it last.
    var slow = SlowTier()
    /// Whether it was paused at any time since the last tick.
    var wasPaused = false
    /// The last tick in which somebody attends to it.
    var attendedUntil: UInt64 = 0
    /// Whether its process is gone.
    private(set) var isGone = false

    /// Opens the files of a VM.
    init(_ process: QEMUProcess, mounts: MountTable, roots: HostRoots) {
        self.process = process
        self.roots = roots
        cgroups = CgroupPaths.resolve(pid: process.pid, mounts: mounts, roots: roots)
        cpu = CPUReader(cgroups, units: units)
        memory = MemoryReader(cgroups)
        disk = DiskReader(cgroups, of: process, roots: roots)
        pids = Self.pids(cgroups)
        stat = KernelFile(directory: "\(roots.proc)/\(process.pid)", name: "stat")
        descriptors = DescriptorCount(pid: process.pid, roots: roots)
    }

    /// Why some of its cgroups are not used.
    var problems: [CgroupProblem] { cgroups.problems }

    /// Has the vCPU threads listed anew in the next tick.
    func relist() {
        mustRelist = true
    }

    /// The threads, where they were listed anew since the last call.
    func takeListed() -> QEMUThreads? {
        defer { listed = nil }
        return listed
    }

    /// Writes the signals of a tick.
    func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        guard !isGone else { return }
        context.vanished = false
        if mustAttach, context.tick % Self.rarely == 0 { attach() }
        if mustRelist {
            mustRelist = false
            let threads = QEMUThreads(of: process, cgroups: cgroups, roots: roots)
            cpu.relist(threads, of: process, roots: roots)
            scheduler.relist(threads, of: process, roots: roots)
            listed = threads
        }
        if !cpu.sample(into: &frame, slot, &context) { mustRelist = true }
        memory.sample(into: &frame, slot, &context)
        disk.sample(into: &frame, slot, &context)
        if context.vanished { mustAttach = true }
        scheduler.sample(into: &frame, slot, &context)

        let isDue = context.isTurn(of: slot)
        if isDue || context.vanished || mustRelist || threads.quality == .missing || !cpu.hasGroup || !memory.hasGroup {
            sampleProcess(into: &frame, slot, &context)
            if isGone {
                clear(&frame, slot)
                return
            }
        }
        frame[slot, .qemuThreads] = threads
        frame[slot, .qemuFDs] = files
        threads.age()
        files.age()
        side.write(into: &frame, slot, since: context.previous)
        slow.write(into: &frame, slot, since: context.previous)
    }

    /// Finds the cgroups anew, as after something has moved the process.
    private func attach() {
        let found = CgroupPaths.resolve(pid: process.pid, mounts: MountTable(roots: roots), roots: roots)
        cpu = CPUReader(found, units: units)
        memory = MemoryReader(found)
        disk = DiskReader(found, of: process, roots: roots)
        pids = Self.pids(found)
        cgroups = found
        mustAttach = false
        mustRelist = true
    }

    /// The count of the tasks in a VM's group: those of its helpers (`swtpmd`, `virtiofsd`) too, which the pids controller
    /// limits with it.
    private static func pids(_ cgroups: CgroupPaths) -> KernelFile {
        let file = { (directory: String) in KernelFile(directory: directory, name: "pids.current", isSeldom: true) }
        let unified = cgroups.unified.map(file) ?? KernelFile()
        if unified.isOpen { return unified }
        return cgroups.pids.map(file) ?? KernelFile()
    }

    /// Reads the process itself: whether it lives, its threads and descriptors, and what stands in for cgroups.
    private func sampleProcess(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        context.vanished = false
        guard let now = context.read(stat, { bytes throws(Malformed) in try ProcessStat(bytes) }) else {
            isGone = context.vanished || !stat.isOpen
            return
        }
        guard now.startTicks == process.startTicks else {
            isGone = true
            return
        }
        let tasks = context.read(pids) { bytes throws(Malformed) in try SingleValue(bytes) }?.value
        threads = Reading(Double(tasks ?? now.threads))
        files = descriptors.count().map { Reading(Double($0)) } ?? .notObservable
        if !cpu.hasGroup {
            let ticks = now.userTicks &+ now.systemTicks
            frame[slot, .cpuUsage] = context.rate(&processTime, ticks, scale: 1 / units.ticksPerSecond)
        }
        if !memory.hasGroup { memory.sample(now, units: units, into: &frame, slot, context) }
    }

    /// Takes back what was written of a VM that turned out to be gone.
    private func clear(_ frame: inout Frame, _ slot: VMSlot) {
        for signal in Signal.allCases { frame[slot, signal] = .missing }
    }
}
