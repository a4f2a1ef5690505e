internal import CKernel

/// A table of nftables.
public struct FilterTable: Hashable, Sendable {
    /// `NFPROTO_*`: 2 is IPv4, 7 is bridge, 10 is IPv6.
    public var family: UInt8
    /// Its name.
    public var name: [UInt8]
}

/// A chain of nftables in which libvirt's network filter looks at what a guest sends.
///
/// libvirt's ebtables and iptables, on nftables too, name such a chain `libvirt-I-vnet0`, `I-vnet0-mac`,
/// `I-vnet0-arp-ip`, `FI-vnet0`, `HI-vnet0`; its nftables backend `vnet0-out`, `vnet0-ipv4-out`, in tables of its own.
/// What the guest is to receive is in chains with `O` or `-in`, and of no interest.
enum FilterChain {
    /// How libvirt's nftables backend begins the names of its tables.
    private static let ownTables = Array("libvirt_nwfilter_".utf8)
    /// How chains begin that look at what a guest sends.
    private static let prefixes = ["libvirt-I-", "I-", "FI-", "HI-"].map { Array($0.utf8) }
    private static let suffix = Array("-out".utf8)
    private static let dash = UInt8(ascii: "-")

    /// The interface that a chain is for.
    ///
    /// - Parameters:
    ///   - name: Where the chain's name is.
    ///   - table: Where its table's name is.
    ///   - bytes: The datagram.
    ///   - isWatched: Whether an interface is looked for. Names of interfaces may hold dashes as the chains' do, so the
    ///     longest one that is looked for is meant.
    /// - Returns: The interface; `nil` where the chain is for none or for what the guest receives.
    static func interface(
        _ name: Range<Int>,
        table: Range<Int>,
        _ bytes: Span<UInt8>,
        _ isWatched: (InterfaceName) -> Bool
    ) -> InterfaceName? {
        var rest = name
        if begins(table, with: ownTables, bytes) {
            guard name.count > suffix.count else { return nil }
            rest = name.lowerBound..<name.upperBound - suffix.count
            guard begins(rest.upperBound..<name.upperBound, with: suffix, bytes) else { return nil }
        } else {
            guard let prefix = prefixes.first(where: { begins(name, with: $0, bytes) }) else { return nil }
            rest = name.lowerBound + prefix.count..<name.upperBound
        }
        var candidate = InterfaceName()
        var longest: InterfaceName?
        for place in rest.prefix(15) {
            candidate.append(bytes[place])
            let isEnd = place + 1 == rest.upperBound || bytes[place + 1] == dash
            if isEnd, isWatched(candidate) { longest = candidate }
        }
        return longest
    }

    /// Whether bytes begin with others.
    private static func begins(_ place: Range<Int>, with prefix: [UInt8], _ bytes: Span<UInt8>) -> Bool {
        guard place.count >= prefix.count else { return false }
        for index in prefix.indices where bytes[place.lowerBound + index] != prefix[index] { return false }
        return true
    }

    /// Text without the zero byte that ends it.
    static func text(_ place: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int> {
        var end = place.lowerBound
        while end < place.upperBound, bytes[end] != 0 { end += 1 }
        return place.lowerBound..<end
    }
}
