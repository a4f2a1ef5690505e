public import Signals

/// What an audit looks for; the raw value is the finding's id, fixed for ever.
enum AuditCheck: String, CaseIterable, Sendable {
    /// A VM's metadata names no tenant.
    case vmUntenanted = "vm-untenanted"
    /// A VM's metadata names several tenants.
    case vmOfSeveralTenants = "vm-of-several-tenants"
    /// VMs of several tenants run here.
    case tenantsMixed = "tenants-mixed"
    /// Nothing bounds a VM's CPU time.
    case cpuUnlimited = "cpu-unlimited"
    /// Nothing bounds what a VM does on one of its disks.
    case diskUnlimited = "disk-unlimited"
    /// Nothing bounds the traffic of an interface.
    case networkUnlimited = "network-unlimited"
    /// An interface may send under any address.
    case interfaceUnfiltered = "interface-unfiltered"
    /// The kernel merges pages of a VM with those of other tenants.
    case pagesMerged = "pages-merged"
    /// Two tenants may run on one core at once.
    case coreShared = "core-shared"
    /// The CPU has a hole that nothing closes.
    case cpuVulnerable = "cpu-vulnerable"
    /// The CPU has a hole that is open between threads of one core.
    case cpuVulnerableBetweenThreads = "cpu-vulnerable-smt"
    /// Every VM uses every way of the caches.
    case cacheUnpartitioned = "cache-unpartitioned"
    /// A device that was handed to a VM is not isolated from others.
    case deviceNotIsolated = "device-not-isolated"
    /// A VM's firmware starts what nobody signed.
    case secureBootOff = "secure-boot-off"
    /// A VM has no TPM.
    case tpmMissing = "tpm-missing"
    /// The kernel hands out memory without clearing it.
    case allocNotCleared = "init-on-alloc-off"
    /// The kernel takes memory back without clearing it.
    case freeNotCleared = "init-on-free-off"
    /// Pages are swapped to a device as they are.
    case swapUnencrypted = "swap-unencrypted"
}

/// How urgent each finding is: the usual urgency, and whatever a site sets instead.
struct AuditSeverities: Equatable, Sendable {
    /// What a site sets instead.
    var own: [AuditCheck: Severity] = [:]

    /// How urgent a finding is.
    subscript(_ check: AuditCheck) -> Severity { own[check] ?? Self.usual(check) }

    /// How urgent a finding is where nobody sets another urgency.
    private static func usual(_ check: AuditCheck) -> Severity {
        switch check {
        case .cpuVulnerable, .deviceNotIsolated: .critical
        case .vmUntenanted, .vmOfSeveralTenants, .diskUnlimited, .networkUnlimited, .interfaceUnfiltered, .pagesMerged,
            .coreShared, .cpuVulnerableBetweenThreads, .swapUnencrypted:
            .warning
        case .cpuUnlimited, .allocNotCleared: .notice
        case .tenantsMixed, .cacheUnpartitioned, .secureBootOff, .tpmMissing, .freeNotCleared: .info
        }
    }
}

extension Severity {
    /// Whether it is as urgent as another one or more.
    ///
    /// - Parameter other: The other one.
    /// - Returns: Whether it is.
    public func isAtLeast(_ other: Severity) -> Bool { journalPriority <= other.journalPriority }
}

extension AuditCheck {
    /// Why it matters to a neighbour.
    var why: String {
        switch self {
        case .vmUntenanted: "a neighbour that nobody owns can be held to nobody's share, and nobody can be told"
        case .vmOfSeveralTenants: "whose neighbour it is cannot be told, so neither its share nor its blame is sure"
        case .tenantsMixed: "what one tenant does here can be felt, and may be seen, by another"
        case .cpuUnlimited: "its vCPUs may take all the time there is, and the weight of its neighbours is no more"
        case .diskUnlimited: "one VM can fill the queue of the device that its neighbours' disks lie on"
        case .networkUnlimited: "one VM can fill the uplink that its neighbours send and receive through"
        case .interfaceUnfiltered: "it can send under a neighbour's address and take over what is meant for that one"
        case .pagesMerged: "the time of a write tells whether a neighbour has the same page, and Rowhammer reaches it"
        case .coreShared: "threads of one core share caches, ports and buffers, through which secrets have leaked"
        case .cpuVulnerable: "a VM may be able to read what its neighbours or the host have in memory"
        case .cpuVulnerableBetweenThreads: "a VM may be able to read what a neighbour does on the same core"
        case .cacheUnpartitioned: "one VM can evict what its neighbours keep in the last-level cache, and time theirs"
        case .deviceNotIsolated: "a device of the same group can be reached by DMA around the IOMMU, whoever has it"
        case .secureBootOff: "what breaks into it can stay below its operating system, and come back at its neighbours"
        case .tpmMissing: "it cannot prove what it started, nor seal its keys to that"
        case .allocNotCleared: "what the host kept in a page of its own may be seen by whoever gets that page next"
        case .freeNotCleared: "what a VM that is gone had in memory stays there until the pages are used again"
        case .swapUnencrypted: "memory of tenants lies readable on a disk, also after they are gone"
        }
    }
}
