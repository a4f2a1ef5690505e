/// Run and wait times of one thread, from `/proc/<pid>/task/<tid>/schedstat` (`scheduler/sched-stats`).
///
/// The wait is time that the thread was ready to run and did not: what a guest sees as steal.
public struct SchedStat: Equatable, Sendable {
    /// Nanoseconds on a CPU.
    public var runTime: UInt64
    /// Nanoseconds ready and waiting for a CPU.
    public var runDelay: UInt64
    /// Times it was put on a CPU.
    public var timeslices: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is not three numbers.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        guard let runTime = Scan.field(bytes, &index),
            let runDelay = Scan.field(bytes, &index),
            let timeslices = Scan.field(bytes, &index)
        else { throw Malformed(at: 0) }
        self.runTime = runTime
        self.runDelay = runDelay
        self.timeslices = timeslices
    }
}
