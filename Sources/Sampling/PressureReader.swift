internal import HostReaders
internal import Signals

/// The stall times of one resource of a VM or of the host.
struct PressureReader: ~Copyable {
    private let file: KernelFile
    private var some = Counter()
    private var full = Counter()

    /// Opens a PSI file; without a directory, one that is not there.
    init(directory: String?, name: String) {
        file = directory.map { KernelFile(directory: $0, name: name) } ?? KernelFile()
    }

    /// The share of the interval in which some and in which all tasks waited.
    mutating func sample(_ context: inout TickContext) -> (some: Reading, full: Reading) {
        guard let pressure = context.read(file, { bytes throws(Malformed) in try Pressure(bytes) }) else {
            return (Reading(0, context.absence), Reading(0, context.absence))
        }
        let rate = context.rate(&some, pressure.some, scale: 1e-6)
        guard let total = pressure.full else { return (rate, .notObservable) }
        return (rate, context.rate(&full, total, scale: 1e-6))
    }
}
