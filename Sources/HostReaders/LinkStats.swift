internal import CKernel

/// One interface of a dump of statistics.
public struct LinkStats: Equatable, Sendable {
    /// The interface's number, which none after it is given again before the numbers wrap.
    public var index: Int32
    /// Its counters.
    public var counters: LinkCounters

    /// Reads `RTM_NEWSTATS` with `IFLA_STATS_LINK_64`, or `RTM_NEWLINK` with `IFLA_STATS64` (rtnetlink(7)).
    ///
    /// - Parameters:
    ///   - message: A message.
    ///   - bytes: The datagram that it lies in.
    /// - Returns: The interface; `nil` for a message of another kind or without statistics.
    /// - Throws: ``Malformed`` where it is too short or an attribute's length makes no sense.
    package static func read(_ message: NetlinkMessage, _ bytes: Span<UInt8>) throws(Malformed) -> LinkStats? {
        let header: Int
        let wanted: Int
        switch Int(message.type) {
        case RTM_NEWSTATS: (header, wanted) = (MemoryLayout<if_stats_msg>.size, Int(IFLA_STATS_LINK_64))
        case RTM_NEWLINK: (header, wanted) = (MemoryLayout<ifinfomsg>.size, Int(IFLA_STATS64))
        default: return nil
        }
        let start = message.payload.lowerBound
        guard message.payload.count >= header, let index = Wire.uint32(bytes, start + 4) else {
            throw Malformed(at: start)
        }
        var attributes = NetlinkAttributes(message.payload, after: header)
        guard let place = attributes.first(wanted, bytes) else {
            if let malformed = attributes.malformed { throw malformed }
            return nil
        }
        guard let counters = LinkCounters(place, bytes) else { throw Malformed(at: place.lowerBound) }
        return LinkStats(index: Int32(bitPattern: index), counters: counters)
    }
}

extension LinkCounters {
    /// Reads the part of `struct rtnl_link_stats64` that every kernel has: 16 numbers of 64 bits; `nil` where it is
    /// shorter.
    @inline(__always)
    init?(_ place: Range<Int>, _ bytes: Span<UInt8>) {
        guard place.count >= 128 else { return nil }
        var numbers = InlineArray<16, UInt64>(repeating: 0)
        for column in 0..<16 {
            guard let number = Wire.uint64(bytes, place.lowerBound + 8 * column) else { return nil }
            numbers[column] = number
        }
        self.init(
            rxBytes: numbers[2],
            rxPackets: numbers[0],
            rxErrors: numbers[4],
            // As /proc/net/dev adds them up: rx_dropped and rx_missed_errors.
            rxDrops: numbers[6] &+ numbers[15],
            multicast: numbers[8],
            txBytes: numbers[3],
            txPackets: numbers[1],
            txErrors: numbers[5],
            txDrops: numbers[7]
        )
    }
}
