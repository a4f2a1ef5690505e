internal import CKernel

/// A rule that drops what a guest sends.
public struct FilterDrop: Equatable, Sendable {
    /// The guest's interface.
    public var interface: InterfaceName
    /// The rule's table.
    public var table: FilterTable
    /// The rule's number, given once within its table.
    public var handle: UInt64
    /// Packets dropped since the rule was made; `nil` where it does not count.
    public var packets: UInt64?
}

/// A chain that looks at what a guest sends.
public struct FilterPlace: Hashable, Sendable {
    /// The guest's interface.
    public var interface: InterfaceName
    /// Its table.
    public var table: FilterTable
    /// Its name.
    public var chain: [UInt8]
}

/// The packet filter of the host, as far as it drops what guests send (nfnetlink, subsystem nftables).
///
/// Read only. The kernel answers nobody without `CAP_NET_ADMIN`.
public struct FilterDump: ~Copyable {
    private var dump: NetlinkDump

    /// Opens a socket.
    public init() {
        dump = NetlinkDump(NETLINK_NETFILTER)
    }

    /// Takes over a socket that is open, such as one end of a pair whose other end plays back a recording.
    ///
    /// - Parameter descriptor: The socket; it is closed at the end.
    public init(adopting descriptor: Int32) {
        dump = NetlinkDump(adopting: descriptor)
    }

    /// Reads which chains look at what some guests send.
    ///
    /// - Parameters:
    ///   - places: The chains found are added, in the kernel's order.
    ///   - isWatched: Whether an interface is one of theirs.
    /// - Returns: What came of it.
    public mutating func readChains(
        into places: inout [FilterPlace],
        of isWatched: (InterfaceName) -> Bool
    ) -> NetlinkOutcome {
        var request = Self.request(UInt16(NFT_MSG_GETCHAIN.rawValue), family: 0)
        return read(&request) { rule, bytes in
            guard let interface = FilterChain.interface(rule.chain, table: rule.table, bytes, isWatched) else { return }
            let table = FilterTable(family: rule.family, name: Self.copy(rule.table, bytes))
            places.append(FilterPlace(interface: interface, table: table, chain: Self.copy(rule.chain, bytes)))
        }
    }

    /// Reads the rules of one table, or of one chain, that drop what some guests send.
    ///
    /// The kernel walks a table from its beginning for each part of a dump, so that a whole table costs by the square of
    /// its rules: 7 ms of CPU time for 4,000 and about 350 ms for 40,000. A chain costs by its own rules alone.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - chain: The chain; by default all chains of the table.
    ///   - isWatched: Whether an interface is one of theirs.
    ///   - take: Takes each rule.
    /// - Returns: What came of it.
    public mutating func readDrops(
        in table: FilterTable,
        chain: [UInt8]? = nil,
        of isWatched: (InterfaceName) -> Bool,
        _ take: (FilterDrop) -> Void
    ) -> NetlinkOutcome {
        var request = Self.request(UInt16(NFT_MSG_GETRULE.rawValue), family: table.family)
        request.add(Int(NFTA_RULE_TABLE.rawValue), text: table.name)
        if let chain { request.add(Int(NFTA_RULE_CHAIN.rawValue), text: chain) }
        return read(&request) { rule, bytes in
            // Kernels before 4.10 dump all tables whatever was asked for.
            guard rule.drops, rule.family == table.family, Self.copy(rule.table, bytes) == table.name,
                let interface = FilterChain.interface(rule.chain, table: rule.table, bytes, isWatched)
            else { return }
            take(FilterDrop(interface: interface, table: table, handle: rule.handle, packets: rule.packets))
        }
    }

    /// Runs a dump of chains or rules.
    private mutating func read(
        _ request: inout NetlinkRequest,
        _ take: (FilterRule, Span<UInt8>) -> Void
    ) -> NetlinkOutcome {
        var isMalformed = false
        let outcome = dump.run(&request) { message, bytes in
            do {
                if let rule = try FilterRule.read(message, bytes) { take(rule, bytes) }
            } catch {
                isMalformed = true
            }
        }
        return isMalformed && outcome.isUsable ? .malformed : outcome
    }

    /// A request with its `struct nfgenmsg`: the family, version 0, no resource.
    private static func request(_ type: UInt16, family: UInt8) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | type, header: [family, 0, 0, 0])
    }

    /// The bytes at a place.
    private static func copy(_ place: Range<Int>, _ bytes: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        for index in place { copy.append(bytes[index]) }
        return copy
    }
}
