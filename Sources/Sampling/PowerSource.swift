public import HostReaders
public import Signals

/// The frequency of the host's CPUs and the power left under their limit.
///
/// Both are read outside of the tick: a frequency may take an interrupt of its CPU, and power is only told as a mean over
/// the time between two reads.
public final class PowerSource: SideSource {
    /// Its name.
    public let name = "frequency and power"
    /// Seconds between two reads.
    public let period = 10.0

    private let roots: HostRoots
    private var packages: [(package: PowerPackage, energy: Counter)] = []

    /// A source that has read nothing yet.
    ///
    /// - Parameter roots: Where sysfs and procfs are.
    public init(roots: HostRoots = HostRoots()) {
        self.roots = roots
    }

    /// Does nothing: both are the host's own.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {}

    /// Reads both.
    ///
    /// - Parameter time: The present.
    /// - Returns: `host.frequency` and `host.power_headroom`.
    public func read(at time: MonotonicTime) -> SideBatch {
        var batch = SideBatch(lifetime: 3 * period)
        let frequency = CPUFrequency.mean(roots).map { Reading($0.hertz) } ?? .notObservable
        batch.host = [SideReading(.hostFrequency, frequency), SideReading(.hostPowerHeadroom, headroom(at: time))]
        return batch
    }

    /// The sum of the packages' limits without what they drew; of one that has no limit, or whose energy cannot be read,
    /// nothing is known, and so neither of the sum.
    private func headroom(at time: MonotonicTime) -> Reading {
        // The driver may be loaded later on.
        if packages.isEmpty {
            packages = PowerPackage.all(roots).map { ($0, Counter(wrappingAt: $0.energyRange)) }
        }
        var sum = RateSum()
        for index in packages.indices {
            guard let energy = packages[index].package.energy, let limit = packages[index].package.limit else {
                packages[index].energy.forget()
                return .notObservable
            }
            var reading = packages[index].energy.rate(of: energy, at: time, scale: 1e-6)
            if reading.quality == .ok { reading.value = limit - reading.value }
            sum.add(reading)
        }
        let whole = sum.sum
        return sum.isComplete ? whole : whole.quality == .ok ? .missing : whole
    }
}
