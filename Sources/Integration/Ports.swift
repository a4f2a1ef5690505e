import Glibc

/// Ports of this host's loopback address.
enum Ports {
    /// A port that nobody listens at now.
    ///
    /// - Returns: The port.
    /// - Throws: ``BedError/missing(_:)`` where there is none.
    static func free() throws(BedError) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .missing("no socket: errno \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: sockaddr_in is a sockaddr by its first member, and the size given is its own.
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                let bound = unsafe bind(descriptor, general, size)
                return unsafe bound == 0 ? getsockname(descriptor, general, &size) : bound
            }
        }
        guard result == 0 else { throw .missing("no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
