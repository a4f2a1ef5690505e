import CKernel
import Foundation
import Glibc
import Synchronization

/// Frames that are sent through the bed's bridge to one guest, at a steady rate, until it is stopped.
///
/// They carry no protocol that anybody answers (EtherType 0x88B5, for experiments: IEEE 802), so only the flood itself
/// is on the wire.
final class PacketFlood {
    /// Bytes of a frame.
    static let size = 1_200
    /// Frames in a second.
    static let rate = 2_000

    private final class State: Sendable {
        let isOver = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
    }

    private let state = State()

    /// Begins to send.
    ///
    /// The corresponding C functions are `socket`, `bind` and `send` (`packet(7)`).
    ///
    /// - Parameters:
    ///   - bridge: The bridge.
    ///   - guest: Who is to receive it.
    /// - Throws: ``BedError/missing(_:)`` where the kernel refuses.
    init(through bridge: String, to guest: Guest) throws(BedError) {
        let descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)
        guard descriptor >= 0 else { throw .missing("no packet socket (errno \(errno))") }
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = Int32(Files.number("/sys/class/net/\(bridge)/ifindex") ?? 0)
        // SAFETY: the kernel reads as many bytes as the address has.
        let status = unsafe withUnsafeBytes(of: &address) { bytes in
            let pointer = unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return unsafe bind(descriptor, pointer, socklen_t(bytes.count))
        }
        guard status == 0 else {
            close(descriptor)
            throw .missing("no packet socket on \(bridge) (errno \(errno))")
        }
        let target = GuestSpec.address(guest.number).split(separator: ":").compactMap { UInt8($0, radix: 16) }
        let frame =
            target + [0x52, 0x54, 0, 0x71, 0x6c, 0xff, 0x88, 0xb5] + [UInt8](repeating: 0x5a, count: Self.size - 14)
        let state = state
        Thread.detachNewThread {
            let start = Moment.now
            var sent = 0
            while !state.isOver.load(ordering: .relaxed) {
                // What the thread could not send while it waited for a CPU is sent late, but never more than 50 ms of it.
                let due = Int(start.age * Double(Self.rate))
                sent = max(sent, due - Self.rate / 20)
                while sent < due {
                    // SAFETY: the kernel reads as many bytes as the frame has.
                    _ = unsafe frame.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, 0) }
                    sent += 1
                }
                Thread.sleep(forTimeInterval: 0.002)
            }
            close(descriptor)
            state.hasEnded.store(true, ordering: .relaxed)
        }
    }

    /// Ends it.
    func stop() {
        state.isOver.store(true, ordering: .relaxed)
        while !state.hasEnded.load(ordering: .relaxed) { Thread.sleep(forTimeInterval: 0.001) }
    }
}
