/// PCIe errors of one grade that a device has reported, from one of its files `aer_dev_correctable`, `aer_dev_nonfatal`
/// and `aer_dev_fatal` (`ABI/testing/sysfs-bus-pci-devices-aer`).
///
/// The kernel counts in memory as errors are reported, so that reading touches no hardware. The last line holds the sum
/// of the others.
public struct AERTotal: Equatable, Sendable {
    /// Errors since the device was found.
    public var count: UInt64

    /// The files of a device.
    public static let files = ["aer_dev_correctable", "aer_dev_nonfatal", "aer_dev_fatal"]

    /// Reads one of the files.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it has no line with a sum.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        while index < bytes.count {
            let start = index
            let isTotal =
                Scan.word("TOTAL_ERR_COR", Scan.space, bytes, &index)
                || Scan.word("TOTAL_ERR_NONFATAL", Scan.space, bytes, &index)
                || Scan.word("TOTAL_ERR_FATAL", Scan.space, bytes, &index)
            if isTotal {
                guard let total = Scan.field(bytes, &index) else { throw Malformed(at: start) }
                count = total
                return
            }
            Scan.skipLine(bytes, &index)
        }
        throw Malformed(at: 0)
    }
}
