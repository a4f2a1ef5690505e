public import HostReaders

/// What a host tells of the interfaces of VMs.
public struct NetworkFacts: Equatable, Sendable {
    /// How the counters of all interfaces can be had in one dump.
    public enum Links: Equatable, Sendable {
        /// By `RTM_GETSTATS`.
        case stats
        /// By `RTM_GETLINK` alone: the kernel is older than 4.7.
        case links
        /// Not, for this `errno`, so that `/proc/net/dev` is read; 0 where it was not tried.
        case file(Int32)
    }

    /// What the packet filter tells.
    public enum Filter: Equatable, Sendable {
        /// It was not asked, as for a copy of a host's trees.
        case untried
        /// It refused with this `errno`.
        case refused(Int32)
        /// It has no chain for what a guest sends.
        case empty
        /// It has rules that drop what guests send: how many of them count, and how many do not.
        case rules(counting: Int, silent: Int)
    }

    /// How the counters of interfaces are had.
    public var links = Links.file(0)
    /// Whether the host has a Linux bridge.
    public var hasBridge = false
    /// What the packet filter tells.
    public var filter = Filter.untried
    /// Whether tables of ebtables are in use that are older than nftables and can only be read by copying them whole.
    public var hasLegacyTables = false
    /// Why packet sockets are refused, an `errno`; 0 where they are not.
    public var packetSocketRefusal: Int32 = 0

    /// A host of which nothing is known.
    public init() {}

    /// Looks at a host; sockets are tried only where the roots are those of the running one.
    ///
    /// - Parameter roots: Where its trees are.
    public init(probing roots: HostRoots) {
        let directory = roots.sys + "/class/net"
        hasBridge = HostDirectory.names(in: directory).contains { HostDirectory.exists("\(directory)/\($0)/bridge") }
        hasLegacyTables = (HostDirectory.text(of: roots.proc + "/modules") ?? "").split(separator: "\n")
            .contains { $0.hasPrefix("ebtable_nat ") || $0.hasPrefix("ebtable_filter ") }
        guard roots.proc == HostRoots().proc else { return }
        var links = LinkDump()
        let outcome = links.read { _ in }
        self.links = outcome.code.map(Links.file) ?? (links.isLegacy ? .links : .stats)
        filter = Self.filter(FilterDump())
        packetSocketRefusal = MulticastSocket.refusal()
    }

    /// Chains that are looked at where there are many.
    private static let sample = 64

    /// Asks the packet filter.
    ///
    /// - Parameter dump: Dumps of it.
    /// - Returns: What it tells.
    public static func filter(_ dump: consuming FilterDump) -> Filter {
        var places: [FilterPlace] = []
        if let code = dump.readChains(into: &places, of: { _ in true }).code { return .refused(code) }
        var counting = 0
        var silent = 0
        // Of many chains a few are looked at: a whole table would cost by the square of its rules.
        let sources: [(table: FilterTable, chain: [UInt8]?)] =
            places.count > SpoofSource.most
            ? places.prefix(sample).map { ($0.table, $0.chain) }
            : Set(places.map(\.table)).sorted { $0.family > $1.family }.map { ($0, nil) }
        for source in sources {
            let outcome = dump.readDrops(in: source.table, chain: source.chain, of: { _ in true }) { drop in
                if drop.packets == nil { silent += 1 } else { counting += 1 }
            }
            if let code = outcome.code { return .refused(code) }
        }
        return counting + silent == 0 ? .empty : .rules(counting: counting, silent: silent)
    }
}
