import Glibc
import HostReaders
import Testing

@Suite("Packet sockets that count multicast", .enabled(if: MulticastSocket.refusal() == 0))
struct MulticastSocketTests {
    /// Sends an empty frame by the loopback interface to an address, so often.
    private func send(to destination: [UInt8], _ times: Int) throws {
        let packet = socket(Self.packetFamily, Int32(SOCK_RAW.rawValue), 0)
        try #require(packet >= 0)
        defer { close(packet) }
        // struct sockaddr_ll: family, protocol, interface, and the rest of no matter for a raw socket.
        var address = [UInt8](repeating: 0, count: 20)
        address[0] = UInt8(Self.packetFamily)
        address[4] = UInt8(truncatingIfNeeded: try #require(InterfaceName.index(of: "lo")))
        let frame = destination + [2, 0, 0, 0, 0, 1, 0x88, 0xb5] + [UInt8](repeating: 0, count: 46)
        for _ in 0..<times {
            // SAFETY: the kernel reads as many bytes as the two arrays hold while they are borrowed.
            let count = unsafe frame.withUnsafeBytes { frame in
                unsafe address.withUnsafeBytes { address in
                    unsafe sendto(
                        packet,
                        frame.baseAddress,
                        frame.count,
                        0,
                        address.assumingMemoryBound(to: sockaddr.self).baseAddress,
                        socklen_t(address.count)
                    )
                }
            }
            try #require(count == frame.count)
        }
    }

    /// `AF_PACKET`.
    private static let packetFamily: Int32 = 17

    @Test("multicast is counted, unicast is not, and a full buffer loses nothing")
    func counts() throws {
        let index = try #require(InterfaceName.index(of: "lo"))
        let opened = MulticastSocket(index: index)
        guard var socket = opened else {
            Issue.record("refused")
            return
        }
        var counts = [socket.count()]
        try send(to: [0, 0, 0, 0, 0, 0], 5)
        counts.append(socket.count())
        try send(to: [0x01, 0, 0x5e, 0, 0, 1], 500)
        counts.append(socket.count())
        try send(to: [0x33, 0x33, 0, 0, 0, 1], 1)
        counts.append(socket.count())
        #expect(counts == [0, 0, 500, 501])
    }

    @Test("an interface that is not there gives no socket")
    func absent() {
        let socket = MulticastSocket(index: .max)
        let isOpen = socket != nil
        #expect(!isOpen)
    }
}
