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
    static let cosines: [Double] = makeCosines()

    /// Cosines by halving the angle and then turning step by step, without a mathematics library.
    private static func makeCosines() -> [Double] {
        // cos(a/2) = √((1 + cos a) / 2), from a quarter turn five times: a turn / 128.
        var cosine = 0.0
        for _ in 0..<5 { cosine = ((1 + cosine) / 2).squareRoot() }
        let sine = (1 - cosine * cosine).squareRoot()
        var table = [Double](repeating: 1, count: size)
        var (x, y) = (1.0, 0.0)
        for index in 1..<size {
            (x, y) = (x * cosine - y * sine, x * sine + y * cosine)
            table[index] = x
        }
        return table
    }

    /// The estimate of a window.
    ///
    /// - Parameter window: ``size`` samples, oldest first, finite; their mean and straight line are taken off.
    init(_ window: inout InlineArray<128, Double>) {
        var span = window.mutableSpan
        let power = Self.straighten(&span)
        guard power > 0, power.isFinite else { return }
        // Spans throughout: an element of an inline array that is read through a copy costs a copy of all.
        let samples = window.span
        var shares = InlineArray<128, Double>(repeating: 0)
        var powers = shares.mutableSpan
        Self.periodogram(samples, power: power, into: &powers)
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
    private static func hill(_ samples: Span<Double>, bin: Int, power: Double) -> PeriodEstimate {
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
    private static func straighten(_ samples: inout MutableSpan<Double>) -> Double {
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

    /// The part of all power in each bin from 1 to ``bins``, and in a few beyond.
    private static func periodogram(_ samples: Span<Double>, power: Double, into powers: inout MutableSpan<Double>) {
        // By Parseval, the powers of all bins, either side, add up to size × power.
        let unit = 2 / (Double(size) * power)
        for first in stride(from: 1, through: bins, by: 8) {
            var twice = SIMD8<Double>()
            for lane in 0..<8 { twice[lane] = 2 * cosines[first + lane] }
            // Goertzel's recurrence, eight bins at a time: s = x + 2 cos(ω) s' - s''.
            var last = SIMD8<Double>()
            var before = SIMD8<Double>()
            for index in 0..<size {
                let next = SIMD8(repeating: samples[index]) + twice * last - before
                before = last
                last = next
            }
            let found = last * last + before * before - twice * last * before
            for lane in 0..<8 { powers[first + lane] = unit * found[lane] }
        }
    }

    /// The autocorrelation at a lag, corrected for the products that are missing at its end.
    private static func correlation(_ samples: Span<Double>, lag: Int, power: Double) -> Double {
        // Four sums, since one would wait for itself.
        var sums = SIMD4<Double>(repeating: 0)
        var index = lag
        while index + 3 < size {
            let here = SIMD4(samples[index], samples[index + 1], samples[index + 2], samples[index + 3])
            let there = index - lag
            let past = SIMD4(samples[there], samples[there + 1], samples[there + 2], samples[there + 3])
            sums += here * past
            index += 4
        }
        var sum = sums.sum()
        while index < size {
            sum += samples[index] * samples[index - lag]
            index += 1
        }
        return sum / power * Double(size) / Double(size - lag)
    }
}
