import Glibc

/// A failed call on a control socket.
public struct SocketError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, such as `connect`.
    public let call: String
    /// The socket's path.
    public let path: String
    /// The error number (`errno(3)`), or 0 where the reason is in ``call``.
    public let number: Int32

    /// What failed, where and why.
    public var description: String {
        guard number != 0 else { return "\(path): \(call)" }
        // SAFETY: strerror returns a valid C string for every number.
        return unsafe "\(path): \(call): \(String(cString: strerror(number)))"
    }
}

/// A stream socket at a path in the file system, closed when it goes away (`unix(7)`).
struct UnixSocket: ~Copyable {
    /// The descriptor.
    let descriptor: Int32

    /// Takes over a descriptor.
    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Gives the descriptor away; the caller closes it.
    consuming func release() -> Int32 {
        let given = descriptor
        discard self
        return given
    }

    /// A socket that listens at a path, with the given mode.
    ///
    /// A stale file of a server that is gone is replaced.
    static func listen(at path: String, mode: mode_t) throws(SocketError) -> UnixSocket {
        if let other = try? connect(to: path) {
            _ = consume other
            throw SocketError(call: "another daemon answers there", path: path, number: 0)
        }
        // SAFETY: the string lives for the length of the call.
        unsafe unlink(path)
        let socket = try make(path)
        let before = umask(0o777 & ~mode)
        let bound = unsafe try withAddress(path) { address, length in unsafe bind(socket.descriptor, address, length) }
        umask(before)
        guard bound == 0 else { throw SocketError(call: "bind", path: path, number: errno) }
        guard Glibc.listen(socket.descriptor, 64) == 0 else {
            throw SocketError(call: "listen", path: path, number: errno)
        }
        return socket
    }

    /// The group that a file is of.
    static func group(of path: String) throws(SocketError) -> gid_t {
        var facts = stat()
        // SAFETY: lstat reads the string and writes the record, both of which live through the call.
        guard unsafe lstat(path, &facts) == 0 else { throw SocketError(call: "lstat", path: path, number: errno) }
        return facts.st_gid
    }

    /// A socket connected to a path.
    static func connect(to path: String) throws(SocketError) -> UnixSocket {
        let socket = try make(path)
        let result = unsafe try withAddress(path) { address, length in
            unsafe Glibc.connect(socket.descriptor, address, length)
        }
        guard result == 0 else { throw SocketError(call: "connect", path: path, number: errno) }
        return socket
    }

    private static func make(_ path: String) throws(SocketError) -> UnixSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError(call: "socket", path: path, number: errno) }
        return UnixSocket(adopting: descriptor)
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SocketError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard bytes.count <= room else { throw SocketError(call: "path is too long", path: path, number: 0) }
        // SAFETY: at most `room` bytes are copied, which leaves the last one as the terminating zero.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in unsafe room.copyBytes(from: bytes) }
        // SAFETY: sockaddr_un is a sockaddr by its first member, and the length given is its whole size.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Bounds how long a read or a write may wait.
    func limitWaiting(milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // SAFETY: both options take a timeval of exactly this size.
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }
}
