internal import Glibc

/// A netlink socket whose kernel is a recording: the other end of a pair of sockets, on which answers lie ready.
///
/// Code that adopts ``descriptor`` sends and receives as it does to the kernel. Answers must carry the sequence numbers
/// that the code will give its requests: 1, 2, … in a new dump.
public final class NetlinkRecording {
    /// The end to be adopted; whoever adopts it closes it.
    public let descriptor: Int32
    private let kernel: Int32

    /// Lays answers ready.
    ///
    /// - Parameter datagrams: The answers in order.
    public init(_ datagrams: [[UInt8]]) {
        var ends: [Int32] = [-1, -1]
        // SAFETY: the kernel writes the two descriptors that the array has room for.
        let result = unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        precondition(result == 0, "no pair of sockets")
        (descriptor, kernel) = (ends[0], ends[1])
        for datagram in datagrams { add(datagram) }
    }

    deinit { close(kernel) }

    /// Lays one more answer ready.
    ///
    /// - Parameter datagram: The answer.
    public func add(_ datagram: [UInt8]) {
        // SAFETY: the kernel reads as many bytes as the array holds.
        let count = unsafe datagram.withUnsafeBytes { bytes in
            unsafe send(kernel, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
        }
        precondition(count == datagram.count, "the recording is too long for a socket")
    }

    /// The next request that was sent; `nil` where none is left.
    ///
    /// - Returns: Its bytes.
    public func request() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        // SAFETY: the kernel writes at most as many bytes as the buffer holds.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe recv(kernel, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
        }
        return count > 0 ? Array(buffer[..<count]) : nil
    }
}
