internal import HostReaders
internal import Signals

/// One L3 domain of one group, with its files kept open.
final class ResctrlDomain {
    private let occupancyFile: KernelFile
    private let totalFile: KernelFile
    private let localFile: KernelFile
    private var occupancy = MonitorPart()
    private var total = MonitorPart()
    private var local = MonitorPart()

    /// Its directory.
    let directory: String

    /// Opens the files of the events that the host monitors; a file of another event stays closed and unread.
    init(_ directory: String, features: Set<String>) {
        self.directory = directory
        func file(_ name: String) -> KernelFile {
            features.contains(name) ? KernelFile(directory: directory, name: name) : KernelFile()
        }
        occupancyFile = file("llc_occupancy")
        totalFile = file("mbm_total_bytes")
        localFile = file("mbm_local_bytes")
    }

    /// Reads the files and adds what they say to the sums of the VM.
    ///
    /// - Parameters:
    ///   - sums: Occupancy, total and local bandwidth.
    ///   - disturbed: Whether the VM was paused in any part of the interval.
    ///   - context: The tick.
    func add(to sums: inout InlineArray<3, MonitorSum>, disturbed: Bool, _ context: inout TickContext) {
        if occupancyFile.isOpen { occupancy.add(level: value(occupancyFile, &context), to: &sums[0]) }
        let time = context.time
        if totalFile.isOpen {
            total.add(counter: value(totalFile, &context), at: time, disturbed: disturbed, to: &sums[1])
        }
        if localFile.isOpen {
            local.add(counter: value(localFile, &context), at: time, disturbed: disturbed, to: &sums[2])
        }
    }

    /// What one file says.
    private func value(_ file: borrowing KernelFile, _ context: inout TickContext) -> MonitorValue? {
        context.read(file, { bytes throws(Malformed) in try MonitorValue(bytes) })
    }
}
