import HostReaders
import TestSupport
import Testing

@Suite("Forwarding tables of bridges")
struct ForwardingTableTests {
    /// What one dump over some datagrams gives of the ports 3, 4 and 5.
    private func read(_ datagrams: [[UInt8]]) -> (NetlinkOutcome, [Int32: Set<UInt64>]) {
        let recording = NetlinkRecording(datagrams)
        defer { withExtendedLifetime(recording) {} }
        var table = ForwardingTable(adopting: recording.descriptor)
        var addresses: [Int32: Set<UInt64>] = [3: [], 4: [], 5: []]
        var ports: Set<Int32> = []
        let outcome = table.read(into: &addresses, seen: &ports)
        return (outcome, addresses)
    }

    @Test("a recorded dump gives the addresses that were learned on each port, and none that was set")
    func recorded() throws {
        let (outcome, addresses) = try read(Fixtures.netlink("neighbours.rtnl"))
        #expect(outcome == .whole)
        #expect(addresses[3] == [0x5254_0000_0001])
        #expect(addresses[4] == [0x5254_0000_0002])
        #expect(addresses[5]?.count == 26)
        #expect(addresses.count == 3)
    }

    @Test("the request is the one that the kernel's documents describe")
    func request() {
        let recording = NetlinkRecording([NetlinkBytes.done()])
        defer { withExtendedLifetime(recording) {} }
        var table = ForwardingTable(adopting: recording.descriptor)
        var addresses: [Int32: Set<UInt64>] = [:]
        var ports: Set<Int32> = []
        let outcome = table.read(into: &addresses, seen: &ports)
        #expect(outcome == .whole)
        // RTM_GETNEIGH, a dump, with a struct ndmsg of the family AF_BRIDGE.
        #expect(
            recording.request() == [28, 0, 0, 0, 30, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]
                + [UInt8](repeating: 0, count: 8)
        )
    }

    @Test("an address that is permanent, static or the device's own is not counted, one in two VLANs once")
    func kinds() {
        let address: [UInt8] = [0x52, 0x54, 0, 0, 0, 1]
        let (outcome, addresses) = read([
            NetlinkBytes.neighbour(port: 3, address),
            NetlinkBytes.neighbour(port: 3, address),
            // NUD_STALE: learned, and not used for a while.
            NetlinkBytes.neighbour(port: 3, [0x52, 0x54, 0, 0, 0, 2], state: 4),
            // NUD_PERMANENT, NUD_NOARP, and NTF_SELF.
            NetlinkBytes.neighbour(port: 4, address, state: 0x80),
            NetlinkBytes.neighbour(port: 4, address, state: 0x40),
            NetlinkBytes.neighbour(port: 4, address, flags: 2),
            // Eight bytes: no Ethernet.
            NetlinkBytes.neighbour(port: 5, [1, 2, 3, 4, 5, 6, 7, 8]),
            NetlinkBytes.neighbour(port: 6, address),
            NetlinkBytes.done(),
        ])
        #expect(outcome == .whole)
        #expect(addresses == [3: [0x5254_0000_0001, 0x5254_0000_0002], 4: [], 5: []])
    }

    @Test("an entry of another family or without an address is passed over, one that is cut is malformed")
    func odd() {
        let header: [UInt8] = [2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0]
        let ipv4 = NetlinkBytes.message(28, header + NetlinkBytes.attribute(2, [1, 2, 3, 4, 5, 6]))
        let bare = NetlinkBytes.message(28, [7] + header.dropFirst())
        let (outcome, addresses) = read([ipv4 + bare + NetlinkBytes.done()])
        #expect(outcome == .whole)
        #expect(addresses[3] == [])
        #expect(read([NetlinkBytes.message(28, [7, 0, 0]) + NetlinkBytes.done()]).0 == .malformed)
    }

    @Test("a flood of addresses is counted up to a bound")
    func flood() {
        let recording = NetlinkRecording([])
        defer { withExtendedLifetime(recording) {} }
        var table = ForwardingTable(adopting: recording.descriptor)
        var full = Set<UInt64>()
        for address in 0..<ForwardingTable.most { full.insert(UInt64(address) << 8) }
        var addresses: [Int32: Set<UInt64>] = [3: full]
        recording.add(NetlinkBytes.neighbour(port: 3, [1, 1, 1, 1, 1, 1]) + NetlinkBytes.done())
        var ports: Set<Int32> = []
        let outcome = table.read(into: &addresses, seen: &ports)
        #expect(outcome == .whole)
        #expect(addresses[3] == full)
        #expect(ports == [3])
    }
}
