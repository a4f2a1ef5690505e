/// How one VM's use moved with another's suffering over the window.
struct Evidence {
    /// Ticks in which both were read.
    var pairs = 0
    /// Those of them in which the victim was hurt.
    var hurt = 0
    /// Those of them in which it was well; what lies between is neither.
    var calmTicks = 0
    /// Pearson's correlation of use and suffering; `nil` where either did not move.
    var correlation: Double?
    /// Mean use while the victim was hurt, less that while it was not; `nil` where the window lacks one of the two.
    var rise: Double?
    /// Mean use while the victim was not hurt; `nil` where the window lacks it.
    var calm: Double?

    /// Nothing yet.
    init() {}

    /// Compares two windows of the same ticks; what is no finite number stands for a reading that is not there.
    ///
    /// - Parameters:
    ///   - use: The use.
    ///   - suffering: The suffering.
    ///   - hurtFrom: Suffering from here on counts as hurt.
    ///   - calmUpTo: Suffering up to here counts as well; above `hurtFrom` where low values are what hurts.
    init(use: ArraySlice<Float>, suffering: ArraySlice<Float>, hurtFrom: Double, calmUpTo: Double) {
        let lowerIsWorse = calmUpTo > hurtFrom
        let (hurtBound, calmBound) = (Float(hurtFrom), Float(calmUpTo))
        var (useSum, sufferingSum, hurtSum, calmSum) = (0.0, 0.0, 0.0, 0.0)
        for (x, y) in zip(use, suffering) where x.isFinite && y.isFinite {
            pairs += 1
            useSum += Double(x)
            sufferingSum += Double(y)
            if lowerIsWorse ? y <= hurtBound : y >= hurtBound {
                hurt += 1
                hurtSum += Double(x)
            } else if lowerIsWorse ? y >= calmBound : y <= calmBound {
                calmTicks += 1
                calmSum += Double(x)
            }
        }
        guard pairs > 1 else { return }
        if calmTicks > 0 { calm = calmSum / Double(calmTicks) }
        if hurt > 0, let calm { rise = hurtSum / Double(hurt) - calm }
        let useMean = useSum / Double(pairs)
        let sufferingMean = sufferingSum / Double(pairs)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (x, y) in zip(use, suffering) where x.isFinite && y.isFinite {
            let (dx, dy) = (Double(x) - useMean, Double(y) - sufferingMean)
            xx += dx * dx
            yy += dy * dy
            xy += dx * dy
        }
        // What is left of a constant stream after rounding is no movement.
        let least = 1e-12 * Double(pairs)
        guard xx > max(1e-12, least * useMean * useMean), yy > max(1e-15, least * sufferingMean * sufferingMean) else {
            return
        }
        correlation = min(1, max(-1, (lowerIsWorse ? -xy : xy) / (xx * yy).squareRoot()))
    }
}
