/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 appendix B.4): guards the ledger's lines and a trace's
/// records.
package enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        return value
    }

    /// The checksum of some bytes.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let table = table
        var state: UInt32 = .max
        for byte in bytes { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
        return ~state
    }

    /// Goes on with a checksum over a part of some bytes, without a call for each of them.
    ///
    /// - Parameters:
    ///   - sum: The checksum of what came before, 0 for nothing.
    ///   - bytes: The bytes.
    ///   - range: The part that counts, within `bytes`.
    /// - Returns: The checksum of both.
    package static func extend(_ sum: UInt32, with bytes: [UInt8], in range: Range<Int>) -> UInt32 {
        let table = table
        var state = ~sum
        for index in range { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[index])] }
        return ~state
    }
}
