import Signals

@testable import AttributionMatrix

/// A small model of VMs that contend for a host's CPUs: fair shares by weight, and waiting for what they leave short.
struct HostModel {
    /// What one VM wants.
    struct Load {
        /// Its vCPUs.
        var vcpus: Int
        /// Its weight.
        var weight = 1.0
        /// The cores that it wants at usual times.
        var usual: Double
        /// How much that varies from tick to tick, as a part of it.
        var noise: Double
        /// The cores that it wants in the ticks of a surge.
        var surge = 0.0
        /// When the surge is.
        var surgeTicks: Range<Int> = 0..<0
    }

    /// The host's CPUs.
    var cpus: Int
    /// Its VMs by row.
    var loads: [Load]
    /// Cores that tasks outside VMs want, and when.
    var outside = 0.0
    /// When they want them.
    var outsideTicks: Range<Int> = 0..<0
    /// Whether the host tells its CPU pressure.
    var tellsPressure = false
    /// The part of readings that is missing.
    var lost = 0.0
    /// Its chance.
    var random: SplitMix64

    /// Writes one tick of readings into a frame.
    mutating func play(_ tick: Int, into frame: inout Frame) {
        frame.begin(at: MonotonicTime(seconds: 10_000 + Double(tick)))
        var demands: [Double] = []
        for (row, load) in loads.enumerated() {
            let surging = load.surgeTicks.contains(tick)
            let wanted = (surging ? load.surge : load.usual) * (1 + load.noise * random.normal())
            let limit = frame[record: VMSlot(row)]?.heldCores ?? Double(load.vcpus)
            demands.append(max(0.005, min(wanted, limit, Double(load.vcpus))))
        }
        let outside = outsideTicks.contains(tick) ? outside : 0
        let capacity = max(0.2, Double(cpus) - outside)
        let given = Domain.shares(demands, weights: loads.map(\.weight), capacity: capacity)
        let over = min(1, max(0, demands.reduce(outside, +) / Double(cpus) - 1))
        for (row, load) in loads.enumerated() {
            let vcpus = Double(load.vcpus)
            let unmet = max(0, demands[row] - given[row]) / vcpus
            let queueing = 0.6 * over * min(1, given[row] / vcpus)
            let delay = (unmet + queueing) * (1 + 0.15 * random.normal()) + 0.002 * abs(random.normal())
            frame[VMSlot(row), .cpuRunDelay] = reading(max(0, delay))
            frame[VMSlot(row), .cpuUsage] = reading(given[row] * (1 + 0.02 * random.normal()))
        }
        if tellsPressure { frame[host: .hostCPUPressure] = Reading(min(1, 0.03 + 2 * over)) }
    }

    /// A reading, or the lack of one.
    private mutating func reading(_ value: Double) -> Reading {
        random.uniform() < lost ? .missing : Reading(value)
    }
}
