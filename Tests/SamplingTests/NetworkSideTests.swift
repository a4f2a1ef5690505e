import HostReaders
import Sampling
import Signals
import TestSupport
import Testing

@Suite("What is read of interfaces off the tick")
struct NetworkSideTests {
    private let numbers: [String: Int32] = ["tap1": 3, "tap2": 4, "tap3": 5, "macvtap0": 6]

    /// The readings of a batch by the order of its VMs.
    private func readings(_ batch: SideBatch, _ signal: Signal) -> [Reading] {
        batch.vms.map { vm in vm.1.first { $0.signal == signal }?.reading ?? .missing }
    }

    private var three: [VMDescription] {
        [NetworkBed.vm(1, ["tap1"]), NetworkBed.vm(2, ["tap2"]), NetworkBed.vm(3, ["tap3"])]
    }

    // MARK: Anti-spoof filters

    @Test("drops of libvirt's filters, recorded, become rates; a VM without a filter is not observable")
    func spoofed() throws {
        let recording = NetlinkRecording(try NetworkBed.recording("spoof.nft"))
        defer { withExtendedLifetime(recording) {} }
        let source = SpoofSource(dump: FilterDump(adopting: recording.descriptor))
        source.watch(three)
        #expect(readings(source.read(at: NetworkBed.time(0)), .netSpoofed) == [.missing, .missing, .notObservable])
        source.watch(three)
        let second = readings(source.read(at: NetworkBed.time(5)), .netSpoofed)
        #expect(second == [Reading(21.0 / 5), Reading(23.0 / 5), .notObservable])
        // Nobody answers any more.
        #expect(readings(source.read(at: NetworkBed.time(10)), .netSpoofed) == [.missing, .missing, .missing])
    }

    @Test("a VM that was paused in between gives a reset")
    func spoofedPaused() throws {
        let recording = NetlinkRecording(try NetworkBed.recording("spoof.nft"))
        defer { withExtendedLifetime(recording) {} }
        let source = SpoofSource(dump: FilterDump(adopting: recording.descriptor))
        source.watch(three)
        _ = source.read(at: NetworkBed.time(0))
        source.watch([NetworkBed.vm(1, ["tap1"], running: false)] + three.dropFirst())
        source.watch(three)
        let second = readings(source.read(at: NetworkBed.time(5)), .netSpoofed)
        #expect(second.map(\.quality) == [.reset, .ok, .notObservable])
    }

    @Test("VMs that go while they are paused leave nothing behind")
    func spoofedGone() {
        let recording = NetlinkRecording([NetlinkBytes.error(-1)])
        defer { withExtendedLifetime(recording) {} }
        let source = SpoofSource(dump: FilterDump(adopting: recording.descriptor))
        for number in 1...2_000 as ClosedRange<UInt64> {
            source.watch([NetworkBed.vm(number, ["tap1"], running: false)])
            #expect(source.disturbedVMs == 1)
        }
        source.watch([])
        #expect(source.disturbedVMs == 0)
    }

    @Test("without the right to read the filter no VM is observable")
    func spoofedRefused() {
        let recording = NetlinkRecording([NetlinkBytes.error(-1)])
        defer { withExtendedLifetime(recording) {} }
        let source = SpoofSource(dump: FilterDump(adopting: recording.descriptor))
        source.watch(three)
        let all = readings(source.read(at: NetworkBed.time(0)), .netSpoofed)
        #expect(all == [.notObservable, .notObservable, .notObservable])
    }

