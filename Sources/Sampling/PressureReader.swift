internal import HostReaders
internal import Signals

/// The stall times of one resource of a VM or of the host.
struct PressureReader: ~Copyable {
    private let file: KernelFile
    private var some = Counter()
    private var full = Counter()
    private var isKnown = false
    private var hasFull = false

    /// Opens a PSI file; without a directory, one that is not there.
    init(directory: String?, name: String) {
        file = directory.map { KernelFile(directory: $0, name: name) } ?? KernelFile()
    }

    /// The share of the interval in which some and in which all tasks waited.
    ///
    /// - Parameters:
    ///   - context: The tick.
    ///   - isStill: Whether nobody on the whole host has waited since the tick before. The host's time counts whenever a
    ///     group's does (`accounting/psi`), so the group's is what it was and need not be read.
    /// - Returns: Both shares, in seconds a second.
    mutating func sample(_ context: inout TickContext, isStill: Bool = false) -> (some: Reading, full: Reading) {
        if isStill, isKnown {
            let rate = some.stillRate(at: context.time, disturbed: context.disturbed)
            return (rate, hasFull ? full.stillRate(at: context.time, disturbed: context.disturbed) : .notObservable)
        }
        isKnown = false
        guard let pressure = context.read(file, { bytes throws(Malformed) in try Pressure(bytes) }) else {
            return (Reading(0, context.absence), Reading(0, context.absence))
        }
        isKnown = true
        hasFull = pressure.full != nil
        let rate = context.rate(&some, pressure.some, scale: 1e-6)
        guard let total = pressure.full else { return (rate, .notObservable) }
        return (rate, context.rate(&full, total, scale: 1e-6))
    }
}
