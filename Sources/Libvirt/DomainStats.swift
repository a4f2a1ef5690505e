public import Signals

/// What libvirt counts of one domain (`virConnectGetAllDomainStats`).
///
/// Every figure is optional: what was not asked for, what this libvirt or driver does not count, and what could not be
/// had without waiting is `nil`, never 0. Counters count from the start of the QEMU process.
public struct DomainStats: Sendable, Equatable {
    /// One vCPU.
    public struct VCPU: Sendable, Equatable {
        /// Its number in the guest, from 0.
        public let index: Int
        /// CPU time used, in nanoseconds.
        public var time: UInt64?
        /// Time it was blocked, waiting for input or output, in nanoseconds.
        public var wait: UInt64?
        /// Time it was ready but another ran in its place, in nanoseconds: the run delay.
        public var delay: UInt64?
        /// Whether the guest has halted it.
        public var halted: Bool?
        /// Exits from the guest to the hypervisor, of KVM guests (QEMU 7.1, libvirt 8.9 and later).
        public var exits: UInt64?
        /// Polls before it slept, of KVM guests.
        public var haltPolls: UInt64?
        /// Interrupts injected into it, of KVM guests.
        public var interrupts: UInt64?

        /// A vCPU of which nothing is known yet.
        ///
        /// - Parameter index: Its number in the guest, from 0.
        public init(index: Int) {
            self.index = index
        }
    }

    /// What a measurement of how fast the guest dirties its memory found.
    public struct DirtyRate: Sendable, Equatable {
        /// Whether the measurement is over (`VIR_DOMAIN_DIRTYRATE_MEASURED`).
        public var isMeasured: Bool?
        /// Bytes dirtied a second.
        public var bytesPerSecond: UInt64?

        /// A measurement of which nothing is known yet.
        public init() {}
    }

    /// The memory of the guest and of its process.
    public struct Balloon: Sendable, Equatable {
        /// Bytes that the guest has now.
        public var current: UInt64?
        /// Bytes that it may have at most.
        public var maximum: UInt64?
        /// Bytes swapped in by the guest.
        public var swapIn: UInt64?
        /// Bytes swapped out by the guest.
        public var swapOut: UInt64?
        /// Page faults of the guest that needed a disk.
        public var majorFaults: UInt64?
        /// Page faults of the guest that needed no disk.
        public var minorFaults: UInt64?
        /// Bytes that the guest does not use at all.
        public var unused: UInt64?
        /// Bytes that the guest can use at all.
        public var available: UInt64?
        /// Bytes that the guest could use without swapping.
        public var usable: UInt64?
        /// Bytes of file cache in the guest.
        public var diskCaches: UInt64?
        /// When the guest's driver last reported, in seconds since 1970; 0 where it never did.
        public var lastUpdate: UInt64?
        /// Bytes of host memory that the QEMU process holds.
        public var rss: UInt64?

        /// A memory of which nothing is known yet.
        public init() {}
    }

    /// One network interface, as the host counts it: received is what the guest was sent.
    public struct Interface: Sendable, Equatable {
        /// Its place in libvirt's list, from 0.
        public let index: Int
        /// The host's device, for instance `vnet3`.
        public var name: String?
        /// Bytes received.
        public var rxBytes: UInt64?
        /// Packets received.
        public var rxPackets: UInt64?
        /// Errors in receiving.
        public var rxErrors: UInt64?
        /// Packets dropped in receiving.
        public var rxDrops: UInt64?
        /// Bytes sent.
        public var txBytes: UInt64?
        /// Packets sent.
        public var txPackets: UInt64?
        /// Errors in sending.
        public var txErrors: UInt64?
        /// Packets dropped in sending.
        public var txDrops: UInt64?

        /// An interface of which nothing is known yet.
        ///
        /// - Parameter index: Its place in libvirt's list, from 0.
        public init(index: Int) {
            self.index = index
        }
    }

    /// One disk.
    public struct Block: Sendable, Equatable {
        /// Its place in libvirt's list, from 0.
        public let index: Int
        /// Its name in the guest's description, for instance `vda`.
        public var name: String?
        /// The file or device behind it; `nil` for an empty drive or a network disk.
        public var path: String?
        /// Read requests.
        public var readRequests: UInt64?
        /// Bytes read.
        public var readBytes: UInt64?
        /// Time that reads took, summed over requests, in nanoseconds.
        public var readTime: UInt64?
        /// Write requests.
        public var writeRequests: UInt64?
        /// Bytes written.
        public var writeBytes: UInt64?
        /// Time that writes took, summed over requests, in nanoseconds.
        public var writeTime: UInt64?
        /// Flush requests.
        public var flushRequests: UInt64?
        /// Time that flushes took, summed over requests, in nanoseconds.
        public var flushTime: UInt64?
        /// Offset of the highest byte written, in bytes.
        public var allocation: UInt64?
        /// Bytes that the guest sees.
        public var capacity: UInt64?
        /// Bytes that the file behind it takes on the host.
        public var physical: UInt64?

        /// A disk of which nothing is known yet.
        ///
        /// - Parameter index: Its place in libvirt's list, from 0.
        public init(index: Int) {
            self.index = index
        }
    }

    /// The domain.
    public let uuid: VMUUID
    /// Whether it runs.
    public var state: DomainPower?
    /// Its vCPUs now.
    public var vcpuCount: Int?
    /// Its vCPUs that are online, by number.
    public var vcpus: [VCPU] = []
    /// Its memory.
    public var balloon: Balloon?
    /// Its network interfaces, in libvirt's order.
    public var interfaces: [Interface] = []
    /// Its disks, in libvirt's order.
    public var blocks: [Block] = []
    /// How fast it dirties its memory; `nil` where that was not asked for or QEMU does not tell.
    public var dirtyRate: DirtyRate?
    /// Groups asked for that could not be had without waiting for the domain.
    ///
    /// That is the case while another job holds it or its monitor does not answer.
    public var missed: StatsGroups = []

    /// Requests to all of its disks since it started, flushes included; `nil` where none of them tells.
    public var requests: UInt64? {
        let counts = blocks.flatMap { [$0.readRequests, $0.writeRequests, $0.flushRequests] }.compactMap(\.self)
        return counts.isEmpty ? nil : counts.reduce(0, &+)
    }

    /// The stats of a domain of which nothing is known yet.
    ///
    /// - Parameter uuid: The domain.
    public init(uuid: VMUUID) {
        self.uuid = uuid
    }
}
