internal import HostReaders
internal import Signals

/// The signals of the host itself and of the agent.
struct HostReader: ~Copyable {
    private var cpu: PressureReader
    private var memory: PressureReader
    private var io: PressureReader
    private let load: KernelFile
    /// `cpu.stat` of the root cgroup (v2): the times of all CPUs in a few lines, where `/proc/stat` has one for each CPU.
    private let times: KernelFile
    /// The same from `cpuacct.usage` (v1), where there is no v2 tree; interrupts are not in it.
    private let acctTimes: KernelFile
    private var userTime = Counter()
    private var systemTime = Counter()
    private let own: KernelFile
    private var ownTime = Counter()
    private let units: KernelUnits

    /// Opens the host's files.
    init(roots: HostRoots, units: KernelUnits) {
        cpu = PressureReader(directory: roots.proc + "/pressure", name: "cpu")
        memory = PressureReader(directory: roots.proc + "/pressure", name: "memory")
        io = PressureReader(directory: roots.proc + "/pressure", name: "io")
        load = KernelFile(directory: roots.proc, name: "loadavg")
        own = KernelFile(directory: roots.proc + "/self", name: "stat")
        let trees = MountTable(roots: roots).trees.filter { $0.root == "/" }
        let unified = trees.first { $0.isUnified }
        times = unified.map { KernelFile(directory: $0.mountPoint, name: "cpu.stat") } ?? KernelFile()
        let acct = times.isOpen ? nil : trees.first { $0.controllers.contains("cpuacct") }
        acctTimes = acct.map { KernelFile(directory: $0.mountPoint, name: "cpuacct.usage") } ?? KernelFile()
        self.units = units
    }

    /// Writes the signals of a tick that came `lag` seconds late, where that is known.
    mutating func sample(into frame: inout Frame, _ context: inout TickContext, lag: Double?) {
        context.disturbed = false
        if let lag { frame[host: .agentTickLag] = Reading(max(0, lag)) }
        frame[host: .hostCPUUsage] = usage(&context)
        frame[host: .hostCPUPressure] = cpu.sample(&context).some
        let memory = memory.sample(&context).some
        let io = io.sample(&context).some
        frame[host: .hostMemPressure] = memory
        frame[host: .hostIOPressure] = io
        // A host on which everything is to be read in every tick takes no reading for another.
        context.isMemoryStill = context.calmEvery > 1 && memory == Reading(0)
        context.isStorageStill = context.calmEvery > 1 && io == Reading(0)
        if let load = context.read(load, { bytes throws(Malformed) in try LoadAverage(bytes) }) {
            frame[host: .hostRunQueue] = Reading(Double(load.runnable))
        }
        if let stat = context.read(own, { bytes throws(Malformed) in try ProcessStat(bytes) }) {
            let ticks = stat.userTicks &+ stat.systemTicks
            frame[host: .agentCPU] = context.rate(&ownTime, ticks, scale: 1 / units.ticksPerSecond)
            frame[host: .agentRSS] = Reading(Double(stat.residentPages) * units.pageSize)
        }
    }

    /// Cores in use on the whole host, whoever uses them.
    ///
    /// `usage_usec` of the root cgroup holds time stolen from the host too, which nobody used here.
    private mutating func usage(_ context: inout TickContext) -> Reading {
        if times.isOpen {
            guard let stat = context.read(times, { bytes throws(Malformed) in try CPUStat(bytes) }),
                let user = stat.user, let system = stat.system
            else { return .missing }
            let busy = context.rate(&userTime, user, scale: 1e-9)
            let kernel = context.rate(&systemTime, system, scale: 1e-9)
            guard busy.quality == .ok, kernel.quality == .ok else { return busy.quality == .ok ? kernel : busy }
            return Reading(busy.value + kernel.value)
        }
        guard acctTimes.isOpen else { return .notObservable }
        let bytes = context.read(acctTimes) { bytes throws(Malformed) in try SingleValue(bytes) }
        guard let value = bytes?.value else { return .missing }
        return context.rate(&userTime, value, scale: 1e-9)
    }
}
