import TestSupport
import Testing

@testable import HostReaders

@Suite("Dumps of the packet filter")
struct FilterDumpTests {
    private static let taps: Set<InterfaceName> = Set(["tap1", "tap2", "tap3"].compactMap(InterfaceName.init))

    /// The packets that recorded rules have dropped by interface, in both rounds of the recording.
    private func dropped(_ datagrams: [[UInt8]], rounds: Int) -> ([[InterfaceName: UInt64]], [[FilterTable]]) {
        let recording = NetlinkRecording(datagrams)
        defer { withExtendedLifetime(recording) {} }
        var dump = FilterDump(adopting: recording.descriptor)
        var sums: [[InterfaceName: UInt64]] = []
        var all: [[FilterTable]] = []
        for _ in 0..<rounds {
            var places: [FilterPlace] = []
            var sum: [InterfaceName: UInt64] = [:]
            let outcome = dump.readChains(into: &places) { Self.taps.contains($0) }
            #expect(outcome == .whole)
            #expect(places.count == 10)
            var tables: [FilterTable] = []
            for place in places where !tables.contains(place.table) { tables.append(place.table) }
            for table in tables {
                let outcome = dump.readDrops(in: table, of: { Self.taps.contains($0) }) { drop in
                    sum[drop.interface, default: 0] += drop.packets ?? 0
                }
                #expect(outcome == .whole)
            }
            sums.append(sum)
            all.append(tables)
        }
        return (sums, all)
    }

    @Test("libvirt's own rules, recorded: what the guests sent and was dropped, and nothing that they were to receive")
    func recorded() throws {
        let (sums, tables) = try dropped(Fixtures.netlink("spoof.nft"), rounds: 2)
        let (one, two) = (try #require(InterfaceName("tap1")), try #require(InterfaceName("tap2")))
        // The chain for what tap1 receives has dropped 4 packets in the first round.
        #expect(sums[0] == [one: 0, two: 0])
        // 7 forged MAC, 5 forged IP, 3 and 2 forged ARP, 4 of another protocol; 11 forged MAC and 12 by port.
        #expect(sums[1] == [one: 21, two: 23])
        let expected = [
            FilterTable(family: 7, name: Array("nat".utf8)), FilterTable(family: 2, name: Array("filter".utf8)),
        ]
        #expect(tables == [expected, expected])
    }

    /// The interface that a chain is found to be for.
    private func interface(_ chain: String, table: String = "nat", of names: [String]) -> InterfaceName? {
        let bytes = Array((table + chain).utf8)
        let watched = Set(names.compactMap(InterfaceName.init))
        let split = table.utf8.count
        return FilterChain.interface(split..<bytes.count, table: 0..<split, bytes.span) { watched.contains($0) }
    }

    @Test(
        "chains for what a guest sends are known by their names",
        arguments: [
            "libvirt-I-vnet0", "I-vnet0-mac", "I-vnet0-ipv4-ip", "I-vnet0-arp-mac", "FI-vnet0", "HI-vnet0",
        ]
    )
    func names(chain: String) {
        #expect(interface(chain, of: ["vnet0"]) == InterfaceName("vnet0"))
        #expect(interface(chain, of: ["vnet", "vnet00", "net0"]) == nil)
    }

    @Test(
        "other chains are not",
        arguments: [
            "libvirt-O-vnet0", "O-vnet0-mac", "FO-vnet0", "FJ-vnet0", "libvirt-J-vnet0", "J-vnet0-mac", "vnet0",
            "PREROUTING", "I-", "", "vnet0-out", "I-vnet0x",
        ]
    )
    func otherNames(chain: String) {
        #expect(interface(chain, of: ["vnet0", ""]) == nil)
    }

    @Test("in the tables of libvirt's nftables backend chains are named otherwise")
    func nftables() {
        for table in ["libvirt_nwfilter_ethernet", "libvirt_nwfilter_inet"] {
            #expect(interface("vnet0-out", table: table, of: ["vnet0"]) == InterfaceName("vnet0"))
            #expect(interface("vnet0-ipv4-out", table: table, of: ["vnet0"]) == InterfaceName("vnet0"))
            for chain in ["vnet0-in", "vnet0-ipv4-in", "I-vnet0-mac", "-out", "out", "prerouting"] {
                #expect(interface(chain, table: table, of: ["vnet0"]) == nil)
            }
        }
    }

    @Test("where names hold dashes the longest that is looked for is meant, up to 15 bytes")
    func dashes() {
        #expect(interface("I-tap1-mac", of: ["tap1", "tap1-mac"]) == InterfaceName("tap1-mac"))
        #expect(interface("I-tap0a-1b-mac", of: ["tap0a-1b"]) == InterfaceName("tap0a-1b"))
        #expect(interface("I-abcdefghijklmno-mac", of: ["abcdefghijklmno"]) == InterfaceName("abcdefghijklmno"))
        #expect(interface("I-abcdefghijklmnop", of: ["abcdefghijklmno"]) == nil)
    }

    /// One rule of `bridge nat`, chain `I-tap1-mac`, number 5.
    private func rule(_ expressions: [(String, [UInt8])], handle: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 5]) -> [UInt8] {
        let list = expressions.flatMap { name, data in
            // NFTA_LIST_ELEM with NFTA_EXPR_NAME and NFTA_EXPR_DATA.
            NetlinkBytes.attribute(
                1,
                NetlinkBytes.attribute(1, Array(name.utf8) + [0]) + NetlinkBytes.attribute(2, data)
            )
        }
        let attributes =
            NetlinkBytes.attribute(1, Array("nat\0".utf8)) + NetlinkBytes.attribute(2, Array("I-tap1-mac\0".utf8))
            + NetlinkBytes.attribute(3, handle) + NetlinkBytes.attribute(4, list)
        // NFNL_SUBSYS_NFTABLES and NFT_MSG_NEWRULE; struct nfgenmsg: family bridge, version, resource.
        return NetlinkBytes.message(0x0a06, [7, 0, 0, 0] + attributes)
    }

