/// Where a thread may run and its memory may lie, from `/proc/<pid>/task/<tid>/status`.
///
/// `Cpus_allowed_list` is what affinity and cpusets leave, `Mems_allowed_list` what cpusets leave (`proc_pid_status(5)`).
public struct AllowedPlaces: Equatable, Sendable {
    /// CPUs, sorted; empty where the file does not tell.
    public var cpus: [UInt32] = []
    /// NUMA nodes, sorted; empty where the file does not tell.
    public var nodes: [UInt32] = []

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a list is malformed, or there is none of CPUs.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        // The first line has the thread's name, which is too short to hold what is looked for.
        while index < bytes.count {
            let start = index
            if Scan.word("Cpus_allowed_list", Scan.colon, bytes, &index) {
                cpus = try Self.list(bytes, &index)
            } else if Scan.word("Mems_allowed_list", Scan.colon, bytes, &index) {
                nodes = try Self.list(bytes, &index)
            }
            if index == start { Scan.skipLine(bytes, &index) }
        }
        guard !cpus.isEmpty else { throw Malformed(at: 0) }
    }

    /// Reads the list of a line, and passes its newline.
    private static func list(_ bytes: Span<UInt8>, _ index: inout Int) throws(Malformed) -> [UInt32] {
        Scan.skipBlanks(bytes, &index)
        let numbers = try CPUList.read(bytes, &index)
        index += 1
        return Set(numbers.map { UInt32($0) }).sorted()
    }
}
