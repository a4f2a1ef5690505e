import HostReaders
import Signals
import TestSupport
import Testing

@Suite("Hostile netlink datagrams")
struct HostileNetlinkTests {
    /// Feeds datagrams to each of the readers.
    private func feed(_ datagrams: [[UInt8]]) -> [NetlinkOutcome] {
        let recordings = (0..<3).map { _ in NetlinkRecording(datagrams) }
        defer { withExtendedLifetime(recordings) {} }
        var links = LinkDump(adopting: recordings[0].descriptor)
        var table = ForwardingTable(adopting: recordings[1].descriptor)
        var filter = FilterDump(adopting: recordings[2].descriptor)
        var addresses: [Int32: Set<UInt64>] = [3: [], 5: []]
        var places: [FilterPlace] = []
        var ports: Set<Int32> = []
        return [
            links.read { _ in }, table.read(into: &addresses, seen: &ports),
            filter.readChains(into: &places) { _ in true },
        ]
    }

    @Test("random and damaged datagrams never trap a reader", .timeLimit(.minutes(5)))
    func neverTraps() throws {
        let seeds = try ["stats.rtnl", "neighbours.rtnl", "spoof.nft", "links.rtnl"].map(Fixtures.netlink)
        for seed in seeds { #expect(feed(seed).contains(.whole)) }
        var generator = SplitMix64(seed: 20_250_102)
        var failed = 0
        for round in 0..<6_000 {
            var datagrams = seeds[round % seeds.count]
            let which = Int(generator.next() % UInt64(datagrams.count))
            for _ in 0...generator.next() % 4 {
                let place = Int(generator.next() % UInt64(datagrams[which].count))
                switch generator.next() % 4 {
                case 0: datagrams[which][place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: datagrams[which].removeLast(min(datagrams[which].count - 1, place))
                // Lengths stand at multiples of 4.
                case 2: datagrams[which][place & ~3] = UInt8(truncatingIfNeeded: generator.next() % 24)
                default: datagrams[which].insert(contentsOf: [0xff, 0xff, 0, 0], at: place)
                }
            }
            if !feed(datagrams).contains(.whole) { failed += 1 }
        }
        #expect(failed > 500)
    }
}
