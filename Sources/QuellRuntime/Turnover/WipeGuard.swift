import Libvirt
import Signals
import Systemd

/// Judges whether a volume may be overwritten: whether anybody else has it, or anything else is made from it.
///
/// What is not known counts against it.
struct WipeGuard {
    /// The storage pools, looked at anew.
    let storage: StorageListing
    /// What every VM that libvirt knows names as places of data.
    let domains: [DomainStorage]
    /// VMs that could not be described, and why, a line each.
    let unread: [String]
    /// The VM whose volumes are meant.
    let subject: VMUUID?
    /// What tells a file from all others, by whatever path it is reached.
    let identity: (String) -> String

    private let listed: Set<String>

    /// A guard over what is known of a host.
    ///
    /// - Parameters:
    ///   - storage: The storage pools.
    ///   - domains: What every VM names as places of data.
    ///   - unread: VMs that could not be described.
    ///   - subject: The VM whose volumes are meant; `nil` where its UUID is not known.
    ///   - identity: What tells a file from all others.
    init(
        storage: StorageListing,
        domains: [DomainStorage],
        unread: [String] = [],
        subject: VMUUID?,
        identity: @escaping (String) -> String
    ) {
        self.storage = storage
        self.domains = domains
        self.unread = unread
        self.subject = subject
        self.identity = identity
        listed = Set(storage.volumes.map { identity($0.path) })
    }

    /// Why a volume must not be overwritten.
    ///
    /// - Parameter path: The volume's path.
    /// - Returns: The reason, the end of a sentence; `nil` where nothing speaks against it.
    func objection(to path: String) -> String? {
        if let first = unread.first ?? storage.failures.first {
            return "who else has it cannot be told: \(PlainText.line(first, limit: 300))"
        }
        if let pool = storage.inactive.first {
            let name = PlainText.name(pool)
            return "the pool \(name) is not active, and a volume in it may be made from this one: virsh pool-start "
                + AuditJudge.quoted(pool)
        }
        let wanted = identity(path)
        guard listed.contains(wanted) else { return "no storage pool of libvirt's has it" }
        if let other = holder(of: path) { return "the VM \(PlainText.name(other.name)) has it, too" }
        for domain in domains {
            if domain.uuid == subject, domain.bases.contains(where: { identity($0) == wanted }) {
                return "another disk of this VM is made from it"
            }
            for image in domain.open {
                if let doubt = doubt(image, of: domain, wanted) { return doubt }
            }
        }
        return overlay(of: wanted)
    }

    /// Another VM that has a file, or reaches it through a directory.
    ///
    /// - Parameter path: The file's path.
    /// - Returns: The VM; `nil` where there is none.
    func holder(of path: String) -> DomainStorage? {
        let wanted = identity(path)
        return domains.first { domain in
            guard domain.uuid != subject else { return false }
            return domain.paths.contains { identity($0) == wanted }
                || domain.volumes.contains { volume($0).map { identity($0.path) == wanted } ?? false }
                || domain.directories.contains { path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
        }
    }

    /// The volume of a pool and a name.
    ///
    /// - Parameter named: Its pool and name.
    /// - Returns: The volume; `nil` where no active pool lists it.
    func volume(_ named: DomainStorage.Named) -> StorageVolume? {
        storage.volumes.first { $0.pool == named.pool && $0.name == named.volume }
    }

    /// Why it cannot be told that an image of a VM is not made from the volume; `nil` where it can.
    private func doubt(_ image: DomainStorage.OpenImage, of domain: DomainStorage, _ wanted: String) -> String? {
        let shown: String
        switch image {
        case .path(let path):
            let own = identity(path)
            // What libvirt lists it tells the base of; and what it is made from itself is no matter of the volume's.
            if listed.contains(own) || (domain.uuid == subject && own == wanted) { return nil }
            shown = path
        case .volume(let named):
            if volume(named) != nil { return nil }
            shown = named.pool + "/" + named.volume
        case .other(let words): shown = words
        }
        return "what \(PlainText.name(shown)) of the VM \(PlainText.name(domain.name)) is made from is not known: "
            + "it is in no active storage pool"
    }

    /// Why a volume of a pool speaks against it: it is made from it, or from something that may be.
    private func overlay(of wanted: String) -> String? {
        for volume in storage.volumes where identity(volume.path) != wanted {
            guard let backing = volume.backing, !backing.isEmpty else { continue }
            let name = "the volume \(PlainText.name(volume.name)) of the pool \(PlainText.name(volume.pool))"
            let base = identity(backing)
            if base == wanted { return "\(name) is made from it" }
            if listed.contains(base) || volume.backingFormat == "raw" && backing.hasPrefix("/") { continue }
            return "what \(PlainText.name(backing)) is made from, which \(name) is made from, is not known"
        }
        return nil
    }
}
