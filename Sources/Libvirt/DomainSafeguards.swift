/// What of a domain's XML keeps it apart from its neighbours, or itself from others.
public struct DomainSafeguards: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt16

    /// Wraps the bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The kernel must not merge its pages with those of others (`memoryBacking/nosharepages`).
    public static let noPageSharing = DomainSafeguards(rawValue: 1)
    /// Its memory is of huge pages (`memoryBacking/hugepages`), which the kernel never merges.
    public static let hugePages = DomainSafeguards(rawValue: 2)
    /// Its memory is mapped as shared (`memoryBacking/access`), which the kernel never merges.
    public static let sharedMemory = DomainSafeguards(rawValue: 4)
    /// It starts from UEFI firmware (`os firmware='efi'`, or a loader of the type `pflash`).
    public static let uefi = DomainSafeguards(rawValue: 8)
    /// Its firmware starts nothing that is not signed (`loader secure='yes'`, or the feature `secure-boot`).
    public static let secureBoot = DomainSafeguards(rawValue: 16)
    /// It has a TPM (`devices/tpm/backend`).
    public static let tpm = DomainSafeguards(rawValue: 32)
    /// All of its threads together have a CPU limit (`cputune/global_quota`).
    public static let globalQuota = DomainSafeguards(rawValue: 64)
    /// What it does on some device of the host is limited (`blkiotune/device`).
    public static let deviceLimits = DomainSafeguards(rawValue: 128)
}

/// What of an interface's XML keeps its traffic from hurting others.
public struct InterfaceSafeguards: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt8

    /// Wraps the bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// It has a filter (`filterref`), other than libvirt's own `allow-…`, which only let traffic through.
    public static let filter = InterfaceSafeguards(rawValue: 1)
    /// What it receives is limited (`bandwidth/inbound`).
    public static let inbound = InterfaceSafeguards(rawValue: 2)
    /// What it sends is limited (`bandwidth/outbound`).
    public static let outbound = InterfaceSafeguards(rawValue: 4)
}
