public import Signals

/// The rule of CPI² (Zhang et al., EuroSys'13), which rubik took over: a VM whose cycles per instruction are two standard
/// deviations above their mean, three times in five minutes, is hurt, and whoever's CPU use correlates best with that by
/// at least 0.35 is to blame (section 4.2 there).
///
/// Where a trace has no cycles per instruction, the time that a second of CPU time took, waiting counted, stands for them:
/// it rises with contention as they do. The mean and the deviation, which CPI² learns over days, are learned from the first
/// ``learning`` seconds. A VM that uses less than a quarter of a core is not judged, as there.
public struct CorrelatedOutliers: PeerRule {
    /// How often it looks.
    public enum Sampling: Sendable {
        /// Ten seconds of every minute, as CPI² does.
        case everyMinute
        /// Every frame, which CPI² does not, to see what the rule itself is worth.
        case everyFrame
    }

    /// Seconds from which the usual level is learned.
    public static let learning = 40.0
    /// Standard deviations above the mean from which a sample is an outlier.
    static let deviations = 2.0
    /// Outliers within ``window`` that make a VM hurt.
    static let outliers = 3
    /// Seconds within which they must lie.
    static let window = 300.0
    /// The correlation from which a VM is to blame.
    static let blame = 0.35
    /// Seconds over which it is worked out.
    static let correlationWindow = 600.0
    /// Cores below which a VM is not judged.
    static let leastUse = 0.25

    /// One look at all VMs.
    private struct Sample {
        var second: Double
        /// Time for a second of CPU time by row; `nil` where it cannot be told.
        var pace: [Double?]
        /// Cores in use by row.
        var use: [Double]
    }

    private let sampling: Sampling
    private var first: Double?
    private var learned: [(count: Double, mean: Double, squares: Double)] = []
    private var gathered: [Sample] = []
    private var samples: [Sample] = []

    /// What it is called in a table.
    public var title: String {
        switch sampling {
        case .everyMinute: "CPI² and rubik: two sigma, three in five minutes, correlation"
        case .everyFrame: "the same at one look a second"
        }
    }

    /// A rule that has seen nothing.
    ///
    /// - Parameter sampling: How often it looks.
    public init(sampling: Sampling) {
        self.sampling = sampling
    }

    /// Takes one frame.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: The rows of the VMs that it would hold back now.
    public mutating func judge(_ frame: Frame) -> [VMSlot] {
        let second = frame.time.seconds
        let start = first ?? second
        first = start
        let sample = Self.sample(frame, second)
        if second - start < Self.learning {
            learn(sample)
            return []
        }
        switch sampling {
        case .everyFrame: samples.append(sample)
        case .everyMinute:
            let place = (second - start).truncatingRemainder(dividingBy: 60)
            if place < 50 {
                guard !gathered.isEmpty else { return [] }
                gathered = []
                return []
            }
            gathered.append(sample)
            guard place >= 59, let mean = Self.mean(gathered) else { return [] }
            gathered = []
            samples.append(mean)
        }
        samples.removeAll { $0.second < second - Self.correlationWindow }
        return culprits(now: second)
    }

    private func culprits(now: Double) -> [VMSlot] {
        guard let newest = samples.last else { return [] }
        var blamed: [VMSlot] = []
        for row in newest.pace.indices {
            guard let bound = bound(row), let pace = newest.pace[row], pace > bound else { continue }
            let recent = samples.filter { $0.second > now - Self.window }
            let count = recent.count { row < $0.pace.count && ($0.pace[row] ?? 0) > bound }
            guard count >= Self.outliers, let culprit = culprit(of: row, bound: bound) else { continue }
            if !blamed.contains(culprit) { blamed.append(culprit) }
        }
        return blamed
    }

    /// Who correlates best with the suffering of a row, by section 4.2 of the paper.
    private func culprit(of victim: Int, bound: Double) -> VMSlot? {
        var best: (row: Int, correlation: Double)?
        for row in 0..<(samples.last?.use.count ?? 0) where row != victim {
            let pairs = samples.compactMap { sample -> (pace: Double, use: Double)? in
                guard victim < sample.pace.count, row < sample.use.count, let pace = sample.pace[victim] else {
                    return nil
                }
                return (pace, sample.use[row])
            }
            let total = pairs.reduce(0) { $0 + $1.use }
            guard total > 0 else { continue }
            let correlation = pairs.reduce(0) { sum, pair in
                let weight = pair.use / total
                return sum + weight * (pair.pace > bound ? 1 - bound / pair.pace : pair.pace / bound - 1)
            }
            if correlation > best?.correlation ?? Self.blame.nextDown { best = (row, correlation) }
        }
        return best.map { VMSlot($0.row) }
    }

    private func bound(_ row: Int) -> Double? {
        guard row < learned.count, learned[row].count >= 10 else { return nil }
        let entry = learned[row]
        return entry.mean + Self.deviations * (entry.squares / (entry.count - 1)).squareRoot()
    }

    private mutating func learn(_ sample: Sample) {
        while learned.count < sample.pace.count { learned.append((0, 0, 0)) }
        for (row, pace) in sample.pace.enumerated() {
            guard let pace else { continue }
            learned[row].count += 1
            let step = pace - learned[row].mean
            learned[row].mean += step / learned[row].count
            learned[row].squares += step * (pace - learned[row].mean)
        }
    }

    private static func sample(_ frame: Frame, _ second: Double) -> Sample {
        var sample = Sample(second: second, pace: [], use: [])
        for row in 0..<frame.capacity {
            let slot = VMSlot(row)
            let use = frame.records[row] == nil ? nil : frame[slot, .cpuUsage].trusted
            sample.use.append(use ?? 0)
            guard let use, use >= leastUse else {
                sample.pace.append(nil)
                continue
            }
            let waited = frame[slot, .cpuRunDelay].trusted.map { $0 * Double(frame.vcpus(slot) ?? 1) }
            sample.pace.append(frame[slot, .perfCPI].trusted ?? waited.map { (use + $0) / use })
        }
        return sample
    }

    /// One sample for several.
    private static func mean(_ samples: [Sample]) -> Sample? {
        guard var mean = samples.last else { return nil }
        for row in mean.use.indices {
            let uses = samples.compactMap { row < $0.use.count ? $0.use[row] : nil }
            let paces = samples.compactMap { row < $0.pace.count ? $0.pace[row] : nil }
            mean.use[row] = uses.reduce(0, +) / Double(max(1, uses.count))
            mean.pace[row] = paces.isEmpty ? nil : paces.reduce(0, +) / Double(paces.count)
        }
        return mean
    }
}
