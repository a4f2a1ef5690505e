internal import HostReaders
internal import Signals

/// How often one vCPU was moved to another CPU.
final class MoveReader {
    /// The thread.
    let thread: Int32
    private let file: KernelFile
    private var counter = Counter()

    /// Finds the file of a thread.
    init(_ thread: Int32, of process: QEMUProcess, roots: HostRoots) {
        self.thread = thread
        file = KernelFile(directory: "\(roots.proc)/\(process.pid)/task/\(thread)", name: "sched", isSeldom: true)
    }

    /// Reads the counter and adds its rate.
    func add(to sum: inout RateSum, _ context: inout TickContext, disturbed: Bool) {
        guard let moves = context.read(file, { bytes throws(Malformed) in try MigrationCount(bytes) }) else {
            sum.add(Reading(0, context.absence))
            return
        }
        let longest = SchedulerReader.longest
        sum.add(counter.rate(of: moves.count, at: context.time, disturbed: disturbed, longest: longest))
    }
}
