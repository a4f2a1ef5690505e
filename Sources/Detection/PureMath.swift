/// Logarithms and exponentials without the C library, which the pure core does not import.
///
/// All are the same on every machine to the bit: additions, multiplications and divisions of IEEE 754, in a fixed
/// order.
public enum PureMath {
    /// The logarithm of 2 to the base 10.
    static let log10of2 = 0.301_029_995_663_981_195
    /// The natural logarithm of 2.
    static let ln2 = 0.693_147_180_559_945_309

    /// The logarithm to the base 2, within 2e-15 of the truth relative to it or to 1, whichever is more.
    ///
    /// The significand is moved to √½…√2 and the logarithm taken from `2 artanh((m - 1) / (m + 1))`.
    ///
    /// - Parameter value: Any number; 0 gives minus infinity, below 0 and not a number give not a number.
    /// - Returns: The logarithm.
    public static func log2(_ value: Double) -> Double {
        guard value > 0 else { return value == 0 ? -.infinity : .nan }
        guard value < .infinity else { return value }
        guard value.isNormal else { return log2(value * 0x1p64) - 64 }
        let bits = value.bitPattern
        // Adding what lies between √½ and 1 carries into the exponent just where the significand is above √2.
        let whole = Int64((bits &+ 0x0009_5f61_9980_c433) >> 52) &- 1_023
        let part = Double(bitPattern: bits &- UInt64(bitPattern: whole) << 52)
        let power = Double(whole)
        let ratio = (part - 1) / (part + 1)
        let square = ratio * ratio
        var sum = 1.0 / 19
        sum = sum * square + 1.0 / 17
        sum = sum * square + 1.0 / 15
        sum = sum * square + 1.0 / 13
        sum = sum * square + 1.0 / 11
        sum = sum * square + 1.0 / 9
        sum = sum * square + 1.0 / 7
        sum = sum * square + 1.0 / 5
        sum = sum * square + 1.0 / 3
        sum = sum * square + 1
        return power + 2 / ln2 * ratio * sum
    }

    /// The logarithm to the base 2 of a normal number above 0, within 1e-6, for ranks.
    ///
    /// - Parameter value: Above 0 and finite.
    /// - Returns: The logarithm.
    static func roughLog2(_ value: Double) -> Double {
        let bits = value.bitPattern
        // Adding what lies between √½ and 1 carries into the exponent just where the significand is above √2.
        let carried = bits &+ 0x0009_5f61_9980_c433
        let power = Int64(carried >> 52) &- 1_023
        let part = Double(bitPattern: bits &- UInt64(bitPattern: power) << 52)
        let ratio = (part - 1) / (part + 1)
        let square = ratio * ratio
        let sum = ((square / 7 + 0.2) * square + 1.0 / 3) * square + 1
        return Double(power) + 2 / ln2 * ratio * sum
    }

    /// The natural logarithm; see ``log2(_:)``.
    ///
    /// - Parameter value: Any number.
    /// - Returns: The logarithm.
    public static func log(_ value: Double) -> Double { log2(value) * ln2 }

    /// 2 to a power, within 1e-14 of the truth relative to it.
    ///
    /// - Parameter power: Any number; above 1,024 gives infinity, below -1,080 gives 0.
    /// - Returns: The power of 2.
    public static func exp2(_ power: Double) -> Double {
        guard power < 1_024 else { return power.isNaN ? power : .infinity }
        guard power > -1_080 else { return power.isNaN ? power : 0 }
        let whole = power.rounded()
        let part = (power - whole) * ln2
        // The series of the exponential, by Horner's rule: 1/n! from 1/12! down.
        var sum = 2.087_675_698_786_81e-9
        sum = sum * part + 2.505_210_838_544_172e-8
        sum = sum * part + 2.755_731_922_398_589e-7
        sum = sum * part + 2.755_731_922_398_589_1e-6
        sum = sum * part + 2.480_158_730_158_73e-5
        sum = sum * part + 1.984_126_984_126_984_1e-4
        sum = sum * part + 1.388_888_888_888_889e-3
        sum = sum * part + 8.333_333_333_333_333e-3
        sum = sum * part + 4.166_666_666_666_666_4e-2
        sum = sum * part + 0.166_666_666_666_666_66
        sum = sum * part + 0.5
        sum = sum * part + 1
        sum = sum * part + 1
        // In two steps, so that a power below the least exponent of a normal number ends as a subnormal one.
        let half = (whole / 2).rounded(.down)
        return sum * Double(sign: .plus, exponent: Int(half), significand: 1)
            * Double(sign: .plus, exponent: Int(whole - half), significand: 1)
    }

    /// e to a power; see ``exp2(_:)``.
    ///
    /// - Parameter power: Any number.
    /// - Returns: The power of e.
    public static func exp(_ power: Double) -> Double { exp2(power / ln2) }

    /// One number to the power of another.
    ///
    /// - Parameters:
    ///   - base: Above 0; 0 gives 0 for a positive exponent.
    ///   - exponent: Any number.
    /// - Returns: The power.
    public static func pow(_ base: Double, _ exponent: Double) -> Double {
        base == 0 && exponent > 0 ? 0 : exp2(exponent * log2(base))
    }

    /// Decades of surprise in a deviation, were it normal: minus the logarithm to the base 10 of `P(|Z| >= z)`.
    ///
    /// The closed form of Tsay, Huang, Fu and Ho ("A simple closed-form approximation for the cumulative distribution
    /// function of the composite error of stochastic frontier models", Journal of Productivity Analysis 39,
    /// 2013): `erfc(x) = exp(-1.09500814703333 x - 0.75651138383854 x²)` with `x = z / √2`; no logarithm is taken.
    ///
    /// - Parameter deviation: Standard deviations, at least 0.
    /// - Returns: Decades, at least 0; within a tenth of the truth up to 6 standard deviations, and below it beyond.
    public static func normalDecades(_ deviation: Double) -> Double {
        deviation * (0.336_270_2 + 0.164_274_3 * deviation)
    }

    /// The probability that a normal number exceeds so many standard deviations, within 1e-7 of the truth.
    ///
    /// The continued fraction of Laplace from 2 on, the power series of the error function below (Abramowitz and
    /// Stegun, "Handbook of Mathematical Functions", 26.2.14 and 26.2.10).
    ///
    /// - Parameter deviation: Standard deviations.
    /// - Returns: The probability, 0 to 1.
    public static func normalTail(_ deviation: Double) -> Double {
        guard deviation >= 0 else { return deviation.isNaN ? deviation : 1 - normalTail(-deviation) }
        guard deviation < 38 else { return 0 }
        let density = 0.398_942_280_401_432_7 * exp(-deviation * deviation / 2)
        if deviation >= 2 {
            var fraction = deviation
            for step in stride(from: 40.0, through: 1, by: -1) { fraction = deviation + step / fraction }
            return density / fraction
        }
        var term = deviation
        var sum = deviation
        for step in 1...40 {
            let count = 2 * Double(step)
            term *= -deviation * deviation / count * (count - 1) / (count + 1)
            sum += term
        }
        return max(0, 0.5 - 0.398_942_280_401_432_7 * sum)
    }
}
