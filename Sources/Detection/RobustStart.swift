/// The first readings of a stream, from which its level and scale start: their median, and 1.4826 times their median
/// absolute deviation.
struct RobustStart: Sendable {
    /// Readings that are collected.
    static let count = 9
    /// What a reading is kept within; none of a host is greater.
    static let largest = 1e38

    private var readings = InlineArray<9, Float>(repeating: 0)

    /// Keeps a reading.
    ///
    /// - Parameters:
    ///   - value: The reading.
    ///   - index: Its place, below ``count``.
    mutating func keep(_ value: Double, at index: Int) {
        readings[index] = Float(min(max(value, -Self.largest), Self.largest))
    }

    /// The level and one robust standard deviation, all readings being there.
    var levelAndScale: (level: Double, scale: Double) {
        let level = Double(Self.median(readings))
        var deviations = readings
        for index in deviations.indices { deviations[index] = Float(abs(Double(deviations[index]) - level)) }
        return (level, 1.4826 * Double(Self.median(deviations)))
    }

    /// The middle one of the values.
    private static func median(_ values: InlineArray<9, Float>) -> Float {
        var sorted = values
        for end in 1..<count {
            var index = end
            while index > 0 && sorted[index - 1] > sorted[index] {
                sorted.swapAt(index - 1, index)
                index -= 1
            }
        }
        return sorted[count / 2]
    }
}
