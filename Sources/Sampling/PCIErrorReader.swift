internal import HostReaders
internal import Signals

/// The error counters of one PCI device.
final class PCIErrorReader {
    /// The device, as sysfs names it.
    let name: String
    private let correctable: KernelFile
    private let nonfatal: KernelFile
    private let fatal: KernelFile
    private var counters = InlineArray<3, Counter>(repeating: Counter())

    /// Opens the files of a device; one without AER has none.
    init(_ name: String, roots: HostRoots) {
        self.name = name
        let directory = "\(roots.sys)/bus/pci/devices/\(name)"
        correctable = KernelFile(directory: directory, name: AERTotal.files[0])
        nonfatal = KernelFile(directory: directory, name: AERTotal.files[1])
        fatal = KernelFile(directory: directory, name: AERTotal.files[2])
    }

    /// Reads the counters and adds their rates; a device without them adds nothing to be observed.
    func add(to sum: inout RateSum, _ context: inout TickContext) {
        Self.add(correctable, &counters[0], to: &sum, &context)
        Self.add(nonfatal, &counters[1], to: &sum, &context)
        Self.add(fatal, &counters[2], to: &sum, &context)
    }

    /// Reads one counter; its device counts whether or not the VM is paused.
    private static func add(
        _ file: borrowing KernelFile,
        _ counter: inout Counter,
        to sum: inout RateSum,
        _ context: inout TickContext
    ) {
        guard let total = context.read(file, { bytes throws(Malformed) in try AERTotal(bytes) }) else {
            sum.add(Reading(0, context.absence))
            return
        }
        sum.add(counter.rate(of: total.count, at: context.time, longest: SchedulerReader.longest))
    }
}
