internal import CKernel
internal import Glibc

/// Counts the multicast packets that come in by one interface, with a packet socket that nobody reads (packet(7)).
///
/// The kernel runs a filter of three instructions on each packet that comes in and counts those that pass. The receive
/// buffer is as small as the kernel lets it be and fills with the first few; from then on a packet that passes is
/// counted as dropped, and nothing is copied. Needs `CAP_NET_RAW`. Closing one waits for a grace period of RCU, so it
/// must not be done within a tick.
public struct MulticastSocket: ~Copyable {
    private let descriptor: Int32
    private var total: UInt64 = 0

    /// Why no socket can be had here.
    ///
    /// The corresponding C function is `socket`.
    ///
    /// - Returns: The `errno`, such as `EPERM` without the capability or `EAFNOSUPPORT` where a unit forbids the family;
    ///   0 where one can be had.
    public static func refusal() -> Int32 {
        let descriptor = open()
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    /// Begins to count; `nil` where the kernel refuses or there is no such interface.
    ///
    /// The corresponding C functions are `socket`, `setsockopt` and `bind`.
    ///
    /// - Parameter index: The interface's number.
    public init?(index: Int32) {
        descriptor = Self.open()
        guard descriptor >= 0 else { return nil }
        // Bound to no protocol a packet socket receives nothing, so nothing comes in ahead of the filter.
        guard Self.attachFilter(descriptor), Self.set(descriptor, SOL_SOCKET, SO_RCVBUF, 0),
            Self.bind(descriptor, index)
        else { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Multicast packets since the beginning.
    ///
    /// The corresponding C function is `getsockopt` with `PACKET_STATISTICS`, which begins anew at each call.
    ///
    /// - Returns: The number; `nil` where it cannot be told.
    public mutating func count() -> UInt64? {
        var statistics = tpacket_stats()
        var length = socklen_t(MemoryLayout<tpacket_stats>.size)
        // SAFETY: the kernel writes at most as many bytes as the structure has.
        let result = unsafe getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &length)
        guard result == 0 else { return nil }
        // Those that were dropped for want of room are among them.
        total &+= UInt64(statistics.tp_packets)
        return total
    }

    /// Opens a packet socket that is bound to nothing.
    private static func open() -> Int32 {
        socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Attaches the filter: packets that the kernel has found to be multicast (`PACKET_MULTICAST`), 1 byte of them.
    ///
    /// That excludes broadcast and whatever the host itself sends by the interface.
    private static func attachFilter(_ descriptor: Int32) -> Bool {
        let type = UInt32(bitPattern: SKF_AD_OFF + SKF_AD_PKTTYPE)
        let program = [
            sock_filter(code: UInt16(BPF_LD | BPF_W | BPF_ABS), jt: 0, jf: 0, k: type),
            sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: 1, k: UInt32(PACKET_MULTICAST)),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 1),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
        ]
        // SAFETY: the kernel copies as many instructions as the array holds while it is borrowed, and writes none.
        return unsafe program.withUnsafeBufferPointer { program in
            let first = unsafe UnsafeMutablePointer(mutating: program.baseAddress)
            var header = unsafe sock_fprog(len: UInt16(program.count), filter: first)
            let size = unsafe socklen_t(MemoryLayout<sock_fprog>.size)
            return unsafe setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &header, size) == 0
        }
    }

    /// Sets an option that is a number.
    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
        var value = value
        // SAFETY: the kernel reads the four bytes of the number.
        return unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// Binds a socket to all protocols of an interface, for what comes in alone where the kernel can tell (Linux 4.20).
    private static func bind(_ descriptor: Int32, _ index: Int32) -> Bool {
        _ = set(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(ETH_P_ALL).bigEndian
        address.sll_ifindex = index
        // SAFETY: the kernel reads as many bytes as the address has.
        return unsafe withUnsafeBytes(of: &address) { bytes in
            let pointer = unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return unsafe Glibc.bind(descriptor, pointer, socklen_t(bytes.count)) == 0
        }
    }
}
