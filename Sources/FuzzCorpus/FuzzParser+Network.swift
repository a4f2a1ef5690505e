internal import HostReaders
internal import TestSupport

extension FuzzParser {
    /// Dumps of netlink: interfaces, forwarding tables, the packet filter.
    static let network: [FuzzParser] = [
        netlink("netlink-stats", [NetlinkBytes.stats(3, [1, 2, 3]) + NetlinkBytes.stats(4, [5]) + NetlinkBytes.done()])
        {
            message,
            bytes throws(Malformed) in
            try LinkStats.read(message, bytes) != nil
        },
        netlink(
            "netlink-neighbours",
            [
                NetlinkBytes.neighbour(port: 7, [0x52, 0x54, 0, 1, 2, 3])
                    + NetlinkBytes.neighbour(port: 8, [1, 2, 3, 4, 5, 6], state: 0x80) + NetlinkBytes.done()
            ]
        ) { message, bytes throws(Malformed) in
            try ForwardingEntry.read(message, bytes) != nil
        },
        netlink("netlink-filter", [rule + NetlinkBytes.done(), chain + rule]) { message, bytes throws(Malformed) in
            try FilterRule.read(message, bytes) != nil
        },
    ]

    /// A parser of the messages of one datagram: those that it takes are in it, and there are no more than fit.
    private static func netlink(
        _ name: String,
        _ seeds: [[UInt8]],
        _ take: @escaping @Sendable (NetlinkMessage, Span<UInt8>) throws(Malformed) -> Bool
    ) -> FuzzParser {
        .binary(name, seeds) { bytes in
            var messages = NetlinkMessages()
            var count = 0
            var taken = 0
            while let message = messages.next(bytes) {
                count += 1
                guard count <= bytes.count / 16, message.payload.lowerBound >= 16,
                    message.payload.upperBound <= bytes.count
                else { return .broken("message \(count) is not in the datagram: \(message)") }
                do throws(Malformed) {
                    if try take(message, bytes) { taken += 1 }
                } catch {
                    guard (0...bytes.count).contains(error.offset) else { return .broken("no place: \(error)") }
                }
            }
            return messages.malformed == nil && taken > 0 ? .taken : .refused
        }
    }

    /// A text with its zero.
    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    /// A number of 64 bits in network order.
    private static func number(_ number: UInt64) -> [UInt8] { NetlinkBytes.number(number.byteSwapped) }

    /// `NFT_MSG_NEWCHAIN` of a chain of libvirt's.
    private static let chain = NetlinkBytes.message(
        10 << 8 | 3,
        [7, 0, 0, 0] + NetlinkBytes.attribute(1, text("nat")) + NetlinkBytes.attribute(3, text("I-vnet0-mac"))
    )

    /// `NFT_MSG_NEWRULE` of a rule that counts and drops.
    private static let rule: [UInt8] = {
        func element(_ name: String, _ data: [UInt8]) -> [UInt8] {
            NetlinkBytes.attribute(1, NetlinkBytes.attribute(1, text(name)) + NetlinkBytes.attribute(2, data))
        }
        let counts = NetlinkBytes.attribute(1, number(980)) + NetlinkBytes.attribute(2, number(7))
        let code = NetlinkBytes.attribute(1, NetlinkBytes.number(UInt32(0)))
        let verdict = NetlinkBytes.attribute(1, number(0)) + NetlinkBytes.attribute(2, NetlinkBytes.attribute(2, code))
        let expressions = element("counter", counts) + element("immediate", verdict)
        return NetlinkBytes.message(
            10 << 8 | 6,
            [7, 0, 0, 0] + NetlinkBytes.attribute(1, text("nat")) + NetlinkBytes.attribute(2, text("I-vnet0-mac"))
                + NetlinkBytes.attribute(3, number(12)) + NetlinkBytes.attribute(4, expressions)
        )
    }()
}
