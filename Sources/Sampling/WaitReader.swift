internal import HostReaders
internal import Signals

/// How long one emulator or I/O thread waited for a CPU.
final class WaitReader {
    /// The thread.
    let thread: Int32
    private let file: KernelFile
    private var counter = Counter()
    private var timeslices: UInt64 = 0

    /// Finds the file of a thread.
    init(_ thread: Int32, of process: QEMUProcess, roots: HostRoots) {
        self.thread = thread
        let directory = "\(roots.proc)/\(process.pid)/task/\(thread)"
        file = KernelFile(directory: directory, name: "schedstat", isSeldom: true)
    }

    /// Reads the counters and adds the rate of a thread that ran or waited; `false` where it did neither, since a thread
    /// that only sleeps would hide what the others suffer.
    func add(to mean: inout RateSum, _ context: inout TickContext, disturbed: Bool) -> Bool {
        guard let stat = context.read(file, { bytes throws(Malformed) in try SchedStat(bytes) }) else {
            mean.add(Reading(0, context.absence))
            return true
        }
        let slept = stat.timeslices == timeslices
        timeslices = stat.timeslices
        let longest = SchedulerReader.longest
        let rate = counter.rate(
            of: stat.runDelay,
            at: context.time,
            scale: 1e-9,
            disturbed: disturbed,
            longest: longest
        )
        if slept, rate == Reading(0) { return false }
        mean.add(rate)
        return true
    }
}
