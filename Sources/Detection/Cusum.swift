/// Two-sided cumulative sums of a standardised residual: small shifts that last.
///
/// E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954; in the two-sided form with allowance `k`
/// and decision interval `h`:
///
///     S⁺ = max(0, S⁺ + z - k)        S⁻ = max(0, S⁻ - z - k)        alarm where S⁺ >= h or S⁻ >= h
///
/// Each `z` is clipped, so that one outlier is not a shift, and the sums begin again at 0 after an alarm.
public struct Cusum: Sendable, Equatable {
    /// How small a shift matters and how sure to be.
    public struct Tuning: Sendable, Equatable {
        /// Half the shift to be found, in standard deviations; above 0.
        public var allowance: Double
        /// Where to alarm, above 0.
        ///
        /// With an allowance of 1/2, an interval of 8 lasts about 16,000 readings of normal noise.
        public var interval: Double
        /// The residual is clipped here, in standard deviations.
        public var clip: Double

        /// A tuning.
        ///
        /// - Parameters:
        ///   - allowance: Half the shift to be found, in standard deviations.
        ///   - interval: Where to alarm.
        ///   - clip: Where the residual is clipped, in standard deviations.
        public init(allowance: Double = 0.5, interval: Double = 8, clip: Double = 3) {
            self.allowance = allowance
            self.interval = interval
            self.clip = clip
        }
    }

    /// Which way a stream shifted.
    public enum Shift: Sendable, Equatable {
        /// Its level rose.
        case up
        /// Its level fell.
        case down
    }

    /// The sum of the rises, at least 0.
    public private(set) var rise = 0.0
    /// The sum of the falls, at least 0.
    public private(set) var fall = 0.0

    /// Sums of nothing.
    public init() {}

    /// The greater of both sums.
    public var strength: Double { max(rise, fall) }

    /// Takes one residual.
    ///
    /// - Parameters:
    ///   - residual: The deviation from the usual level in standard deviations; not a number changes nothing.
    ///   - tuning: How small a shift matters.
    /// - Returns: The shift that is now sure, once, or nil.
    public mutating func observe(_ residual: Double, _ tuning: Tuning = Tuning()) -> Shift? {
        add(residual, allowance: tuning.allowance, clip: tuning.clip)
        guard strength >= tuning.interval else { return nil }
        let shift: Shift = rise >= fall ? .up : .down
        reset()
        return shift
    }

    /// Begins again at 0.
    public mutating func reset() {
        rise = 0
        fall = 0
    }

    /// Adds one residual and goes on after an alarm: the sums stand at twice the interval at most, so that a shift that has
    /// passed is soon seen to have.
    ///
    /// - Parameters:
    ///   - residual: The deviation from the usual level in standard deviations; not a number changes nothing.
    ///   - tuning: How small a shift matters.
    public mutating func follow(_ residual: Double, _ tuning: Tuning = Tuning()) {
        add(residual, allowance: tuning.allowance, clip: tuning.clip)
        rise = min(rise, 2 * tuning.interval)
        fall = min(fall, 2 * tuning.interval)
    }

    /// Adds one residual to both sums.
    ///
    /// - Parameters:
    ///   - residual: In standard deviations; not a number changes nothing.
    ///   - allowance: Half the shift to be found.
    ///   - clip: Where the residual is clipped.
    mutating func add(_ residual: Double, allowance: Double, clip: Double) {
        guard !residual.isNaN else { return }
        let clipped = min(max(residual, -clip), clip)
        rise = max(0, rise + clipped - allowance)
        fall = max(0, fall - clipped - allowance)
    }
}
