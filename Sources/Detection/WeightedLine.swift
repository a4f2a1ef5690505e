/// A straight line fitted to a stream with exponentially fading weights, in constant space.
///
/// The normal equations of least squares with weights `w = λ^age`, kept as centred moments, so that a large level loses
/// no digits (the update of West, "Updating mean and variance estimates", CACM 22, 1979, in two variables). A sample
/// `(0, y)` after `dt` seconds, times counted from the newest one, horizon `τ`:
///
///     λ = τ / (τ + dt)      W = λ W + 1      t̄ = t̄ - dt
///     t̄' = t̄ - t̄ / W       ȳ' = ȳ + (y - ȳ) / W
///     T = λ T + t̄ t̄'       C = λ C - t̄ (y - ȳ')      Y = λ Y + (y - ȳ)(y - ȳ')
///
/// The slope is `C / T`, the share of the variance that it explains `C² / (T Y)`.
struct WeightedLine: Sendable {
    /// The sum of the weights.
    private var weight = 0.0
    /// The mean time, in seconds, at most 0.
    private var meanTime = 0.0
    /// The mean value.
    private var meanValue = 0.0
    /// The centred sum of squares of time.
    private var times = 0.0
    /// The centred sum of products.
    private var products = 0.0
    /// The centred sum of squares of the value.
    private var values = 0.0

    /// Adds a value at the present moment.
    ///
    /// - Parameters:
    ///   - value: The value, finite.
    ///   - interval: Seconds since the value before, 0 or more.
    ///   - horizon: The time constant of forgetting, in seconds.
    mutating func add(_ value: Double, interval: Double, horizon: Double) {
        let fading = horizon / (horizon + interval)
        weight = fading * weight + 1
        meanTime -= interval
        let time = meanTime
        meanTime -= time / weight
        let ahead = value - meanValue
        meanValue += ahead / weight
        times = fading * times + time * meanTime
        products = fading * products - time * (value - meanValue)
        values = fading * values + ahead * (value - meanValue)
    }

    /// The mean value, by weight.
    var mean: Double { meanValue }

    /// The slope per second; 0 while it is not defined.
    var slope: Double { times > 0 ? products / times : 0 }

    /// The line's value at the newest sample.
    var level: Double { meanValue - slope * meanTime }

    /// The share of the variance that the line explains, 0 to 1; 0 for a stream that never moved.
    var explained: Double {
        guard times > 0, values > 0 else { return 0 }
        let share = (products / times) * (products / values)
        return share.isFinite ? min(share, 1) : 0
    }

    /// The slope in standard errors of its own, were the residuals white; 0 while it is not defined.
    ///
    /// `|t| = √(R² / (1 - R²) × (n - 2))`, with the sum of the weights for `n`.
    var significance: Double {
        let share = explained
        guard weight > 2, share > 0 else { return 0 }
        return (share / max(1 - share, 1e-12) * (weight - 2)).squareRoot()
    }
}
