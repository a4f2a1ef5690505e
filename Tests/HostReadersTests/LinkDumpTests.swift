import HostReaders
import TestSupport
import Testing

@Suite("Dumps of the interfaces' counters")
struct LinkDumpTests {
    /// What one dump over some datagrams gives.
    private func read(_ datagrams: [[UInt8]]) -> (NetlinkOutcome, [LinkStats]) {
        let recording = NetlinkRecording(datagrams)
        defer { withExtendedLifetime(recording) {} }
        var dump = LinkDump(adopting: recording.descriptor)
        var found: [LinkStats] = []
        let outcome = dump.read { found.append($0) }
        return (outcome, found)
    }

    @Test("a recorded dump gives what /proc/net/dev gave at that moment")
    func recorded() throws {
        let (outcome, found) = try read(Fixtures.netlink("stats.rtnl"))
        #expect(outcome == .whole)
        #expect(found.map(\.index) == [1, 2, 3, 4, 5])
        let tap = try #require(found.first { $0.index == 3 }?.counters)
        #expect(tap.rxBytes == 1_880 && tap.rxPackets == 31 && tap.txBytes == 86 && tap.txPackets == 1)
        #expect(tap.multicast == 0 && tap.rxDrops == 0 && tap.txErrors == 0)
        let bridge = try #require(found.first { $0.index == 2 }?.counters)
        #expect(bridge.txBytes == 1_064 && bridge.txPackets == 12)
    }

    @Test("a kernel without RTM_GETSTATS is asked for its links, and gives the same")
    func legacy() throws {
        let links = try Fixtures.netlink("links.rtnl").map { datagram in
            // The recording answers the first request; here it is the second.
            var copy = datagram
            var messages = NetlinkMessages()
            while let message = messages.next(datagram.span) { copy[message.payload.lowerBound - 8] = 2 }
            return copy
        }
        let recording = NetlinkRecording([NetlinkBytes.error(-95)] + links)
        defer { withExtendedLifetime(recording) {} }
        var dump = LinkDump(adopting: recording.descriptor)
        var found: [LinkStats] = []
        let outcome = dump.read { found.append($0) }
        #expect(outcome == .whole)
        let isLegacy = dump.isLegacy
        #expect(isLegacy)
        let stats = try read(Fixtures.netlink("stats.rtnl")).1
        #expect(found == stats)
    }

