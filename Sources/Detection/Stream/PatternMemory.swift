/// The shapes that a stream has drawn so far: a bounded reference set, and the distance of the present shape to it.
///
/// The past is kept as a gamma memory (de Vries and Principe, "The gamma model", Neural Networks 5, 1992):
/// a cascade of eight averages, each of the one before, which reaches 64 readings back with eight numbers. The shape is
/// their deviation from the level in scales, compressed by a logarithm. As in distance-based detection with a reference
/// set (Burnaev and Ishimtsev, "Conformalized density- and distance-based anomaly detection in time-series data",
/// 2016), novelty is the root mean square distance to the nearest of 32 prototypes. The nearest one is moved by a
/// twentieth towards the shape; a shape further off than twice the usual distance takes the place of the prototype
/// least used (leader clustering with forgetting).
struct PatternMemory: Sendable {
    /// Prototypes at most.
    static let prototypeCount = 32
    /// Readings in one stage of the memory.
    static let stageLength = 8.0
    /// The share of the usual distance beyond which a shape is new.
    static let vigilance: Float = 2

    private var stages = SIMD8<Double>(repeating: 0)
    /// Stage by stage, so that a shape is compared with all prototypes at once.
    private var prototypes = InlineArray<256, Float>(repeating: 0)
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
        var sums = InlineArray<32, Float>(repeating: 0)
        for stage in 0..<8 {
            let wanted = shape[stage]
            for index in 0..<Self.prototypeCount {
                let difference = prototypes[stage * Self.prototypeCount + index] - wanted
                sums[index] += difference * difference
            }
        }
        var nearest = 0
        for index in 0..<used where sums[index] < sums[nearest] { nearest = index }
        let distance = used == 0 ? 0 : (sums[nearest] / 8).squareRoot()
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
            for stage in 0..<8 { prototypes[stage * Self.prototypeCount + place] = shape[stage] }
            uses[place] = useWeight
        } else {
            uses[nearest] += useWeight
            for stage in 0..<8 {
                let index = stage * Self.prototypeCount + nearest
                prototypes[index] += (shape[stage] - prototypes[index]) * 0.05
            }
        }
        usualDistance += max(0.005, 1 / Float(count - 50)) * (distance - usualDistance)
    }

    /// The sign times the logarithm of 1 + the magnitude, by straight lines between the powers of 2, which the bits of
    /// a floating-point number are by themselves.
    private static func compressed(_ deviations: SIMD8<Double>, deadZone: Float) -> SIMD8<Float> {
        var shape = SIMD8<Float>()
        for index in 0..<8 {
            let deviation = Float(min(max(deviations[index], -1e30), 1e30))
            let size = max(0, abs(deviation) - deadZone)
            let logarithm = Float((size + 1).bitPattern &- 0x3f80_0000) * (0.693_147_2 / 8_388_608)
            shape[index] = deviation < 0 ? -logarithm : logarithm
        }
        return shape
    }
}
