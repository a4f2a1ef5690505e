/// The period of a window of samples by the periodogram and the autocorrelation together.
///
/// After Vlachos, Yu and Castelli, "On Periodicity Detection and Structural Periodic Similarity", SDM'05, as SDS/P uses
/// it: the strongest bins of the periodogram propose periods, coarse where they are long; a hill of the autocorrelation
/// confirms and refines one, and turns down what the periodogram leaks and the multiples that an autocorrelation alone
/// proposes. The window is ``size`` samples, so that the work is the same each time.
struct PeriodEstimate: Equatable, Sendable {
    /// Samples in a window.
    static let size = 128
    /// The longest lag: the window holds two turns of it.
    static let longest = size / 2
    /// The shortest period, in samples.
    static let shortest = 3
    /// The bin of the shortest period.
    static let bins = size / shortest
    /// Bins that are tried, the strongest first.
    static let proposals = 4
    /// The part of all power that a bin and its neighbours must hold; white noise gives about 0.05 on average.
    static let leastPower = 0.1

    /// The period, in samples; 0 where there is none.
    var period = 0.0
    /// The autocorrelation at that period, 0 to 1.
    var strength = 0.0

    /// No period.
    init() {}

    /// The cosines of all multiples of a turn / ``size``.
    static let cosines = makeCosines()

    /// Cosines by halving the angle and then turning step by step, without a mathematics library.
    private static func makeCosines() -> InlineArray<128, Double> {
        // cos(a/2) = √((1 + cos a) / 2), from a quarter turn five times: a turn / 128.
        var cosine = 0.0
        for _ in 0..<5 { cosine = ((1 + cosine) / 2).squareRoot() }
        let sine = (1 - cosine * cosine).squareRoot()
        var table = InlineArray<128, Double>(repeating: 1)
        var (x, y) = (1.0, 0.0)
        for index in 1..<size {
            (x, y) = (x * cosine - y * sine, x * sine + y * cosine)
            table[index] = x
        }
        return table
    }

    /// The estimate of a window.
    ///
    /// - Parameter window: The samples, oldest first, finite.
    init(_ window: InlineArray<128, Double>) {
        var samples = window
        let power = Self.straighten(&samples)
        guard power > 0, power.isFinite else { return }
        var powers = Self.periodogram(samples, power: power)
        // Of bursts, a harmonic may be the strongest bin; the autocorrelation knows it from the period itself.
        for _ in 0..<Self.proposals {
            var bin = 2
            for other in 2...Self.bins where powers[other] > powers[bin] { bin = other }
            guard powers[bin - 1] + powers[bin] + powers[bin + 1] >= Self.leastPower else { return }
            powers[bin] = 0
            let found = Self.hill(samples, bin: bin, power: power)
            if found.strength > strength { self = found }
        }
    }

    /// The hill of the autocorrelation among the lags that a bin stands for: those between its neighbours'.
    private static func hill(_ samples: InlineArray<128, Double>, bin: Int, power: Double) -> PeriodEstimate {
        var found = PeriodEstimate()
        let from = max(shortest, size / (bin + 1))
        let to = min(longest, bin > 1 ? (size + bin - 2) / (bin - 1) : longest)
        var best = 0
        var height = 0.0
        for lag in from...max(from, to) {
            let value = correlation(samples, lag: lag, power: power)
            if value > height {
                best = lag
                height = value
            }
        }
        guard best > 0 else { return found }
        let before = correlation(samples, lag: best - 1, power: power)
        let after = correlation(samples, lag: best + 1, power: power)
        guard height >= before, height >= after else { return found }
        let bend = before - 2 * height + after
        let shift = bend < 0 ? 0.5 * (before - after) / bend : 0
        found.period = Double(best) + min(max(shift, -0.5), 0.5)
        found.strength = min(height, 1)
        return found
    }

    /// Takes mean and straight line off, and returns the power that is left, in units of the greatest sample squared;
    /// 0 where nothing but rounding is left.
    private static func straighten(_ samples: inout InlineArray<128, Double>) -> Double {
        var mean = 0.0
        var greatest = 0.0
        for index in 0..<size {
            mean += samples[index] / Double(size)
            greatest = max(greatest, abs(samples[index]))
        }
        let middle = Double(size - 1) / 2
        var product = 0.0
        var square = 0.0
        for index in 0..<size {
            samples[index] -= mean
            product += (Double(index) - middle) * samples[index]
            square += (Double(index) - middle) * (Double(index) - middle)
        }
        let slope = product / square
        var power = 0.0
        for index in 0..<size {
            samples[index] -= slope * (Double(index) - middle)
            power += samples[index] * samples[index]
        }
        return power > 1e-18 * greatest * greatest ? power : 0
    }

    /// The part of all power in each bin from 1 to ``bins``, and 0 in the others.
    private static func periodogram(
        _ samples: InlineArray<128, Double>,
        power: Double
    ) -> InlineArray<128, Double> {
        var powers = InlineArray<128, Double>(repeating: 0)
        for bin in 1...bins {
            // Goertzel's recurrence: s = x + 2 cos(ω) s' - s''.
            let twice = 2 * cosines[bin]
            var (last, before) = (0.0, 0.0)
            for index in 0..<size { (last, before) = (samples[index] + twice * last - before, last) }
            // By Parseval, the powers of all bins, either side, add up to size × power.
            powers[bin] = 2 * (last * last + before * before - twice * last * before) / (Double(size) * power)
        }
        return powers
    }

    /// The autocorrelation at a lag, corrected for the products that are missing at its end.
    private static func correlation(_ samples: InlineArray<128, Double>, lag: Int, power: Double) -> Double {
        var sum = 0.0
        for index in lag..<size { sum += samples[index] * samples[index - lag] }
        return sum / power * Double(size) / Double(size - lag)
    }
}