    @Test("the request is the one that the kernel's documents describe")
    func request() {
        let recording = NetlinkRecording([NetlinkBytes.done()])
        defer { withExtendedLifetime(recording) {} }
        var dump = LinkDump(adopting: recording.descriptor)
        let outcome = dump.read { _ in }
        #expect(outcome == .whole)
        #expect(
            recording.request() == [
                28, 0, 0, 0,  // nlmsg_len
                94, 0,  // nlmsg_type: RTM_GETSTATS
                1, 3,  // nlmsg_flags: NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH
                1, 0, 0, 0,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                0, 0, 0, 0,  // if_stats_msg: family AF_UNSPEC, padding
                0, 0, 0, 0,  // ifindex: all
                1, 0, 0, 0,  // filter_mask: IFLA_STATS_LINK_64
            ]
        )
        #expect(recording.request() == nil)
    }

    @Test("the parts of a dump are joined, messages of other requests and kinds passed over")
    func multipart() {
        let (outcome, found) = read([
            NetlinkBytes.stats(9, [1], sequence: 77) + NetlinkBytes.stats(3, [10]),
            NetlinkBytes.message(1, []) + NetlinkBytes.stats(4, [20]) + NetlinkBytes.message(16, [0, 0, 0, 0]),
            NetlinkBytes.done(),
        ])
        // A link message without a whole header is no sense, and is said to be.
        #expect(outcome == .malformed)
        #expect(found.map(\.index) == [3, 4])
        #expect(found.map(\.counters.rxPackets) == [10, 20])
    }

    @Test("the columns are those of rtnl_link_stats64, with what the device missed among the drops")
    func columns() throws {
        var values = (1...25).map { UInt64($0) }
        values[15] = 1_000
        let (_, found) = read([NetlinkBytes.stats(3, values) + NetlinkBytes.done()])
        let counters = try #require(found.first?.counters)
        #expect(counters.rxPackets == 1 && counters.txPackets == 2 && counters.rxBytes == 3 && counters.txBytes == 4)
        #expect(counters.rxErrors == 5 && counters.txErrors == 6 && counters.rxDrops == 1_007 && counters.txDrops == 8)
        #expect(counters.multicast == 9)
    }

    @Test("a dump that was interrupted is run once more, and no more than that")
    func interrupted() {
        let flags = NetlinkBytes.multi | NetlinkBytes.interrupted
        let first = [NetlinkBytes.stats(3, [1], flags: flags), NetlinkBytes.done(flags: flags)]
        var (outcome, found) = read(
            first + [NetlinkBytes.stats(3, [2], sequence: 2), NetlinkBytes.done(sequence: 2)]
        )
        #expect(outcome == .whole)
        #expect(found.map(\.counters.rxPackets) == [1, 2])
        (outcome, found) = read(first + [NetlinkBytes.done(sequence: 2, flags: flags)])
        #expect(outcome == .interrupted && outcome.isUsable)
    }

    @Test(
        "a refusal is told with its errno, by whichever message it comes",
        arguments: [NetlinkBytes.error(-1), NetlinkBytes.done(code: -1)]
    )
    func refused(answer: [UInt8]) {
        let (outcome, _) = read([answer])
        #expect(outcome == .refused(1))
        #expect(outcome.code == 1)
    }

    @Test("an end without a code is an end, an error without one makes no sense")
    func noCode() {
        #expect(read([NetlinkBytes.message(3, [])]).0 == .whole)
        #expect(read([NetlinkBytes.message(2, [])]).0 == .malformed)
        #expect(read([NetlinkBytes.message(2, [1, 2, 3])]).0 == .malformed)
        #expect(read([NetlinkBytes.error(.min)]).0 != .whole)
    }

    @Test("a dump that does not come to its end is unfinished, and nothing is waited for")
    func unfinished() {
        #expect(read([]).0 == .unfinished)
        #expect(read([NetlinkBytes.stats(3, [1])]).0 == .unfinished)
        // NLMSG_OVERRUN
        #expect(read([NetlinkBytes.message(4, [])]).0 == .unfinished)
    }

    @Test("a datagram larger than the buffer is lost and said to be")
    func truncated() {
        let (outcome, found) = read([[UInt8](repeating: 0, count: 32_769), NetlinkBytes.done()])
        #expect(outcome == .unfinished)
        #expect(found.isEmpty)
    }

    @Test("statistics that are too short are malformed, a message without any is passed over")
    func short() {
        let header = [UInt8](repeating: 0, count: 4) + NetlinkBytes.number(UInt32(3)) + [1, 0, 0, 0]
        let statistics = [UInt8](repeating: 1, count: 127)
        let cut = NetlinkBytes.message(92, header + NetlinkBytes.attribute(1, statistics))
        #expect(read([cut + NetlinkBytes.done()]).0 == .malformed)
        let none = NetlinkBytes.message(92, header + NetlinkBytes.attribute(5, statistics))
        let (outcome, found) = read([none + NetlinkBytes.done()])
        #expect(outcome == .whole)
        #expect(found.isEmpty)
        #expect(read([NetlinkBytes.message(92, [0, 0, 0]) + NetlinkBytes.done()]).0 == .malformed)
    }

    @Test("after a failure the next dump is read from its own answers")
    func recovers() {
        let recording = NetlinkRecording([NetlinkBytes.stats(3, [1])])
        defer { withExtendedLifetime(recording) {} }
        var dump = LinkDump(adopting: recording.descriptor)
        var found: [LinkStats] = []
        var outcome = dump.read { found.append($0) }
        #expect(outcome == .unfinished)
        recording.add(NetlinkBytes.done())
        recording.add(NetlinkBytes.stats(4, [2], sequence: 2) + NetlinkBytes.done(sequence: 2))
        outcome = dump.read { found.append($0) }
        #expect(outcome == .whole)
        #expect(found.map(\.index) == [3, 4])
    }

    @Test("this host's kernel answers", .enabled(if: HostDirectory.exists("/proc/net/netlink")))
    func real() {
        var dump = LinkDump()
        var found: [LinkStats] = []
        let outcome = dump.read { found.append($0) }
        #expect(outcome.isUsable)
        #expect(found.contains { $0.index == InterfaceName.index(of: "lo") })
    }
}
