public import Signals

/// The hand that reads and sets what can be changed of a running VM.
///
/// Every call first makes sure that the VM still is the one that is named, of the same start, and answers within a
/// deadline of its own: the enforcer waits for it, for this VM alone. Nothing of a VM's stored configuration is changed.
public protocol Actuator: Sendable {
    /// What the VM is made of, so that a plan can be made of the knobs that it has.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: Its parts.
    /// - Throws: ``ActuatorError``.
    func parts(of vm: VMIdentity) async throws(ActuatorError) -> VMParts

    /// Reads what a knob is set to.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - vm: The VM.
    /// - Returns: The setting in force.
    /// - Throws: ``ActuatorError``; ``ActuatorError/partGone(_:)`` for a disk or an interface that was taken off.
    func read(_ knob: Knob, of vm: VMIdentity) async throws(ActuatorError) -> Setting

    /// Sets a knob of the running VM.
    ///
    /// - Parameters:
    ///   - knob: The knob.
    ///   - setting: A setting of the kind that the knob has.
    ///   - vm: The VM.
    /// - Throws: ``ActuatorError``; ``ActuatorError/unknown(_:)`` wherever the change may still happen.
    func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) async throws(ActuatorError)

    /// The setting that leaves a VM a share of a device, where only the device knows what it can be set to.
    ///
    /// - Parameters:
    ///   - knob: The power or the clocks of a GPU.
    ///   - share: What is to be left, above 0 and at most 1.
    ///   - before: What it is a share of.
    ///   - vm: The VM.
    /// - Returns: The setting.
    /// - Throws: ``ActuatorError``; ``ActuatorError/refused(_:)`` where the device cannot be set any lower.
    func plan(_ knob: Knob, share: Double, of before: Setting, for vm: VMIdentity) async throws(ActuatorError)
        -> Setting

    /// Reads the mark of Quell's that travels with the VM, in its metadata; `nil` where it has none.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The text of the mark.
    /// - Throws: ``ActuatorError``.
    func mark(of vm: VMIdentity) async throws(ActuatorError) -> String?

    /// Sets or takes off the mark that travels with the VM.
    ///
    /// - Parameters:
    ///   - text: The text of the mark, at most 64 KiB; `nil` to take it off.
    ///   - vm: The VM.
    /// - Throws: ``ActuatorError``.
    func setMark(_ text: String?, of vm: VMIdentity) async throws(ActuatorError)
}

/// What a VM is made of, as far as it can be held back by it.
public struct VMParts: Equatable, Sendable {
    /// A network interface.
    public struct Interface: Equatable, Sendable {
        /// The host's device, such as `vnet3`.
        public var device: String
        /// Why its bandwidth is not to be touched, as on Open vSwitch, which takes libvirt's queues away; `nil` where it
        /// may be.
        public var bandwidthTrouble: String?

        /// An interface.
        ///
        /// - Parameters:
        ///   - device: The host's device.
        ///   - bandwidthTrouble: Why its bandwidth is not to be touched.
        public init(device: String, bandwidthTrouble: String? = nil) {
            self.device = device
            self.bandwidthTrouble = bandwidthTrouble
        }
    }

    /// A GPU that it uses.
    public struct GPU: Equatable, Sendable {
        /// Its PCI address.
        public var address: String
        /// Whether nobody else uses it, so that the whole device may be held back.
        public var isSole: Bool

        /// A GPU.
        ///
        /// - Parameters:
        ///   - address: Its PCI address.
        ///   - isSole: Whether nobody else uses it.
        public init(address: String, isSole: Bool) {
            self.address = address
            self.isSole = isSole
        }
    }

    /// Its vCPUs now, at least 1.
    public var vcpus: Int
    /// Its I/O threads.
    public var iothreads = 0
    /// The target names of its disks whose limits can be set.
    public var disks: [String] = []
    /// Its interfaces that have a device on the host.
    public var interfaces: [Interface] = []
    /// Bytes of memory that it may have at most.
    public var memory: UInt64 = 0
    /// Whether its guest has a balloon that has reported of late.
    public var hasBalloon = false
    /// Whether the kernel takes the soft limit of memory for `memory.high`, as on cgroup v2.
    public var softLimitIsHigh = true
    /// The host's CPUs that are online.
    public var hostCPUs = CPUSet()
    /// Why its threads cannot be put into a cache group; `nil` where they can.
    public var cacheTrouble: String?
    /// The GPUs that it uses.
    public var gpus: [GPU] = []

    /// A VM of so many vCPUs and nothing else.
    ///
    /// - Parameter vcpus: Its vCPUs.
    public init(vcpus: Int) {
        self.vcpus = max(1, vcpus)
    }
}

/// The cache groups that Quell keeps on a host; few, since a processor has few classes of service.
public enum CacheGroups {
    /// For VMs that are throttled: half of the cache ways and of the memory bandwidth.
    public static let throttled = "quell-throttled"
    /// For VMs in quarantine: the fewest ways and the least bandwidth that the processor has.
    public static let quarantine = "quell-quarantine"
    /// All of them.
    public static let all: Set<String> = [throttled, quarantine]
}
