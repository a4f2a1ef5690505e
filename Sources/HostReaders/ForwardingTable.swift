internal import CKernel

/// One entry of a bridge's forwarding table.
package struct ForwardingEntry: Equatable {
    /// The number of the port behind which the address is.
    var port: Int32
    /// The address, 48 bits.
    var address: UInt64
    /// Whether the bridge has learned it from a frame that came in by the port; else it was set, such as the port's own.
    var isLearned: Bool

    /// Reads `RTM_NEWNEIGH` of the family `AF_BRIDGE` (`struct ndmsg`, rtnetlink(7)).
    ///
    /// - Parameters:
    ///   - message: A message.
    ///   - bytes: The datagram that it lies in.
    /// - Returns: The entry; `nil` for a message of another kind or an address that is none of Ethernet.
    /// - Throws: ``Malformed`` where it is too short or an attribute's length makes no sense.
    package static func read(_ message: NetlinkMessage, _ bytes: Span<UInt8>) throws(Malformed) -> ForwardingEntry? {
        guard Int(message.type) == RTM_NEWNEIGH else { return nil }
        let start = message.payload.lowerBound
        guard message.payload.count >= MemoryLayout<ndmsg>.size, let family = Wire.uint8(bytes, start),
            let port = Wire.uint32(bytes, start + 4), let state = Wire.uint16(bytes, start + 8),
            let flags = Wire.uint8(bytes, start + 10)
        else { throw Malformed(at: start) }
        guard Int32(family) == bridge else { return nil }
        var attributes = NetlinkAttributes(message.payload, after: MemoryLayout<ndmsg>.size)
        guard let place = attributes.first(Int(NDA_LLADDR), bytes) else {
            if let malformed = attributes.malformed { throw malformed }
            return nil
        }
        guard place.count == 6 else { return nil }
        var address: UInt64 = 0
        for index in place { address = address << 8 | UInt64(bytes[index]) }
        // Entries of the device itself (NTF_SELF) are its filter for what it receives, not what was seen.
        let isSet = Int32(state) & (NUD_PERMANENT | NUD_NOARP) != 0 || Int32(flags) & (1 << 1) != 0
        return ForwardingEntry(port: Int32(bitPattern: port), address: address, isLearned: !isSet)
    }

    /// `AF_BRIDGE`.
    static let bridge: Int32 = 7
}

/// The forwarding tables of all bridges in one dump (`RTM_GETNEIGH` with `AF_BRIDGE`).
public struct ForwardingTable: ~Copyable {
    /// The most addresses that are told apart on one port.
    public static let most = 16_384

    private var dump: NetlinkDump
    private var request: NetlinkRequest = {
        // `struct ndmsg`: the family, the rest zero.
        var header = [UInt8](repeating: 0, count: MemoryLayout<ndmsg>.size)
        header[0] = UInt8(ForwardingEntry.bridge)
        return NetlinkRequest(type: UInt16(RTM_GETNEIGH), header: header)
    }()

    /// Opens a socket.
    public init() {
        dump = NetlinkDump(NETLINK_ROUTE)
    }

    /// Takes over a socket that is open, such as one end of a pair whose other end plays back a recording.
    ///
    /// - Parameter descriptor: The socket; it is closed at the end.
    public init(adopting descriptor: Int32) {
        dump = NetlinkDump(adopting: descriptor)
    }

    /// Reads which source addresses the bridges have seen on some ports.
    ///
    /// - Parameters:
    ///   - addresses: By the ports' numbers: the addresses found are added, those of other ports passed over. An address
    ///     that was seen in several VLANs is one; more than ``most`` on a port are not told apart.
    ///   - ports: The ports of which there is any entry are added. A port has at least one, its own address.
    /// - Returns: What came of it.
    public mutating func read(
        into addresses: inout [Int32: Set<UInt64>],
        seen ports: inout Set<Int32>
    ) -> NetlinkOutcome {
        var isMalformed = false
        let outcome = dump.run(&request) { message, bytes in
            do {
                guard let entry = try ForwardingEntry.read(message, bytes),
                    let count = addresses[entry.port]?.count
                else { return }
                ports.insert(entry.port)
                if entry.isLearned, count < Self.most { addresses[entry.port]?.insert(entry.address) }
            } catch {
                isMalformed = true
            }
        }
        return isMalformed && outcome.isUsable ? .malformed : outcome
    }
}
