internal import CKernel
internal import Glibc

/// A netlink socket that is kept open and never waited for.
public struct NetlinkSocket: ~Copyable {
    /// What came of receiving.
    enum Received: Equatable {
        /// A datagram of this many bytes is in the buffer.
        case bytes(Int)
        /// Nothing has come.
        case nothing
        /// A datagram did not fit and is lost.
        case truncated
        /// A datagram that another process has sent; not to be looked at.
        case foreign
        /// Receiving failed with this `errno`.
        case failed(Int32)
    }

    /// The descriptor, or −1 where the socket is not open.
    private let descriptor: Int32
    /// The `errno` of opening it, or 0.
    let openError: Int32

    /// Opens a socket.
    ///
    /// The corresponding C function is `socket`.
    ///
    /// - Parameter family: `NETLINK_ROUTE`, `NETLINK_NETFILTER`.
    init(_ family: Int32) {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), family)
        openError = descriptor < 0 ? errno : 0
    }

    /// Takes over a socket that is open, such as one end of a pair whose other end plays back a recording.
    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        openError = descriptor < 0 ? EBADF : 0
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Sends a request to the kernel, which answers the first part of a dump before this returns.
    ///
    /// The corresponding C function is `send`.
    ///
    /// - Parameter request: The request.
    /// - Returns: 0, or the `errno`.
    func send(_ request: borrowing NetlinkRequest) -> Int32 {
        let bytes = request.bytes
        // SAFETY: the kernel reads as many bytes as the array holds while it is borrowed.
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
        }
        return count == bytes.count ? 0 : count < 0 ? errno : EIO
    }

    /// Receives one datagram where one is there.
    ///
    /// The corresponding C function is `recvfrom`.
    ///
    /// - Parameter buffer: Where the bytes go.
    /// - Returns: What came of it.
    func receive(into buffer: inout [UInt8]) -> Received {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC)
        var sender = sockaddr_nl()
        var count: Int
        repeat {
            var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
            // SAFETY: the kernel writes at most as many bytes as the buffer and the address hold; with MSG_TRUNC it
            // tells the datagram's true length, which is only compared.
            count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe withUnsafeMutableBytes(of: &sender) { address in
                    unsafe recvfrom(
                        descriptor,
                        bytes.baseAddress,
                        bytes.count,
                        flags,
                        address.assumingMemoryBound(to: sockaddr.self).baseAddress,
                        &length
                    )
                }
            }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { return errno == EAGAIN ? .nothing : .failed(errno) }
        if sender.nl_family == AF_NETLINK, sender.nl_pid != 0 { return .foreign }
        return count > buffer.count ? .truncated : .bytes(count)
    }
}
