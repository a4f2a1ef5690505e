import Signals

/// What writer and reader both remember of one reading, so that the next one is told by what differs.
///
/// A change is one code byte and up to eight bytes of value. The code is `quality × 38 + shape`. Shape 0: the value is the
/// last one that was not zero. Shape 37: the value is zero. Shapes 1 to 36: the value is the last one that was not zero,
/// XOR `count` bytes that follow, shifted up by `low` bytes; these are numbered by count from 1 to 8, and for each count by
/// `low` from 0 to 8 − count.
struct TraceCell: Equatable {
    /// Shapes of a value.
    static let shapes: UInt8 = 38
    /// The bits of the value now.
    private(set) var bits: UInt64 = 0
    /// The bits of the last value that was not zero.
    private var last: UInt64 = 0
    /// The quality now.
    private(set) var quality = Quality.missing

    /// Whether a reading is the same, bit for bit.
    func matches(_ reading: Reading) -> Bool {
        reading.value.bitPattern == bits && reading.quality == quality
    }

    /// Takes over a reading and appends what tells it.
    mutating func write(_ reading: Reading, to bytes: inout [UInt8]) {
        quality = reading.quality
        bits = reading.value.bitPattern
        let code = quality.rawValue * Self.shapes
        guard bits != 0 else {
            bytes.append(code + 37)
            return
        }
        let difference = bits ^ last
        last = bits
        guard difference != 0 else {
            bytes.append(code)
            return
        }
        let low = difference.trailingZeroBitCount / 8
        let count = 8 - difference.leadingZeroBitCount / 8 - low
        bytes.append(code + Self.shape(count: count, low: low))
        bytes.appendBytes(count, of: difference >> UInt64(8 * low))
    }

    /// Takes over what a change tells.
    mutating func read(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let code = try cursor.byte()
        guard let quality = Quality(rawValue: code / Self.shapes) else {
            throw cursor.problem("no reading begins with byte \(code)")
        }
        self.quality = quality
        let shape = code % Self.shapes
        if shape == 37 {
            bits = 0
            return
        }
        if shape > 0 {
            let (count, low) = Self.parts[Int(shape)]
            last ^= try cursor.number(bytes: count) << UInt64(8 * low)
        }
        bits = last
    }

    /// The number of a shape with bytes.
    static func shape(count: Int, low: Int) -> UInt8 {
        // Below a count come those of each smaller count c, of which there are 9 − c.
        UInt8(1 + (count - 1) * (18 - count) / 2 + low)
    }

    /// The bytes of each shape: how many, and how many zero bytes are below.
    static let parts: [(count: Int, low: Int)] = {
        var parts = [(count: 0, low: 0)]
        for count in 1...8 { for low in 0...(8 - count) { parts.append((count, low)) } }
        return parts
    }()
}
