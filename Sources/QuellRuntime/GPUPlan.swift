import HostReaders
import Signals

/// The limits that leave a VM a share of a GPU that it has to itself.
enum GPUPlan {
    /// The power limit that leaves a share of the one in force, within what the device allows.
    ///
    /// - Parameters:
    ///   - share: From 0 to 1.
    ///   - limit: The limit in force and the device's bounds.
    /// - Returns: Milliwatts, never less than the device's least nor more than the limit in force; `nil` for a share that is
    ///   no number from 0 to 1, or where the limit in force cannot be lowered.
    static func power(_ share: Double, of limit: NVMLPowerLimit) -> UInt64? {
        guard (0...1).contains(share), limit.least < limit.now else { return nil }
        return UInt64(max(limit.least, UInt32((share * Double(limit.now)).rounded())))
    }

    /// The graphics clock that is nearest to a share of the one in force, among those that the device supports; the memory
    /// clock stays.
    ///
    /// - Parameters:
    ///   - share: From 0 to 1.
    ///   - clocks: The clocks in force.
    ///   - supported: The graphics clocks that go with the memory clock, in MHz.
    /// - Returns: The clocks, lower than those in force; the lower one of two that are as near. `nil` for a share that is no
    ///   number from 0 to 1, or where no lower clock is supported.
    static func clocks(_ share: Double, of clocks: NVMLClocks, supported: [UInt32]) -> GPUClocks? {
        guard (0...1).contains(share) else { return nil }
        let wanted = share * Double(clocks.graphics)
        let lower = supported.filter { $0 < clocks.graphics }.sorted()
        let nearest = lower.min { abs(Double($0) - wanted) < abs(Double($1) - wanted) }
        return nearest.map { GPUClocks(memory: clocks.memory, graphics: $0) }
    }
}
