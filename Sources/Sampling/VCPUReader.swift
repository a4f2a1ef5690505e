internal import HostReaders
internal import Signals

/// The counters of one vCPU: how long its thread waited, and how long a quota held it.
final class VCPUReader {
    /// Which thread this is.
    let vcpu: QEMUThreads.VCPU
    private let schedstat: KernelFile
    private let cpuStat: KernelFile
    private var delay = Counter()
    private var throttled = Counter()

    /// Opens the files of a vCPU thread of a process.
    init(_ vcpu: QEMUThreads.VCPU, of process: QEMUProcess, roots: HostRoots) {
        self.vcpu = vcpu
        schedstat = KernelFile(directory: "\(roots.proc)/\(process.pid)/task/\(vcpu.tid)", name: "schedstat")
        cpuStat = vcpu.directory.map { KernelFile(directory: $0, name: "cpu.stat") } ?? KernelFile()
    }

    /// Reads how long the thread waited; `false` where it is gone.
    func sampleDelay(_ context: inout TickContext, _ delays: inout RateSum) -> Bool {
        let before = context.vanished
        context.vanished = false
        defer { context.vanished = before }
        if let stat = context.read(schedstat, { bytes throws(Malformed) in try SchedStat(bytes) }) {
            delays.add(context.rate(&delay, stat.runDelay, scale: 1e-9))
        } else {
            delays.add(Reading(0, context.absence))
        }
        return !context.vanished
    }

    /// Reads how long a quota held it; `false` where its group is gone.
    func sampleThrottling(_ context: inout TickContext, _ throttling: inout RateSum) -> Bool {
        let before = context.vanished
        context.vanished = false
        defer { context.vanished = before }
        if let stat = context.read(cpuStat, { bytes throws(Malformed) in try CPUStat(bytes) }) {
            if let time = stat.throttled { throttling.add(context.rate(&throttled, time, scale: 1e-9)) }
        } else {
            throttling.add(Reading(0, context.absence))
        }
        return !context.vanished
    }
}
