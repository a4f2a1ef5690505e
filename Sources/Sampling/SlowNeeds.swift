internal import Libvirt

/// What of one VM only libvirt can tell, and what it costs libvirtd and QEMU to be asked.
public struct SlowNeeds: Equatable, Sendable {
    /// Whether it has a disk whose latency, flushes and size can be told.
    public var hasDisks: Bool
    /// Whether its balloon driver reports (`<memballoon><stats period=…>`).
    public var hasBalloonStats: Bool
    /// Whether the kernel counts its exits, polls and interrupts (`<domain type='kvm'>`).
    public var usesKVM: Bool
    /// Bytes of memory that it may have: what a measurement of its dirty rate samples.
    public var memory: UInt64

    /// The needs of a VM.
    ///
    /// - Parameters:
    ///   - hasDisks: Whether it has a disk.
    ///   - hasBalloonStats: Whether its balloon driver reports.
    ///   - usesKVM: Whether it is a KVM guest.
    ///   - memory: Bytes of memory that it may have.
    public init(
        hasDisks: Bool = true,
        hasBalloonStats: Bool = false,
        usesKVM: Bool = false,
        memory: UInt64 = 0
    ) {
        self.hasDisks = hasDisks
        self.hasBalloonStats = hasBalloonStats
        self.usesKVM = usesKVM
        self.memory = memory
    }

    /// The groups to ask for in each round.
    ///
    /// A VM that needs none is asked for its balloon all the same: libvirt must talk to QEMU for that, and a monitor that
    /// hangs must show on every VM.
    var everyRound: StatsGroups {
        var groups: StatsGroups = .state
        if hasDisks { groups.insert(.block) }
        if hasBalloonStats || !hasDisks { groups.insert(.balloon) }
        return groups
    }

    /// CPU seconds that it costs libvirtd and QEMU to find out whether QEMU answers.
    static let probeCost = 760e-6

    /// What of some groups is worth asking for.
    func narrowed(_ groups: StatsGroups) -> StatsGroups {
        var groups = groups
        if !hasDisks { groups.remove(.block) }
        if !hasBalloonStats { groups.remove(.balloon) }
        if !usesKVM { groups.remove(.vcpu) }
        return groups
    }

    /// CPU seconds that a call for some groups costs libvirtd and QEMU together.
    ///
    /// Measured on libvirt 9.0 and QEMU 7.2 with VMs of two vCPUs and one disk; an estimate elsewhere. Whose CPU time
    /// libvirtd's is cannot be read from outside, so the budget goes by these. A measurement of the dirty rate hashes
    /// 512 pages of each GiB twice, which takes about 1 ms.
    func cost(of groups: StatsGroups) -> Double {
        // The call itself, and the one that tells the job under way.
        var microseconds = 90.0
        if groups.contains(.state) { microseconds += 20 }
        if groups.contains(.balloon) { microseconds += 1_280 }
        if groups.contains(.block) { microseconds += 1_710 }
        if groups.contains(.vcpu) { microseconds += 980 }
        if groups.contains(.dirtyRate) { microseconds += 1_000 + 1_000 * Double(memory) / 1_073_741_824 }
        return microseconds * 1e-6
    }
}
