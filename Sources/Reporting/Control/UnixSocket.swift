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
        guard Glibc.listen(socket.descriptor, 8) == 0 else {
            throw SocketError(call: "listen", path: path, number: errno)
        }
        return socket
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

    /// The user id of the process at the other end (`SO_PEERCRED`); `nil` where the kernel does not tell.
    var peerUser: uid_t? {
        // A `struct ucred`: process, user and group, each of 32 bits (`unix(7)`); glibc hides it without _GNU_SOURCE.
        var credentials: (process: Int32, user: uid_t, group: gid_t) = (0, uid_t.max, gid_t.max)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        // SAFETY: SO_PEERCRED writes at most the size given.
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
        return result == 0 ? credentials.user : nil
    }

    /// Bytes until a newline, the end or the limit; `nil` where the read fails or the limit is passed.
    func readLine(limit: Int) -> [UInt8]? {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1_024)
        while line.count <= limit {
            let room = chunk.count
            // SAFETY: at most `room` bytes are written into `chunk`.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, room, 0) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return line }
            if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) {
                line.append(contentsOf: chunk[..<end])
                return line.count <= limit ? line : nil
            }
            line.append(contentsOf: chunk[..<count])
        }
        return nil
    }

    /// Writes all bytes; `false` where the peer went away or does not read.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            // SAFETY: the range sent..<count lies within `bytes`.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe send(
                    descriptor,
                    $0.baseAddress.map { unsafe $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
