/// Which groups of figures a bulk call asks for; each costs libvirtd and QEMU time, so ask for no more than is used.
public struct StatsGroups: OptionSet, Sendable, Hashable {
    /// The bits, those of libvirt's `virDomainStatsTypes`.
    public let rawValue: UInt32

    /// Wraps the bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Whether the domain runs; needs no QEMU.
    public static let state = StatsGroups(rawValue: 1 << 0)
    /// Memory of the guest and its process; QEMU is asked.
    public static let balloon = StatsGroups(rawValue: 1 << 2)
    /// Time, run delay and, of KVM guests, exits, polls and interrupts of each vCPU; QEMU is asked.
    public static let vcpu = StatsGroups(rawValue: 1 << 3)
    /// Traffic of each network interface; needs no QEMU.
    public static let interface = StatsGroups(rawValue: 1 << 4)
    /// Traffic, latency and size of each disk; QEMU is asked.
    public static let block = StatsGroups(rawValue: 1 << 5)
    /// What a measurement of the dirty rate found, begun by ``LibvirtConnection/startDirtyRate(of:seconds:)``; QEMU is
    /// asked.
    public static let dirtyRate = StatsGroups(rawValue: 1 << 9)
}
