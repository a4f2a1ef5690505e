internal import HostReaders
internal import Signals

/// The signals of the host itself and of the agent.
struct HostReader: ~Copyable {
    private var cpu: PressureReader
    private var memory: PressureReader
    private var io: PressureReader
    private let load: KernelFile
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
        self.units = units
    }

    /// Writes the signals of a tick that came `lag` seconds late, where that is known.
    mutating func sample(into frame: inout Frame, _ context: inout TickContext, lag: Double?) {
        context.disturbed = false
        if let lag { frame[host: .agentTickLag] = Reading(max(0, lag)) }
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
}
