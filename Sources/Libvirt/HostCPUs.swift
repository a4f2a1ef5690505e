internal import CLibvirt
internal import Glibc
public import Signals

/// The CPUs of the host (`virNodeGetCPUMap`).
public struct HostCPUs: Sendable, Equatable {
    /// How many it has, online or not.
    public var count: Int
    /// Those that are online.
    public var online: CPUSet

    /// Bytes of a map that has a bit for each.
    var mapLength: Int { (count + 7) / 8 }

    /// Asks a connection, which lives for the call; blocks.
    ///
    /// The corresponding C function is `virNodeGetCPUMap`.
    @unsafe init(_ connection: OpaquePointer?) throws(LibvirtError) {
        var map: UnsafeMutablePointer<UInt8>?
        var online: UInt32 = 0
        // SAFETY: libvirt allocates a map with a bit for each CPU that it counts, which is copied and freed here.
        let told = unsafe virNodeGetCPUMap(connection, &map, &online, 0)
        defer { unsafe free(map) }
        let count = Int(try CallContext("virNodeGetCPUMap").check(told))
        self.count = min(count, CPUSet.mostCPUs)
        self.online = unsafe CPUSet(map: UnsafeBufferPointer(start: map, count: map == nil ? 0 : (count + 7) / 8))
    }
}

extension LibvirtConnection {
    /// Tells which CPUs the host has.
    ///
    /// - Returns: The CPUs.
    /// - Throws: ``LibvirtError``.
    public func hostCPUs() async throws(LibvirtError) -> HostCPUs {
        try await call(CallContext("virNodeGetCPUMap")) { (connection) throws(LibvirtError) in
            try unsafe connection.withPointer { pointer throws(LibvirtError) in try unsafe HostCPUs(pointer) }
        }
    }
}