    @Test("where there are more chains than are read at a time the VMs take turns, chain by chain")
    func spoofedTurns() throws {
        let all = try NetworkBed.recording("spoof.nft")
        // The list of chains is the first answer: 6 chains of the guest behind tap1, 4 of that behind tap2.
        let chains = Array(all.prefix(Self.parts(of: 1, in: all)))
        let recording = NetlinkRecording(chains)
        let source = SpoofSource(dump: FilterDump(adopting: recording.descriptor), most: 6)
        source.watch(three)
        for sequence in 2...7 as ClosedRange<UInt32> { recording.add(NetlinkBytes.done(sequence: sequence)) }
        let first = source.read(at: NetworkBed.time(0))
        #expect(first.vms.map(\.0) == [three[0].record.identity])
        #expect(first.lifetime == 30)
        // A chain of tap2's has gone meanwhile: nothing is told of it, and the chains are listed anew.
        recording.add(NetlinkBytes.error(-2, sequence: 8))
        let second = source.read(at: NetworkBed.time(5))
        #expect(second.vms.map(\.0) == [three[1].record.identity, three[2].record.identity])
        #expect(readings(second, .netSpoofed) == [.missing, .missing])
        recording.add(NetlinkBytes.done(sequence: 9))
        let third = source.read(at: NetworkBed.time(10))
        #expect(readings(third, .netSpoofed) == [.notObservable, .notObservable, .notObservable])
        let lengths = (0..<9).map { _ in recording.request()?.count }
        // One list, six chains with their names, one chain that failed, one list.
        #expect(lengths == [20, 48, 44, 48, 48, 48, 44, 48, 20])
    }

    /// How many datagrams answer the requests up to a number.
    private static func parts(of sequence: UInt32, in datagrams: [[UInt8]]) -> Int {
        datagrams.prefix { $0[8] <= sequence }.count
    }

    @Test("no VMs, no dump")
    func idle() {
        let recording = NetlinkRecording([])
        let source = SpoofSource(dump: FilterDump(adopting: recording.descriptor))
        #expect(source.read(at: NetworkBed.time(0)).vms.isEmpty)
        #expect(recording.request() == nil)
    }

    // MARK: Source addresses

    @Test("addresses behind ports of a bridge that learns are counted, over all interfaces of a VM")
    func neighbours() throws {
        let tree = NetworkTree()
        for tap in ["tap1", "tap3"] { try tree.add(tap, "brport/learning") }
        try tree.add("tap2", "brport/learning", "0\n")
        try tree.add("macvtap0", "ifindex")
        let recording = NetlinkRecording(try NetworkBed.recording("neighbours.rtnl"))
        defer { withExtendedLifetime(recording) {} }
        let table = ForwardingTable(adopting: recording.descriptor)
        let source = NeighbourSource(roots: tree.roots, table: table) { numbers[$0] }
        source.watch([
            NetworkBed.vm(1, ["tap1"]), NetworkBed.vm(2, ["tap2"]), NetworkBed.vm(3, ["tap3", "tap1"]),
            NetworkBed.vm(4, ["macvtap0"]), NetworkBed.vm(5, ["gone"]), NetworkBed.vm(6, []),
        ])
        let first = readings(source.read(at: NetworkBed.time(0)), .netNeighbours)
        #expect(first == [Reading(1), .notObservable, Reading(27), .notObservable, .notObservable, .notObservable])
        let second = readings(source.read(at: NetworkBed.time(5)), .netNeighbours)
        #expect(second.map(\.quality).prefix(3) == [.missing, .notObservable, .missing])
    }

