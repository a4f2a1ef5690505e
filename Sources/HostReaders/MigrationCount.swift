/// How often a thread was moved to another CPU, from `/proc/<pid>/task/<tid>/sched`.
///
/// The file is there with `CONFIG_SCHED_DEBUG` and, since Linux 6.15, always. It has some forty lines for this one number,
/// but nothing cheaper tells it.
public struct MigrationCount: Equatable, Sendable {
    /// Moves since the thread began.
    public var count: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where the line is missing or malformed.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        // The first line begins with the thread's name, which is too short to hold the one looked for.
        while index < bytes.count {
            let start = index
            if Scan.word("se.nr_migrations", Scan.space, bytes, &index) {
                Scan.skipBlanks(bytes, &index)
                guard Scan.at(Scan.colon, bytes, index) else { throw Malformed(at: start) }
                index += 1
                guard let value = Scan.field(bytes, &index) else { throw Malformed(at: start) }
                count = value
                return
            }
            Scan.skipLine(bytes, &index)
        }
        throw Malformed(at: 0)
    }
}
