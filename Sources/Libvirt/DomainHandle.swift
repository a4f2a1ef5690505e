internal import CLibvirt
internal import Glibc
internal import Signals

/// A reference to one domain, for the calls of one job; never kept.
@safe struct DomainHandle: ~Copyable {
    private let pointer: OpaquePointer
    /// The domain's UUID.
    let uuid: VMUUID

    /// Looks a domain up, unless the connection has done so before; blocks.
    ///
    /// A domain that was looked up before may be gone by now: the first call on it tells.
    /// The corresponding C function is `virDomainLookupByUUID`.
    init(_ uuid: VMUUID, on connection: ConnectionHandle) throws(LibvirtError) {
        self.uuid = uuid
        if let known = unsafe connection.domains.reference(to: uuid) {
            unsafe pointer = known
            return
        }
        var bytes = uuid.bytes
        // SAFETY: libvirt reads the 16 bytes of a UUID during the call; the reference returned is freed in deinit.
        unsafe pointer = try connection.withPointer { connection throws(LibvirtError) in
            let found = unsafe withUnsafePointer(to: &bytes) { raw in
                unsafe raw.withMemoryRebound(to: UInt8.self, capacity: 16) {
                    unsafe virDomainLookupByUUID(connection, $0)
                }
            }
            guard let found = unsafe found else { throw CallContext("virDomainLookupByUUID", uuid).lastFailure() }
            return unsafe found
        }
        unsafe connection.domains.keep(pointer, of: uuid)
    }

    deinit {
        // SAFETY: the reference is owned by self alone.
        _ = unsafe virDomainFree(pointer)
    }

    /// Gives the reference up; whoever takes it frees it.
    @unsafe consuming func release() -> OpaquePointer {
        let pointer = unsafe self.pointer
        discard self
        return unsafe pointer
    }

    /// Lends the pointer to libvirt calls of this target; it must not leave the closure.
    borrowing func withPointer<Value>(
        _ body: (OpaquePointer) throws(LibvirtError) -> Value
    ) throws(LibvirtError) -> Value {
        try unsafe body(pointer)
    }

    /// The domain's XML, at most `limit` bytes of it, or a failure; blocks.
    ///
    /// The flags are libvirt's (`virDomainXMLFlags`).
    /// The corresponding C function is `virDomainGetXMLDesc`.
    borrowing func xml(limit: Int, flags: UInt32 = 0) throws(LibvirtError) -> [UInt8] {
        let context = CallContext("virDomainGetXMLDesc", uuid)
        // SAFETY: libvirt allocates a terminated string, which is freed here and read only up to its end.
        guard let text = unsafe virDomainGetXMLDesc(pointer, flags) else { throw context.lastFailure() }
        defer { unsafe free(text) }
        guard let bytes = unsafe Self.bytes(of: text, limit: limit) else {
            throw context.failure(.malformed, "the description exceeds \(limit) bytes")
        }
        return bytes
    }

    /// The bytes of a terminated string, which lives for the call; `nil` where they are more than `limit`.
    @unsafe static func bytes(of text: UnsafeMutablePointer<CChar>, limit: Int) -> [UInt8]? {
        let length = unsafe strnlen(text, limit + 1)
        guard length <= limit else { return nil }
        return unsafe text.withMemoryRebound(to: UInt8.self, capacity: length) {
            unsafe [UInt8](UnsafeBufferPointer(start: $0, count: length))
        }
    }
}

extension VMUUID {
    /// The UUID of a domain; asks no server.
    ///
    /// The corresponding C function is `virDomainGetUUID`.
    @unsafe init?(domain: OpaquePointer) {
        var bytes = (UInt64(0), UInt64(0))
        // SAFETY: libvirt writes 16 bytes (VIR_UUID_BUFLEN), the size of the pair.
        let status = unsafe withUnsafeMutablePointer(to: &bytes) { raw in
            unsafe raw.withMemoryRebound(to: UInt8.self, capacity: 16) { unsafe virDomainGetUUID(domain, $0) }
        }
        guard status == 0 else { return nil }
        self.init(high: UInt64(bigEndian: bytes.0), low: UInt64(bigEndian: bytes.1))
    }

    /// The 16 bytes as libvirt takes them.
    fileprivate var bytes: (UInt64, UInt64) { (high.bigEndian, low.bigEndian) }
}