    @Test("a port that begins to learn is noticed within a minute")
    func learning() throws {
        let tree = NetworkTree()
        try tree.add("tap1", "brport/learning", "0\n")
        let recording = NetlinkRecording([NetlinkBytes.neighbour(port: 3, [2, 0, 0, 0, 0, 1]) + NetlinkBytes.done()])
        defer { withExtendedLifetime(recording) {} }
        let table = ForwardingTable(adopting: recording.descriptor)
        let source = NeighbourSource(roots: tree.roots, table: table) { numbers[$0] }
        source.watch([NetworkBed.vm(1, ["tap1"])])
        try tree.add("tap1", "brport/learning", "1\n")
        var last: [Reading] = []
        for round in 0...12 {
            if round == 12 { #expect(last == [.notObservable]) }
            last = readings(source.read(at: NetworkBed.time(5 * Double(round))), .netNeighbours)
        }
        #expect(last == [Reading(1)])
    }

    @Test("a port that is not in the table is missing, not without addresses, and is found again under a new number")
    func portReplaced() throws {
        let tree = NetworkTree()
        try tree.add("tap1", "brport/learning", "1\n")
        let own: [UInt8] = [0xfe, 0, 0, 0, 0, 1]
        let recording = NetlinkRecording([
            NetlinkBytes.neighbour(port: 3, own, state: 0x80) + NetlinkBytes.done(),
            NetlinkBytes.neighbour(port: 9, own, state: 0x80, sequence: 2) + NetlinkBytes.done(sequence: 2),
            NetlinkBytes.neighbour(port: 9, [2, 0, 0, 0, 0, 1], sequence: 3) + NetlinkBytes.done(sequence: 3),
        ])
        defer { withExtendedLifetime(recording) {} }
        var number: Int32 = 3
        let source = NeighbourSource(roots: tree.roots, table: ForwardingTable(adopting: recording.descriptor)) { _ in
            number
        }
        source.watch([NetworkBed.vm(1, ["tap1"])])
        #expect(readings(source.read(at: NetworkBed.time(0)), .netNeighbours) == [Reading(0)])
        number = 9
        #expect(readings(source.read(at: NetworkBed.time(5)), .netNeighbours) == [.missing])
        #expect(readings(source.read(at: NetworkBed.time(10)), .netNeighbours) == [Reading(1)])
    }

    // MARK: Multicast

    /// A source over dumps of the interfaces 3 (a tap), 4 (a tap whose driver counts) and 6 (a macvtap).
    private func multicast(_ tree: NetworkTree, _ recording: NetlinkRecording) throws -> MulticastSource {
        try tree.add("tap1", "tun_flags")
        try tree.add("tap2", "tun_flags")
        try tree.add("macvtap0", "ifindex")
        let links = LinkDump(adopting: recording.descriptor)
        let source = MulticastSource(roots: tree.roots, links: links) { numbers[$0] }
        source.watch([NetworkBed.vm(1, ["tap1"]), NetworkBed.vm(2, ["tap2"]), NetworkBed.vm(3, ["macvtap0"])])
        return source
    }

    @Test("a driver that counts is told, a quiet tap and a macvtap are not observable")
    func multicastDriver() throws {
        let tree = NetworkTree()
        let recording = NetlinkRecording([])
        let source = try multicast(tree, recording)
        for (round, packets) in [UInt64(0), 900].enumerated() {
            let sequence = UInt32(round + 1)
            let counted = UInt64(10 + 40 * round)
            recording.add(
                NetlinkBytes.stats(3, [packets, 0, 0, 0, 0, 0, 0, 0, 0], sequence: sequence)
                    + NetlinkBytes.stats(4, [9, 0, 0, 0, 0, 0, 0, 0, counted], sequence: sequence)
                    + NetlinkBytes.stats(6, [9, 0, 0, 0, 0, 0, 0, 0, counted], sequence: sequence)
                    + NetlinkBytes.done(sequence: sequence)
            )
        }
        let first = readings(source.read(at: NetworkBed.time(0)), .netMulticast)
        #expect(first == [.notObservable, .missing, .notObservable])
        // 450 packets a second are fewer than the floor.
        let second = readings(source.read(at: NetworkBed.time(2)), .netMulticast)
        #expect(second == [.notObservable, Reading(20), .notObservable])
        recording.add(NetlinkBytes.done(sequence: 3))
        let none = readings(source.read(at: NetworkBed.time(3)), .netMulticast)
        #expect(none == [.missing, .missing, .missing])
        let third = readings(source.read(at: NetworkBed.time(4)), .netMulticast)
        #expect(third == [.missing, .missing, .missing])
    }
}
