internal import CLibvirt
internal import Signals
internal import Synchronization

/// The references to domains that a connection has handed out, so that no domain is looked up twice.
///
/// A lookup is a call to libvirtd of its own. A reference holds a UUID, and libvirtd finds the domain anew by it in each
/// call, so it stays good when the domain stops and starts again. It is `@unchecked Sendable` because the references are
/// only touched under the lock, and libvirt counts their users by atomic operations.
@safe final class DomainCache: @unchecked Sendable {
    /// References that are kept at most; beyond it all are given up, so that domains long gone do not fill the memory.
    static let limit = 8_192

    private let domains = Mutex<[VMUUID: UInt]>([:])

    /// A reference of the caller's own to a domain; `nil` where none is kept.
    @unsafe func reference(to uuid: VMUUID) -> OpaquePointer? {
        // SAFETY: the reference that is kept cannot be given up while the lock is held, and the caller gets another one.
        unsafe domains.withLock { domains -> UInt? in
            guard let bits = domains[uuid], let domain = unsafe OpaquePointer(bitPattern: bits),
                unsafe virDomainRef(domain) == 0
            else { return nil }
            return bits
        }
        .flatMap { unsafe OpaquePointer(bitPattern: $0) }
    }

    /// Keeps a reference of its own to a domain, unless it has one.
    @unsafe func keep(_ domain: OpaquePointer, of uuid: VMUUID) {
        // SAFETY: the caller's reference lives for the call.
        guard unsafe virDomainRef(domain) == 0 else { return }
        let bits = UInt(bitPattern: domain)
        let surplus = domains.withLock { domains -> [UInt] in
            if domains[uuid] != nil { return [bits] }
            let all = domains.count < Self.limit ? [] : Array(domains.values)
            if !all.isEmpty { domains.removeAll() }
            domains[uuid] = bits
            return all
        }
        Self.free(surplus)
    }

    /// Gives up the reference to a domain that is gone.
    func forget(_ uuid: VMUUID) {
        Self.free(domains.withLock { $0.removeValue(forKey: uuid) }.map { [$0] } ?? [])
    }

    /// Gives up all references, which must happen before the connection is closed: each holds it open.
    func clear() {
        let all = domains.withLock { domains in
            defer { domains.removeAll() }
            return Array(domains.values)
        }
        Self.free(all)
    }

    /// How many references are kept.
    var count: Int { domains.withLock { $0.count } }

    private static func free(_ references: [UInt]) {
        for bits in references {
            // SAFETY: each was taken out of the table by exactly one caller, who frees it once.
            if let domain = unsafe OpaquePointer(bitPattern: bits) { _ = unsafe virDomainFree(domain) }
        }
    }
}
