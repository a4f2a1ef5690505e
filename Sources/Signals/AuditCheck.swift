/// What an audit looks for; the raw value is the finding's id, fixed for ever.
public enum AuditCheck: String, CaseIterable, Codable, Sendable {
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

extension AuditCheck {
    /// How urgent its findings are where no policy sets another urgency.
    public var usualSeverity: Severity {
        switch self {
        case .cpuVulnerable, .deviceNotIsolated: .critical
        case .vmUntenanted, .vmOfSeveralTenants, .diskUnlimited, .networkUnlimited, .interfaceUnfiltered, .pagesMerged,
            .coreShared, .cpuVulnerableBetweenThreads, .swapUnencrypted:
            .warning
        case .cpuUnlimited, .allocNotCleared: .notice
        case .tenantsMixed, .cacheUnpartitioned, .secureBootOff, .tpmMissing, .freeNotCleared: .info
        }
    }
}
