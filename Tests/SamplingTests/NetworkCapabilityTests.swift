import HostReaders
import Sampling
import Signals
import TestSupport
import Testing

@Suite("Capabilities of the network")
struct NetworkCapabilityTests {
    private func judge(_ signal: Signal, _ network: NetworkFacts, hasFile: Bool = true) throws -> Capability {
        var facts = HostFacts()
        facts.hasNetDev = hasFile
        facts.network = network
        return try #require(CapabilityProbe.judge(facts).first { $0.signal == signal })
    }

    /// Why a signal is not there.
    private func why(_ capability: Capability) -> String? {
        if case .notAvailable(let why) = capability.state { return why }
        return nil
    }

    private func isDegraded(_ capability: Capability) -> Bool {
        if case .degraded = capability.state { return true }
        return false
    }

    @Test("the counters of interfaces come from the best source that there is")
    func links() throws {
        var network = NetworkFacts()
        for (links, source) in [
            (NetworkFacts.Links.stats, "RTM_GETSTATS"), (.links, "RTM_GETLINK"), (.file(97), "/proc/net/dev"),
        ] {
            network.links = links
            let capability = try judge(.netDrops, network)
            #expect(capability.state == .available)
            #expect(capability.source.contains(source))
        }
        #expect(try why(judge(.netRxBytes, network, hasFile: false)) != nil)
    }

    @Test("drops of filters: each reason has its remedy")
    func spoofed() throws {
        var network = NetworkFacts()
        #expect(try why(judge(.netSpoofed, network)) != nil)
        network.filter = .refused(1)
        #expect(try judge(.netSpoofed, network).remedy?.contains("CAP_NET_ADMIN") == true)
        network.filter = .refused(22)
        #expect(try judge(.netSpoofed, network).remedy?.contains("CONFIG_NF_TABLES") == true)
        network.filter = .empty
        #expect(try judge(.netSpoofed, network).remedy?.contains("<filterref filter='clean-traffic'/>") == true)
        network.hasLegacyTables = true
        #expect(try why(judge(.netSpoofed, network))?.contains("legacy ebtables") == true)
        network.filter = .rules(counting: 3, silent: 0)
        #expect(try isDegraded(judge(.netSpoofed, network)))
        network.filter = .rules(counting: 3, silent: 1)
        #expect(try isDegraded(judge(.netSpoofed, network)))
        network.filter = .rules(counting: 0, silent: 4)
        let silent = try judge(.netSpoofed, network)
        #expect(why(silent) == "4 of 4 rules that drop do not count")
        #expect(silent.remedy?.contains("enable_counters") == true)
    }

    @Test("source addresses need a Linux bridge and rtnetlink")
    func neighbours() throws {
        var network = NetworkFacts()
        network.links = .stats
        #expect(try why(judge(.netNeighbours, network))?.contains("no Linux bridge") == true)
        network.hasBridge = true
        #expect(try isDegraded(judge(.netNeighbours, network)))
        network.links = .file(97)
        #expect(try judge(.netNeighbours, network).remedy?.contains("AF_NETLINK") == true)
    }

    @Test("multicast says what packet sockets can do, and what is lacking for them")
    func multicast() throws {
        var network = NetworkFacts()
        let able = try judge(.netMulticast, network)
        #expect(isDegraded(able) && able.remedy == nil)
        network.packetSocketRefusal = 1
        #expect(try judge(.netMulticast, network).remedy?.contains("CAP_NET_RAW") == true)
    }

    @Test("a copy of a host's trees tells of bridges and of legacy tables, and no socket is tried")
    func trees() throws {
        let tree = NetworkTree()
        try tree.add("virbr0", "bridge/bridge_id")
        let facts = NetworkFacts(probing: tree.roots)
        #expect(facts.hasBridge && !facts.hasLegacyTables && facts.filter == .untried && facts.links == .file(0))
        let host = try HostTree("v2")
        #expect(!NetworkFacts(probing: host.roots).hasBridge)
    }

    @Test("the packet filter's rules are counted by whether they count")
    func filter() throws {
        let recording = NetlinkRecording(try NetworkBed.recording("spoof.nft"))
        #expect(NetworkFacts.filter(FilterDump(adopting: recording.descriptor)) == .rules(counting: 13, silent: 0))
        let refused = NetlinkRecording([NetlinkBytes.error(-1)])
        #expect(NetworkFacts.filter(FilterDump(adopting: refused.descriptor)) == .refused(1))
        let empty = NetlinkRecording([NetlinkBytes.done()])
        #expect(NetworkFacts.filter(FilterDump(adopting: empty.descriptor)) == .empty)
        withExtendedLifetime((recording, refused, empty)) {}
    }
}
