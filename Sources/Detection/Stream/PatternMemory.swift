/// The shapes that a stream has drawn so far: a bounded reference set, and the distance of the present shape to it.
///
/// The past is kept as a gamma memory (de Vries and Principe, "The gamma model", Neural Networks 5, 1992, equation 8):
/// a cascade of eight averages, each of the one before, which reaches 64 readings back with eight numbers. The shape is
/// their deviation from the level in scales, compressed by a logarithm. As in distance-based detection with a reference
/// set (Burnaev and Ishimtsev, "Conformalized density- and distance-based anomaly detection in time-series data", 2016,
/// section 3), novelty is the mean absolute distance to the nearest of 32 prototypes. The nearest one is moved by a
/// twentieth towards the shape; a shape further off than twice the usual distance takes the place of the prototype least
/// used (leader clustering with forgetting).
struct PatternMemory: Sendable {
    /// Prototypes at most.
    static let prototypeCount = 32
    /// Readings in one stage of the memory.
    static let stageLength = 8.0
    /// The share of the usual distance beyond which a shape is new.
    static let vigilance: Float = 2

    private var stages = SIMD8<Double>(repeating: 0)
    private var prototypes = InlineArray<32, SIMD8<Float>>(repeating: SIMD8(repeating: 0))
    private var uses = InlineArray<32, Float>(repeating: 0)
    private var useWeight: Float = 1
    private var usualDistance: Float = 0
    private var used = 0

    /// Fills the memory with the first reading.
    ///
    /// - Parameter value: The reading.
    mutating func start(_ value: Double) { stages = SIMD8(repeating: value) }

    /// Takes a reading, and compares the shape with those known.
    ///
    /// - Parameters:
    ///   - value: The reading.
    ///   - level: The usual level.
    ///   - scale: One standard deviation, above 0.
    ///   - deadZone: The deviation that is none.
    ///   - count: Readings so far, this one too.
    /// - Returns: The distance to the nearest shape, at least 0.
    mutating func novelty(_ value: Double, level: Double, scale: Double, deadZone: Double, count: UInt32) -> Double {
        var input = value
        for index in 0..<8 {
            stages[index] += (input - stages[index]) / Self.stageLength
            input = stages[index]
        }
        let shape = Self.compressed((stages - level) / scale, deadZone: Float(deadZone / scale))
        var nearest = 0
        var least = Float.greatestFiniteMagnitude
        for index in 0..<used {
            let distance = Self.distance(shape, prototypes[index])
            if distance < least {
                least = distance
                nearest = index
            }
        }
        let distance = used == 0 ? 0 : least / 8
        if count > 50 { learn(shape, distance: distance, nearest: nearest, count: count) }
        return Double(distance)
    }

    /// Moves the nearest prototype, or takes the shape as a new one.
    private mutating func learn(_ shape: SIMD8<Float>, distance: Float, nearest: Int, count: UInt32) {
        useWeight *= 1.000_5
        if useWeight > 65_536 {
            for index in uses.indices { uses[index] /= useWeight }
            useWeight = 1
        }
        if used == 0 || distance > Self.vigilance * usualDistance {
            var place = used
            if used < Self.prototypeCount {
                used += 1
            } else {
                place = 0
                for index in 1..<Self.prototypeCount where uses[index] < uses[place] { place = index }
            }
            prototypes[place] = shape
            uses[place] = useWeight
        } else {
            uses[nearest] += useWeight
            prototypes[nearest] += (shape - prototypes[nearest]) * 0.05
        }
        usualDistance += max(0.005, 1 / Float(count - 50)) * (distance - usualDistance)
    }

    /// The sum of the absolute differences.
    private static func distance(_ one: SIMD8<Float>, _ other: SIMD8<Float>) -> Float {
        let difference = one - other
        return difference.replacing(with: -difference, where: difference .< 0).sum()
    }

    /// The sign times the logarithm of 1 + the magnitude, by straight lines between the powers of 2, which the bits of a
    /// floating-point number are by themselves.
    private static func compressed(_ deviations: SIMD8<Double>, deadZone: Float) -> SIMD8<Float> {
        let bound = SIMD8(repeating: 1e30)
        let narrow = SIMD8<Float>(deviations.clamped(lowerBound: -bound, upperBound: bound))
        let below = narrow .< 0
        var size = narrow.replacing(with: -narrow, where: below) - deadZone
        size.replace(with: 0, where: size .< 0)
        size += 1
        var bits = SIMD8<UInt32>()
        for index in 0..<8 { bits[index] = size[index].bitPattern &- 0x3f80_0000 }
        let logarithm = SIMD8<Float>(bits) * (0.693_147_2 / 8_388_608)
        return logarithm.replacing(with: -logarithm, where: below)
    }
}
