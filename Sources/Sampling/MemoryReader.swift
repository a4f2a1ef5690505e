internal import HostReaders
internal import Signals

/// The memory signals of one VM.
///
/// `mem.rss` is anonymous and shared memory of the VM's group, without the page cache of its disk images, which grows
/// with any reading and would look like a leak. Memory from huge page pools is charged to no group and not in it.
///
/// Pressure is read in every tick. `memory.stat` costs as much as all else together, so it and the group's events are
/// read in every tick only while the VM's memory stirs (pressure, growth, faults, kills) or somebody attends to it, and
/// in every eighth tick while it is calm.
struct MemoryReader: ~Copyable {
    /// Growth in bytes a second, either way, up to which memory counts as calm.
    static let calmGrowth = 1_048_576.0

    private let stat: KernelFile
    private let current: KernelFile
    private let events: KernelFile
    private let swap: KernelFile
    private var swapped = Reading.missing
    private var pressure: PressureReader
    private var resident = Reading.missing
    private var grown = Reading.missing
    private var faulted = Reading.missing
    private var killed = Reading.missing
    private var growth = Level()
    private var faults = Counter()
    private var kills = Counter()

    /// Whether the host gives the VM's memory through a cgroup.
    let hasGroup: Bool

    /// Opens the files of a VM: those of the v2 tree where the memory controller is there, else those of v1.
    init(_ cgroups: CgroupPaths) {
        let unified = cgroups.unified.map { KernelFile(directory: $0, name: "memory.stat") } ?? KernelFile()
        let isUnified = unified.isOpen || cgroups.memory == nil
        let directory = isUnified ? cgroups.unified : cgroups.memory
        let file = { (name: String) in directory.map { KernelFile(directory: $0, name: name) } ?? KernelFile() }
        stat = isUnified ? unified : file("memory.stat")
        current = stat.isOpen ? KernelFile() : file(isUnified ? "memory.current" : "memory.usage_in_bytes")
        events = file(isUnified ? "memory.events" : "memory.oom_control")
        let swapFile = "memory.swap.current"
        let swapDirectory = isUnified ? directory : nil
        swap = swapDirectory.map { KernelFile(directory: $0, name: swapFile, isSeldom: true) } ?? KernelFile()
        pressure = PressureReader(directory: cgroups.unified, name: "memory.pressure")
        hasGroup = stat.isOpen || current.isOpen
    }

    /// Writes the signals of a tick.
    mutating func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        let pressures = pressure.sample(&context, isStill: context.isMemoryStill)
        frame[slot, .memPressureSome] = pressures.some
        frame[slot, .memPressureFull] = pressures.full
        if hasGroup || events.isOpen {
            if context.isDue(slot) || isStirring(pressures.some) { read(&context) }
            frame[slot, .memRSS] = resident
            frame[slot, .memGrowth] = grown
            frame[slot, .memMajorFaults] = faulted
            resident.age()
            grown.age()
            faulted.age()
        }
        if !events.isOpen { killed = .notObservable }
        frame[slot, .memOOMEvents] = killed
        killed.age()
        sampleSwap(into: &frame, slot, &context)
    }

    /// Whether the group is to be looked at in every tick.
    private func isStirring(_ pressure: Reading) -> Bool {
        if (pressure.trusted ?? 0) > 0 || grown.isUnsettled { return true }
        return abs(grown.value) > Self.calmGrowth || faulted.value > 0 || killed.value > 0
    }

    /// Reads the group.
    ///
    /// The total, page cache included, stands in where the kernel gives no kinds; never for a single tick in which the
    /// kinds cannot be read, which would look like growth.
    private mutating func read(_ context: inout TickContext) {
        resident = .missing
        grown = .missing
        faulted = .missing
        if !swap.isOpen { swapped = .notObservable }
        if let kinds = context.read(stat, { bytes throws(Malformed) in try MemoryStat(bytes) }) {
            if let bytes = kinds.resident { level(Double(bytes), context) }
            if let bytes = kinds.swapped { swapped = Reading(Double(bytes)) }
            if let count = kinds.majorFaults { faulted = context.rate(&faults, count) }
        } else if !stat.isOpen,
            let bytes = context.read(current, { bytes throws(Malformed) in try SingleValue(bytes) })?.value
        {
            level(Double(bytes), context)
        }
        if let seen = context.read(events, { bytes throws(Malformed) in try OOMEvents(bytes) }) {
            killed = seen.kills.map { context.rate(&kills, $0) } ?? .notObservable
        } else {
            killed = Reading(0, context.absence)
        }
    }

    /// Writes the memory that the host has swapped out; v2 has a file for it, read every tenth tick.
    private mutating func sampleSwap(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        if swap.isOpen, swapped.quality == .missing || context.isTurn(of: slot) {
            let bytes = context.read(swap) { bytes throws(Malformed) in try SingleValue(bytes) }?.value
            swapped = bytes.map { Reading(Double($0)) } ?? Reading(0, context.absence)
        }
        frame[slot, .memSwapHeld] = swapped
        swapped.age()
    }

    /// Writes the signals of a VM without a memory cgroup from its process.
    mutating func sample(
        _ process: ProcessStat,
        units: KernelUnits,
        into frame: inout Frame,
        _ slot: VMSlot,
        _ context: borrowing TickContext
    ) {
        level(Double(process.residentPages) * units.pageSize, context)
        frame[slot, .memRSS] = resident
        frame[slot, .memGrowth] = grown
        frame[slot, .memMajorFaults] = context.rate(&faults, process.majorFaults)
    }

    /// Takes the memory held and its growth.
    private mutating func level(_ bytes: Double, _ context: borrowing TickContext) {
        resident = Reading(bytes)
        grown = growth.growth(of: bytes, at: context.time, disturbed: context.disturbed)
    }
}
