import Signals

/// The keys of `audit`: the ids of the findings.
extension AuditCheck: PolicyKey {
    var grammar: KeyGrammar {
        KeyGrammar(
            .choice(of: AuditPlan.Urgency.self),
            normally: usualSeverity.rawValue,
            example: usualSeverity == .notice ? "ignore" : "notice",
            about
        )
    }

    /// What it looks for.
    private var about: String {
        switch self {
        case .vmUntenanted: "a VM's metadata names no tenant"
        case .vmOfSeveralTenants: "a VM's metadata names several tenants"
        case .tenantsMixed: "VMs of several tenants run on the host"
        case .cpuUnlimited: "nothing bounds a VM's CPU time"
        case .diskUnlimited: "nothing bounds what a VM does on one of its disks"
        case .networkUnlimited: "nothing bounds the traffic of an interface"
        case .interfaceUnfiltered: "an interface may send under any address"
        case .pagesMerged: "the kernel merges pages of a VM with those of other tenants"
        case .coreShared: "two tenants may run on one core at once"
        case .cpuVulnerable: "the CPU has a hole that nothing closes"
        case .cpuVulnerableBetweenThreads: "the CPU has a hole that is open between threads of one core"
        case .cacheUnpartitioned: "every VM uses every way of the caches"
        case .deviceNotIsolated: "a device that was handed to a VM is not isolated from others"
        case .secureBootOff: "a VM's firmware starts what nobody signed"
        case .tpmMissing: "a VM has no TPM"
        case .allocNotCleared: "the kernel hands out memory without clearing it"
        case .freeNotCleared: "the kernel takes memory back without clearing it"
        case .swapUnencrypted: "pages are swapped to a device as they are"
        }
    }
}
