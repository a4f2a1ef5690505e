internal import HostReaders
internal import Signals

/// The memory signals of one VM.
///
/// `mem.rss` is anonymous and shared memory of the VM's group, without the page cache of its disk images, which grows
/// with any reading and would look like a leak. Memory from huge page pools is charged to no group and not in it.
struct MemoryReader: ~Copyable {
    private let stat: KernelFile
    private let current: KernelFile
    private let events: KernelFile
    private let swap: KernelFile
    private var swapped = Reading.missing
    private var pressure: PressureReader
    private var growth = Level()
    private var faults = Counter()
    private var kills = Counter()

    /// Whether the host gives the VM's memory through a cgroup.
    let hasGroup: Bool

    /// Opens the files of a VM: those of the v2 tree where the memory controller is there, else those of v1.
    init(_ cgroups: CgroupPaths) {
        let unified = cgroups.unified.map { KernelFile(directory: $0, name: "memory.stat") } ?? KernelFile()
        if unified.isOpen {
            stat = unified
            current = cgroups.unified.map { KernelFile(directory: $0, name: "memory.current") } ?? KernelFile()
            events = cgroups.unified.map { KernelFile(directory: $0, name: "memory.events") } ?? KernelFile()
            swap = cgroups.unified.map { KernelFile(directory: $0, name: "memory.swap.current") } ?? KernelFile()
        } else {
            let old = cgroups.memory
            stat = old.map { KernelFile(directory: $0, name: "memory.stat") } ?? KernelFile()
            current = old.map { KernelFile(directory: $0, name: "memory.usage_in_bytes") } ?? KernelFile()
            events = old.map { KernelFile(directory: $0, name: "memory.oom_control") } ?? KernelFile()
            swap = KernelFile()
        }
        pressure = PressureReader(directory: cgroups.unified, name: "memory.pressure")
        hasGroup = stat.isOpen || current.isOpen
    }

    /// Writes the signals of a tick.
    mutating func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        let pressures = pressure.sample(&context)
        frame[slot, .memPressureSome] = pressures.some
        frame[slot, .memPressureFull] = pressures.full
        if !swap.isOpen { swapped = .notObservable }
        if let kinds = context.read(stat, { bytes throws(Malformed) in try MemoryStat(bytes) }) {
            if let bytes = kinds.resident { level(Double(bytes), into: &frame, slot, context) }
            if let bytes = kinds.swapped { swapped = Reading(Double(bytes)) }
            if let count = kinds.majorFaults { frame[slot, .memMajorFaults] = context.rate(&faults, count) }
        } else if let bytes = context.read(current, { bytes throws(Malformed) in try SingleValue(bytes) })?.value {
            level(Double(bytes), into: &frame, slot, context)
        }
        if let seen = context.read(events, { bytes throws(Malformed) in try OOMEvents(bytes) }) {
            frame[slot, .memOOMEvents] = seen.kills.map { context.rate(&kills, $0) } ?? .notObservable
        } else {
            frame[slot, .memOOMEvents] = Reading(0, context.absence)
        }
        sampleSwap(into: &frame, slot, &context)
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
        level(Double(process.residentPages) * units.pageSize, into: &frame, slot, context)
        frame[slot, .memMajorFaults] = context.rate(&faults, process.majorFaults)
    }

    /// Writes the memory held and its growth.
    private mutating func level(
        _ bytes: Double,
        into frame: inout Frame,
        _ slot: VMSlot,
        _ context: borrowing TickContext
    ) {
        frame[slot, .memRSS] = Reading(bytes)
        frame[slot, .memGrowth] = growth.growth(of: bytes, at: context.time, disturbed: context.disturbed)
    }
}
