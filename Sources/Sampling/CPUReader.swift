internal import HostReaders
internal import Signals

/// The CPU signals of one VM.
///
/// CPU time comes from `cpu.stat` of the v2 tree, which counts also where that tree has no controllers (v1 and hybrid
/// hosts), else from `cpuacct`. Throttling comes from the vCPUs' own groups, and from the VM's group for a quota that
/// holds the whole VM. `cpu.run_delay` is what the kernel counts: time in which a quota holds a vCPU that wants to run is
/// in it as well as in `cpu.throttled`, as the guest feels it.
///
/// Throttling is read in every tick of a VM that has a quota, is throttled or waits, and in every eighth tick of others:
/// a vCPU that nothing holds back is not throttled.
struct CPUReader: ~Copyable {
    private let cpuStat: KernelFile
    private let acctUsage: KernelFile
    private let acctStat: KernelFile
    private let scopeStat: KernelFile
    private var pressure: PressureReader
    private var usage = Counter()
    private var system = Counter()
    private var throttled = Counter()
    private let tickSeconds: Double
    private var vcpus: [VCPUReader] = []
    private var held = Reading.missing

    /// Waiting per vCPU, in seconds a second, up to which throttling is not looked at in every tick.
    static let calmDelay = 0.005

    /// Whether the host gives the VM's CPU time through a cgroup.
    let hasGroup: Bool

    /// Opens the files of a VM.
    init(_ cgroups: CgroupPaths, units: KernelUnits) {
        cpuStat = cgroups.unified.map { KernelFile(directory: $0, name: "cpu.stat") } ?? KernelFile()
        let acct = cpuStat.isOpen ? nil : cgroups.cpuacct
        acctUsage = acct.map { KernelFile(directory: $0, name: "cpuacct.usage") } ?? KernelFile()
        acctStat = acct.map { KernelFile(directory: $0, name: "cpuacct.stat") } ?? KernelFile()
        scopeStat = cgroups.cpu.map { KernelFile(directory: $0, name: "cpu.stat") } ?? KernelFile()
        pressure = PressureReader(directory: cgroups.unified, name: "cpu.pressure")
        tickSeconds = 1 / units.ticksPerSecond
        hasGroup = cpuStat.isOpen || acctUsage.isOpen
    }

    /// Lists the vCPUs anew; those that are still there keep their counters.
    mutating func relist(_ threads: QEMUThreads, of process: QEMUProcess, roots: HostRoots) {
        let old = vcpus
        vcpus = threads.vcpus.map { vcpu in
            old.first { $0.vcpu == vcpu } ?? VCPUReader(vcpu, of: process, roots: roots)
        }
    }

    /// Writes the signals of a tick; `false` where a vCPU is gone and the list must be made anew.
    mutating func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) -> Bool {
        var scope = Reading.notObservable
        var isComplete = true
        if cpuStat.isOpen {
            scope = sampleStat(into: &frame, slot, &context)
        } else if acctUsage.isOpen {
            sampleAcct(into: &frame, slot, &context)
        }
        let pressures = pressure.sample(&context)
        frame[slot, .cpuPressureSome] = pressures.some
        frame[slot, .cpuPressureFull] = pressures.full
        var delays = RateSum()
        for vcpu in vcpus where !vcpu.sampleDelay(&context, &delays) { isComplete = false }
        let delay = delays.mean
        frame[slot, .cpuRunDelay] = delay
        if (scope.trusted ?? 0) > 0 || isHeld(delay, frame, slot) || context.isDue(slot) {
            if !sampleThrottling(scope, frame.vcpus(slot) ?? 1, &context) { isComplete = false }
        }
        frame[slot, .cpuThrottled] = held
        held.age()
        return isComplete
    }

    /// Whether throttling is to be looked at in every tick.
    private func isHeld(_ delay: Reading, _ frame: borrowing Frame, _ slot: VMSlot) -> Bool {
        if held.isUnsettled || held.value > 0 { return true }
        return (delay.trusted ?? 0) > Self.calmDelay || frame.hasQuota(slot)
    }

    /// Reads throttling; `false` where a vCPU's group is gone.
    private mutating func sampleThrottling(_ own: Reading, _ count: Int, _ context: inout TickContext) -> Bool {
        var scope = own
        if scopeStat.isOpen, let stat = context.read(scopeStat, { bytes throws(Malformed) in try CPUStat(bytes) }),
            let time = stat.throttled
        {
            scope = context.rate(&throttled, time, scale: 1e-9)
        }
        var throttling = RateSum()
        var isComplete = true
        for vcpu in vcpus where !vcpu.sampleThrottling(&context, &throttling) { isComplete = false }
        held = Self.joined(throttling.mean, scope, vcpus: count)
        return isComplete
    }

    /// CPU time, its share in the kernel and the group's throttling from one read of `cpu.stat`.
    private mutating func sampleStat(
        into frame: inout Frame,
        _ slot: VMSlot,
        _ context: inout TickContext
    ) -> Reading {
        guard let stat = context.read(cpuStat, { bytes throws(Malformed) in try CPUStat(bytes) }) else {
            frame[slot, .cpuUsage] = Reading(0, context.absence)
            return .missing
        }
        if let time = stat.usage {
            let cores = context.rate(&usage, time, scale: 1e-9)
            frame[slot, .cpuUsage] = cores
            if let time = stat.system {
                frame[slot, .cpuSystemShare] = Self.share(context.rate(&system, time, scale: 1e-9), of: cores)
            }
        }
        return stat.throttled.map { context.rate(&throttled, $0, scale: 1e-9) } ?? .notObservable
    }

    /// CPU time and its share in the kernel from the two files of v1.
    private mutating func sampleAcct(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        var cores = Reading.missing
        if let value = context.read(acctUsage, { bytes throws(Malformed) in try SingleValue(bytes) })?.value {
            cores = context.rate(&usage, value, scale: 1e-9)
        }
        frame[slot, .cpuUsage] = cores
        if let stat = context.read(acctStat, { bytes throws(Malformed) in try CPUAcctStat(bytes) }) {
            frame[slot, .cpuSystemShare] = Self.share(context.rate(&system, stat.system, scale: tickSeconds), of: cores)
        }
    }

    /// The share of kernel time in all CPU time; `missing` below 1 ms/s, where it would be noise.
    static func share(_ system: Reading, of usage: Reading) -> Reading {
        guard let part = system.trusted else { return system }
        guard let whole = usage.trusted else { return usage }
        return whole < 0.001 ? .missing : Reading(min(1, part / whole))
    }

    /// What holds a vCPU: its own quota and its part of a quota on the whole VM.
    private static func joined(_ own: Reading, _ scope: Reading, vcpus: Int) -> Reading {
        guard let shared = scope.trusted else {
            return own.quality == .notObservable ? scope : own
        }
        let part = shared / Double(max(1, vcpus))
        if let held = own.trusted { return Reading(held + part) }
        return own.quality == .notObservable ? Reading(part) : own
    }
}
