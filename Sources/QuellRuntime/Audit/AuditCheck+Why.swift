public import Signals

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
