/// How one VM's use moved with another's suffering over the window.
struct Evidence {
    /// Ticks in which both were read.
    var pairs = 0
    /// Those of them in which the victim was hurt.
    var hurt = 0
    /// Pearson's correlation of use and suffering; `nil` where either did not move.
    var correlation: Double?
    /// Mean use while the victim was hurt, less that while it was not; `nil` where the window lacks one of the two.
    var rise: Double?

    /// Compares two windows of the same ticks; NaN stands for a reading that is not there.
    ///
    /// - Parameters:
    ///   - use: The use.
    ///   - suffering: The suffering.
    ///   - threshold: Suffering from here on counts as hurt.
    init(use: ArraySlice<Double>, suffering: ArraySlice<Double>, threshold: Double) {
        var useSum = 0.0
        var sufferingSum = 0.0
        var hurtSum = 0.0
        for (x, y) in zip(use, suffering) where !x.isNaN && !y.isNaN {
            pairs += 1
            useSum += x
            sufferingSum += y
            guard y >= threshold else { continue }
            hurt += 1
            hurtSum += x
        }
        guard pairs > 1 else { return }
        if hurt > 0 && hurt < pairs { rise = hurtSum / Double(hurt) - (useSum - hurtSum) / Double(pairs - hurt) }
        let useMean = useSum / Double(pairs)
        let sufferingMean = sufferingSum / Double(pairs)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (x, y) in zip(use, suffering) where !x.isNaN && !y.isNaN {
            xx += (x - useMean) * (x - useMean)
            yy += (y - sufferingMean) * (y - sufferingMean)
            xy += (x - useMean) * (y - sufferingMean)
        }
        // What is left of a constant stream after rounding is no movement.
        guard xx > 1e-12, yy > 1e-15 else { return }
        correlation = min(1, max(-1, xy / (xx * yy).squareRoot()))
    }
}