    /// NFTA_COUNTER_BYTES and NFTA_COUNTER_PACKETS, big endian.
    private func counter(_ packets: UInt8) -> (String, [UInt8]) {
        (
            "counter",
            NetlinkBytes.attribute(1, [0, 0, 0, 0, 0, 0, 0, 99])
                + NetlinkBytes.attribute(2, [0, 0, 0, 0, 0, 0, 1, packets])
        )
    }

    /// NFTA_IMMEDIATE_DREG and NFTA_IMMEDIATE_DATA with NFTA_DATA_VERDICT and NFTA_VERDICT_CODE, big endian.
    private func verdict(_ code: UInt8) -> (String, [UInt8]) {
        let verdict = NetlinkBytes.attribute(2, NetlinkBytes.attribute(1, [0, 0, 0, code]))
        return ("immediate", NetlinkBytes.attribute(1, [0, 0, 0, 0]) + NetlinkBytes.attribute(2, verdict))
    }

    /// What one dump of `bridge nat` gives.
    private func read(_ answer: [UInt8]) -> (NetlinkOutcome, [FilterDrop]) {
        let recording = NetlinkRecording([answer + NetlinkBytes.done()])
        defer { withExtendedLifetime(recording) {} }
        var dump = FilterDump(adopting: recording.descriptor)
        var found: [FilterDrop] = []
        let outcome = dump.readDrops(
            in: FilterTable(family: 7, name: Array("nat".utf8)),
            of: { Self.taps.contains($0) }
        ) {
            found.append($0)
        }
        return (outcome, found)
    }

    @Test("a rule that drops is told with its counter, in big endian")
    func drop() throws {
        let (outcome, found) = read(rule([counter(2), verdict(0)]))
        #expect(outcome == .whole)
        #expect(found.map(\.packets) == [258])
        #expect(found.map(\.handle) == [5])
        #expect(found.first?.interface == InterfaceName("tap1"))
    }

    @Test("rejecting is dropping, by the native expression and by that of xtables")
    func reject() {
        #expect(read(rule([counter(1), ("reject", [])])).1.count == 1)
        #expect(read(rule([counter(1), ("target", NetlinkBytes.attribute(1, Array("REJECT\0".utf8)))])).1.count == 1)
        #expect(read(rule([counter(1), ("target", NetlinkBytes.attribute(1, Array("MARK\0".utf8)))])).1.isEmpty)
    }

    @Test("accepting, returning and only counting are not")
    func other() {
        #expect(read(rule([counter(1), verdict(1)])).1.isEmpty)
        #expect(read(rule([counter(1)])).1.isEmpty)
        #expect(read(rule([])).1.isEmpty)
    }

    @Test("a rule that drops and does not count says so")
    func silent() {
        #expect(read(rule([verdict(0)])).1.map(\.packets) == [nil])
    }

    @Test("numbers of the wrong length are malformed, and other rules are read nevertheless")
    func malformed() {
        let short = ("counter", NetlinkBytes.attribute(2, [0, 0, 1]))
        let verdict = NetlinkBytes.attribute(2, NetlinkBytes.attribute(2, NetlinkBytes.attribute(1, [0])))
        for bad in [
            rule([short, self.verdict(0)]), rule([counter(1), ("immediate", verdict)]), rule([], handle: [1]),
            NetlinkBytes.message(0x0a06, [7]), NetlinkBytes.message(0x0a06, [7, 0, 0, 0]),
        ] {
            let (outcome, found) = read(bad + rule([counter(2), self.verdict(0)]))
            #expect(outcome == .malformed)
            #expect(found.map(\.packets) == [258])
        }
    }

    @Test("the requests are those of nfnetlink")
    func requests() {
        let recording = NetlinkRecording([NetlinkBytes.done(), NetlinkBytes.done(sequence: 2)])
        defer { withExtendedLifetime(recording) {} }
        var dump = FilterDump(adopting: recording.descriptor)
        var places: [FilterPlace] = []
        let first = dump.readChains(into: &places) { _ in true }
        let second = dump.readDrops(in: FilterTable(family: 7, name: Array("nat".utf8)), of: { _ in true }) { _ in }
        recording.add(NetlinkBytes.done(sequence: 3))
        let third = dump.readDrops(in: FilterTable(family: 7, name: [0x6e]), chain: [0x49], of: { _ in true }) { _ in }
        #expect(first == .whole && second == .whole && third == .whole)
        // NFT_MSG_GETCHAIN of all families.
        #expect(recording.request() == [20, 0, 0, 0, 4, 10, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        // NFT_MSG_GETRULE of the family bridge with NFTA_RULE_TABLE.
        #expect(
            recording.request() == [28, 0, 0, 0, 7, 10, 1, 3, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]
                + [8, 0, 1, 0, 0x6e, 0x61, 0x74, 0]
        )
        // The same of one chain, with NFTA_RULE_CHAIN.
        #expect(
            recording.request() == [36, 0, 0, 0, 7, 10, 1, 3, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]
                + [6, 0, 1, 0, 0x6e, 0, 0, 0, 6, 0, 2, 0, 0x49, 0, 0, 0]
        )
    }
}
