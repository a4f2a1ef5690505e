import Signals

/// The bounds of one rule, ready to be held against readings.
struct Conditions: Sendable {
    /// Breaches at or above this value.
    var above: Double?
    /// Breaches at or below this value.
    var below: Double?
    /// Breaches this many scales from the level: above it, or below it where `below` is given.
    var deviation: Double?
    /// How far inside a bound a firing rule must be to count as calm, above 0 and at most 1.
    var clearAt: Double
    /// Whether the rule has a detector of its own that must find something.
    var detects: Bool

    /// What the bounds say of one reading.
    struct Judgement {
        /// Every condition holds.
        var breach: Bool
        /// Some condition is so far from holding that a firing rule counts as calm.
        var calm: Bool
        /// The reading must not be learned: a breach, or a fixed bound crossed while the baseline is cold.
        var suspicious: Bool
        /// A breach of a rule that has no learned condition.
        var ceiling: Bool
        /// The strictest bound of all.
        var threshold: Double
        /// Scales from the level; `nil` while cold.
        var sigmas: Double?
        /// How sure the rule is, 0 to 1.
        var confidence: Double
    }

    /// What a rule's companions say in one tick.
    enum Company {
        /// All are at their bounds.
        case holds
        /// One is known not to be.
        case fails
        /// One is not known, and none is known not to be.
        case unknown
    }

    /// The bounds of a rule on a VM.
    ///
    /// - Parameter rule: The rule.
    init(_ rule: Rule) {
        above = rule.above
        below = rule.below
        deviation = rule.detector == .level ? rule.deviation : nil
        clearAt = min(1, max(0.01, rule.clearAt))
        detects = rule.detector != .level
        // The bound of a leak is what is not to be reached: it is held against where the slope leads.
        if rule.detector == .leak { (above, below) = (nil, nil) }
    }

    /// The bounds for a VM of so many vCPUs, of a rule whose bounds are for each.
    func scaled(by vcpus: Int) -> Conditions {
        var scaled = self
        scaled.above = above.map { $0 * Double(vcpus) }
        scaled.below = below.map { $0 * Double(vcpus) }
        return scaled
    }

    /// Whether a reading is short of a fixed bound, so that a rule that is idle stays so and nothing else follows.
    ///
    /// It is asked first, since it is so for nearly every rule in nearly every tick.
    ///
    /// - Parameters:
    ///   - value: The reading.
    ///   - count: What to multiply the bounds by.
    /// - Returns: Whether it is; `false` for a rule with a detector, which must see every reading.
    @inline(__always)
    func isPlainlyShort(_ value: Double, perVCPU count: Int) -> Bool {
        guard !detects else { return false }
        if let above, value < above * Double(count) { return true }
        if let below, value > below * Double(count) { return true }
        return false
    }

    /// Whether deviation is looked for below the level.
    var downward: Bool { below != nil }

    /// Holds a reading against the bounds.
    ///
    /// While the baseline is cold no deviation is known, so a rule that asks for one does not breach; nor does a rule
    /// whose detector says nothing yet, or whose companions are not known to be at their bounds.
    func judge(
        _ value: Double,
        baseline: Baseline?,
        found: Found? = nil,
        company: Company = .holds
    ) -> Judgement {
        let sigmas = baseline.map { (value - $0.level) / $0.scale }
        let fixed = above.map { value >= $0 } ?? true && below.map { value <= $0 } ?? true
        let bounded = above != nil || below != nil
        var deviates = true
        var confidence = 1.0
        if let deviation {
            let distance = (downward ? -1 : 1) * (sigmas ?? 0)
            deviates = sigmas != nil && distance >= deviation
            confidence = distance > 0 ? max(0, 1 - deviation / (2 * distance)) : 0
        }
        if detects {
            deviates = found?.breach ?? false
            confidence = found?.confidence ?? 0
        }
        let breach = fixed && deviates && company == .holds && (bounded || deviation != nil || detects)
        return Judgement(
            breach: breach,
            calm: isCalm(value, sigmas: sigmas) || company == .fails || (found?.calm ?? false),
            suspicious: breach || (bounded && fixed && deviation != nil && baseline == nil),
            ceiling: breach && deviation == nil && !detects,
            threshold: found?.threshold ?? threshold(baseline),
            sigmas: sigmas,
            confidence: confidence
        )
    }

    /// Whether a reading is inside one of the bounds by the hysteresis.
    private func isCalm(_ value: Double, sigmas: Double?) -> Bool {
        if let above, value < (above >= 0 ? above * clearAt : above / clearAt) { return true }
        if let below, value > (below >= 0 ? below / clearAt : below * clearAt) { return true }
        if let deviation, let sigmas, (downward ? -sigmas : sigmas) < deviation * clearAt { return true }
        return false
    }

    /// The strictest of the bounds that face the way the rule looks, in the signal's base unit.
    private func threshold(_ baseline: Baseline?) -> Double {
        var learned: Double?
        if let deviation, let baseline {
            learned = baseline.level + (downward ? -deviation : deviation) * baseline.scale
        }
        if let below { return min(below, learned ?? below) }
        return max(above ?? learned ?? 0, learned ?? above ?? 0)
    }
}
