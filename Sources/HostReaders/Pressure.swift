/// Stall times from a PSI file, `*.pressure` of a cgroup or `/proc/pressure/*` (`accounting/psi`).
///
/// Only the `total` fields are read: their difference over a tick is exact, while `avg10` lags by seconds.
public struct Pressure: Equatable, Sendable {
    /// Microseconds in which at least one task waited.
    public var some: UInt64
    /// Microseconds in which all tasks waited; `nil` where the kernel gives no such line (CPU before Linux 5.13).
    public var full: UInt64?

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a line is malformed or `some` is missing.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        guard Scan.word("some", Scan.space, bytes, &index) else { throw Malformed(at: 0) }
        some = try Self.total(bytes, &index)
        if Scan.word("full", Scan.space, bytes, &index) { full = try Self.total(bytes, &index) }
    }

    /// Finds `total=` in the rest of a line and reads its number; passes the line.
    private static func total(_ bytes: Span<UInt8>, _ index: inout Int) throws(Malformed) -> UInt64 {
        let start = index
        while index < bytes.count, bytes[index] != Scan.newline {
            if Scan.word("total", Scan.equals, bytes, &index) {
                guard let value = Scan.field(bytes, &index) else { throw Malformed(at: start) }
                Scan.skipLine(bytes, &index)
                return value
            }
            index += 1
        }
        throw Malformed(at: start)
    }
}
