public import Signals

/// What libvirt said of one VM: the tier that is read every half minute or so, and on suspicion.
public struct SlowReadings: Equatable, Sendable {
    /// One disk's counters since the VM started (`virConnectGetAllDomainStats`, group `block`).
    public struct Disk: Equatable, Sendable {
        /// Its target, such as `vda`.
        public var name: String
        /// Bytes read.
        public var readBytes: UInt64?
        /// Bytes written.
        public var writeBytes: UInt64?
        /// Read requests.
        public var readOps: UInt64?
        /// Write requests.
        public var writeOps: UInt64?
        /// Nanoseconds spent in reads and writes together.
        public var time: UInt64?
        /// Flush requests.
        public var flushes: UInt64?
        /// Bytes that it takes on the host.
        public var allocation: UInt64?

        /// A disk of which nothing is known yet.
        ///
        /// - Parameter name: Its target.
        public init(name: String) {
            self.name = name
        }
    }

    /// The counters of one vCPU of a KVM guest since it started (group `vcpu`).
    public struct VCPU: Equatable, Sendable {
        /// Its number in the guest.
        public var index: Int
        /// Exits to the hypervisor.
        public var exits: UInt64?
        /// Polls before it slept.
        public var haltPolls: UInt64?
        /// Interrupts injected.
        public var interrupts: UInt64?

        /// A vCPU of which nothing is known yet.
        ///
        /// - Parameter index: Its number in the guest.
        public init(index: Int) {
            self.index = index
        }
    }

    /// The VM.
    public var identity: VMIdentity
    /// When libvirt answered, or was found not to.
    public var time: MonotonicTime
    /// Seconds that the call took for this VM, its share of a call for several; `nil` where it was not measured.
    public var latency: Double?
    /// Since when libvirt owes an answer about this VM; `nil` where it answered.
    public var owedSince: MonotonicTime?
    /// Seconds for which the job under way on it has run, 0 where none is; `nil` where that is not known.
    public var jobAge: Double?
    /// Bytes that the guest says it could use without swapping; `nil` where its driver does not say.
    public var balloonUsable: UInt64?
    /// Seconds since the guest said so; `nil` where that is not known.
    public var balloonAge: Double?
    /// Bytes that the guest has read back from swap since it booted.
    public var swapIn: UInt64?
    /// Bytes that the guest has written to swap since it booted.
    public var swapOut: UInt64?
    /// Its disks; `nil` where they were not asked for.
    public var disks: [Disk]?
    /// Its vCPUs, without counters where libvirt has none; `nil` where they were not asked for.
    public var vcpus: [VCPU]?
    /// Guest memory dirtied, in bytes per second; `nil` where it was not measured.
    public var dirtyRate: Reading?

    /// An answer in which nothing is filled in yet.
    ///
    /// - Parameters:
    ///   - identity: The VM.
    ///   - time: When libvirt answered.
    public init(identity: VMIdentity, time: MonotonicTime) {
        self.identity = identity
        self.time = time
    }
}
