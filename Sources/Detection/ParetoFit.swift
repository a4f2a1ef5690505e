/// A generalised Pareto distribution fitted to excesses over a threshold.
///
/// J. Zhang and M. A. Stephens, "A new and efficient estimation method for the generalized Pareto distribution",
/// Technometrics 51, 2009: Grimshaw's one-parameter profile likelihood is averaged over a fixed grid instead of
/// searched for its greatest value, so the cost is bounded and the estimate exists for any sample. With excesses `y`,
/// `n` of them, the lower quartile `y*` and `m` grid points, 16 of them here:
///
///     θ_j = 1/y_max + (1 - √(m / (j - 1/2))) / (3 y*)
///     k(θ) = -mean ln(1 - θ y)         l(θ) = n (ln(θ/k) + k - 1)         w_j = softmax l(θ_j)
///     θ = Σ w_j θ_j         γ = -k(θ)         σ = k(θ)/θ
public struct ParetoFit: Sendable, Equatable {
    /// The shape γ: above 0 a heavy tail, 0 an exponential one, below 0 one that ends.
    public let shape: Double
    /// The scale σ, at least 0, in the unit of the excesses.
    public let scale: Double

    /// Points of the grid.
    private static let gridCount = 16
    /// A shape is kept within these: beyond them few peaks are a poor witness.
    private static let shapes = -0.5...1.5

    /// A distribution.
    ///
    /// - Parameters:
    ///   - shape: The shape γ.
    ///   - scale: The scale σ, at least 0.
    public init(shape: Double, scale: Double) {
        self.shape = shape
        self.scale = scale
    }

    /// Fits a distribution.
    ///
    /// - Parameter excesses: The excesses, above 0, in any order, at most 64; with fewer than 4 the tail is
    ///   exponential.
    init(_ excesses: Span<Double>) {
        let count = excesses.count
        var greatest = 0.0
        var sum = 0.0
        for index in 0..<count {
            greatest = max(greatest, excesses[index])
            sum += excesses[index]
        }
        let mean = count == 0 ? 0 : sum / Double(count)
        guard count >= 4, greatest > 0, greatest > 1.000_001 * mean else {
            self.init(shape: 0, scale: mean)
            return
        }
        let quartile = Self.quartile(excesses)
        var points = SIMD16<Double>(repeating: 0)
        for index in 0..<Self.gridCount {
            let spread = (Double(Self.gridCount) / (Double(index) + 0.5)).squareRoot()
            points[index] = 1 / greatest + (1 - spread) / (3 * quartile)
        }
        let means = Self.meanLogs(excesses, points)
        var likelihoods = InlineArray<16, Double>(repeating: 0)
        var best = -Double.infinity
        for index in 0..<Self.gridCount {
            let shape = -means[index]
            let ratio = points[index] / shape
            likelihoods[index] =
                ratio > 0 ? Double(count) * (PureMath.log(ratio) + shape - 1) : -Double.infinity
            best = max(best, likelihoods[index])
        }
        var weights = 0.0
        var point = 0.0
        for index in 0..<Self.gridCount {
            let weight = PureMath.exp(likelihoods[index] - best)
            weights += weight
            point += weight * points[index]
        }
        point /= weights
        let bent = Self.meanLog(excesses, point)
        guard abs(point) * mean > 1e-9, bent.isFinite else {
            self.init(shape: 0, scale: mean)
            return
        }
        let shape = min(max(bent, Self.shapes.lowerBound), Self.shapes.upperBound)
        // A shape that was moved keeps the mean where it has one.
        let scale = shape == bent ? -bent / point : mean * max(1 - shape, 0.1)
        self.init(shape: shape, scale: scale)
    }

    /// The probability that an excess exceeds an amount.
    ///
    /// - Parameter excess: The amount, at least 0.
    /// - Returns: The probability, 0 to 1.
    public func tail(_ excess: Double) -> Double {
        guard scale > 0 else { return excess > 0 ? 0 : 1 }
        if abs(shape) < 1e-6 { return PureMath.exp(-excess / scale) }
        let base = 1 + shape * excess / scale
        return base > 0 ? PureMath.pow(base, -1 / shape) : 0
    }

    /// The excess that is exceeded with a probability.
    ///
    /// - Parameter tail: The probability, above 0 and at most 1.
    /// - Returns: The excess, at least 0.
    public func excess(tail: Double) -> Double {
        if abs(shape) < 1e-6 { return -scale * PureMath.log(tail) }
        return max(0, scale / shape * (PureMath.pow(tail, -shape) - 1))
    }

    /// The mean of `ln(1 - θ y)` at each point: eight factors are multiplied before a logarithm is taken.
    ///
    /// Every point of the grid lies below `1/y_max`, so each factor is above 0.
    private static func meanLogs(_ excesses: Span<Double>, _ points: SIMD16<Double>) -> InlineArray<16, Double> {
        var sums = InlineArray<16, Double>(repeating: 0)
        var products = SIMD16<Double>(repeating: 1)
        for place in 0..<excesses.count {
            products *= 1 - points * excesses[place]
            guard place & 7 == 7 || place == excesses.count - 1 else { continue }
            for index in 0..<gridCount { sums[index] += PureMath.log2(products[index]) }
            products = SIMD16(repeating: 1)
        }
        for index in 0..<gridCount { sums[index] *= PureMath.ln2 / Double(excesses.count) }
        return sums
    }

    /// The mean of `ln(1 - θ y)` at one point.
    private static func meanLog(_ excesses: Span<Double>, _ point: Double) -> Double {
        var sum = 0.0
        var product = 1.0
        for place in 0..<excesses.count {
            product *= 1 - point * excesses[place]
            guard place & 7 == 7 || place == excesses.count - 1 else { continue }
            sum += PureMath.log2(product)
            product = 1
        }
        return sum * PureMath.ln2 / Double(excesses.count)
    }

    /// The lower quartile, above 0.
    private static func quartile(_ excesses: Span<Double>) -> Double {
        var least = InlineArray<17, Double>(repeating: .infinity)
        let count = excesses.count
        let wanted = min(count / 4, 16)
        for index in 0..<count {
            let value = excesses[index]
            guard value < least[wanted] else { continue }
            var place = wanted
            while place > 0 && least[place - 1] > value {
                least[place] = least[place - 1]
                place -= 1
            }
            least[place] = value
        }
        return max(least[wanted], 1e-300)
    }
}
