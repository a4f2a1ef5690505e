/// Builds netlink messages as the kernel does, for tests.
public enum NetlinkBytes {
    /// `NLM_F_MULTI`.
    public static let multi: UInt16 = 2
    /// `NLM_F_DUMP_INTR`.
    public static let interrupted: UInt16 = 0x10

    /// A number as it lies in memory.
    ///
    /// - Parameter number: The number.
    /// - Returns: Its bytes.
    public static func number<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number.littleEndian >> (8 * $0)) }
    }

    /// A message, padded to a multiple of 4.
    ///
    /// - Parameters:
    ///   - type: What it is.
    ///   - flags: `NLM_F_*`.
    ///   - sequence: The request that it answers.
    ///   - payload: What follows the header.
    ///   - length: The length to claim; by default the true one.
    /// - Returns: Its bytes.
    public static func message(
        _ type: UInt16,
        flags: UInt16 = multi,
        sequence: UInt32 = 1,
        _ payload: [UInt8],
        length: UInt32? = nil
    ) -> [UInt8] {
        number(length ?? UInt32(16 + payload.count)) + number(type) + number(flags) + number(sequence)
            + number(UInt32(0)) + padded(payload)
    }

    /// `NLMSG_DONE`: the end of a dump, with a code that is 0 or a negative `errno`.
    ///
    /// - Parameters:
    ///   - sequence: The request that it answers.
    ///   - flags: `NLM_F_*`.
    ///   - code: The code.
    /// - Returns: Its bytes.
    public static func done(sequence: UInt32 = 1, flags: UInt16 = multi, code: Int32 = 0) -> [UInt8] {
        message(3, flags: flags, sequence: sequence, number(code))
    }

    /// `NLMSG_ERROR`: a negative `errno` and the header of the request, left empty here.
    ///
    /// - Parameters:
    ///   - code: The code.
    ///   - sequence: The request that it answers.
    /// - Returns: Its bytes.
    public static func error(_ code: Int32, sequence: UInt32 = 1) -> [UInt8] {
        message(2, flags: 0, sequence: sequence, number(code) + [UInt8](repeating: 0, count: 16))
    }

    /// An attribute, padded to a multiple of 4.
    ///
    /// - Parameters:
    ///   - type: What it is.
    ///   - payload: What it holds.
    ///   - length: The length to claim; by default the true one.
    /// - Returns: Its bytes.
    public static func attribute(_ type: UInt16, _ payload: [UInt8], length: UInt16? = nil) -> [UInt8] {
        number(length ?? UInt16(4 + payload.count)) + number(type) + padded(payload)
    }

    /// `RTM_NEWSTATS` of one interface.
    ///
    /// - Parameters:
    ///   - index: The interface's number.
    ///   - values: `struct rtnl_link_stats64` from its beginning: packets received and sent, bytes received and sent,
    ///     errors received and sent, drops received and sent, multicast, …; filled with 0 to 25 numbers.
    ///   - sequence: The request that it answers.
    ///   - flags: `NLM_F_*`.
    /// - Returns: Its bytes.
    public static func stats(
        _ index: UInt32,
        _ values: [UInt64],
        sequence: UInt32 = 1,
        flags: UInt16 = multi
    ) -> [UInt8] {
        let all = values + [UInt64](repeating: 0, count: max(0, 25 - values.count))
        // struct if_stats_msg: family, padding, interface, which statistics are there.
        let header = [UInt8](repeating: 0, count: 4) + number(index) + number(UInt32(1))
        return message(92, flags: flags, sequence: sequence, header + attribute(1, all.flatMap { number($0) }))
    }

    /// `RTM_NEWNEIGH` of a bridge's forwarding table.
    ///
    /// - Parameters:
    ///   - port: The port's number.
    ///   - address: The address.
    ///   - state: `NUD_*`.
    ///   - flags: `NTF_*`.
    ///   - sequence: The request that it answers.
    /// - Returns: Its bytes.
    public static func neighbour(
        port: UInt32,
        _ address: [UInt8],
        state: UInt16 = 2,
        flags: UInt8 = 0,
        sequence: UInt32 = 1
    ) -> [UInt8] {
        // struct ndmsg: family AF_BRIDGE, padding, port, state, flags, type; then NDA_LLADDR.
        let header = [7, 0, 0, 0] + number(port) + number(state) + [flags, 0]
        return message(28, sequence: sequence, header + attribute(2, address))
    }

    /// The datagrams of a recording, each behind its length (32 bits, little endian).
    ///
    /// - Parameter file: The whole file.
    /// - Returns: The datagrams.
    public static func datagrams(_ file: [UInt8]) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        var index = 0
        while index + 4 <= file.count {
            let length = (0..<4).reduce(0) { $0 | Int(file[index + $1]) << (8 * $1) }
            datagrams.append(Array(file[(index + 4)..<(index + 4 + length)]))
            index += 4 + length
        }
        return datagrams
    }

    /// Bytes with zeroes behind them, up to a multiple of 4.
    private static func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: -bytes.count & 3) }
}
