public import Signals

/// What a domain's XML says of it (`virDomainGetXMLDesc`), as far as Quell uses it.
public struct DomainDescription: Sendable, Equatable {
    /// A disk.
    public struct Disk: Sendable, Equatable {
        /// Its name in the description, for instance `vda`.
        public let target: String
        /// The file, device, volume or network name behind it; `nil` for an empty drive.
        public let source: String?
        /// Whether limits can be set on it: not where it is read-only, an empty drive, or served by another process.
        public var takesLimits = true
        /// The group of disks that it was given to share limits with; `nil` where it was given none.
        public var throttleGroup: String?
        /// Whether bytes or operations a second are limited (`iotune`, `throttlefilters`).
        public var isLimited = false

        /// A disk.
        ///
        /// - Parameters:
        ///   - target: Its name in the description.
        ///   - source: What is behind it.
        public init(target: String, source: String?) {
            self.target = target
            self.source = source
        }
    }

    /// A network interface that has a device on the host.
    public struct Interface: Sendable, Equatable {
        /// The host's device, for instance `vnet3`.
        public let device: String
        /// What it is connected to now (`type`), for instance `bridge`.
        public let kind: String
        /// What kind of port it has on a virtual switch (`virtualport`), for instance `openvswitch`.
        public let port: String?
        /// What keeps its traffic from hurting others.
        public var safeguards: InterfaceSafeguards = []

        /// An interface.
        ///
        /// - Parameters:
        ///   - device: The host's device.
        ///   - kind: What it is connected to.
        ///   - port: What kind of port it has on a virtual switch.
        public init(device: String, kind: String, port: String? = nil) {
            self.device = device
            self.kind = kind
            self.port = port
        }
    }

    /// Its UUID.
    public var uuid: VMUUID
    /// Its number while it runs, −1 while it does not; another with each start.
    public var id: Int32
    /// Its name, for people only.
    public var name: String
    /// Its vCPUs now, at least 1.
    public var vcpus: Int
    /// Its CPU weight as the description gives it (`cputune/shares`); `nil` where it has the driver's default.
    ///
    /// On cgroup v1 the default is 1024, on v2 it is 100.
    public var cpuShares: UInt64?
    /// The vCPU quota that the description gives (`cputune/period`, `cputune/quota`); `nil` where it gives none.
    public var quota: VCPUQuota?
    /// Its threads that serve disks.
    public var iothreads = 0
    /// Its network interfaces that have a device on the host, each device once.
    public var interfaces: [Interface] = []
    /// The host's devices of its network interfaces.
    public var tapNames: [String] { interfaces.map(\.device) }
    /// Its disks.
    public var disks: [Disk]
    /// PCI addresses of the host's devices that it was given, as `0000:3b:00.0`.
    public var hostPCI: [String]
    /// UUIDs of the mediated devices (vGPU) that it was given.
    public var mdevs: [String]
    /// Whether the CPU itself runs its vCPUs (`type='kvm'`), rather than a program that emulates one.
    public var usesKVM = false
    /// Bytes of memory that it may have at most; `nil` where the description does not say.
    public var memory: UInt64?
    /// Seconds between reports of the guest's balloon driver; `nil` without a driver or where it is not to report.
    public var balloonPeriod: Int?
    /// Whom its metadata names as its tenant, each once, in the order of the metadata.
    ///
    /// It holds the `tenant` of Quell's own element, and the UUID of OpenStack's project (its name where it has no
    /// UUID) unless Quell's element already names that project by UUID or name. None or several is a finding in itself.
    public var tenants: [String]
    /// Its workload class, from Quell's own element.
    public var workloadClass: String?
    /// Whether its metadata holds the mark of a Quell that holds it back, of this host or another.
    public var isMarked = false
    /// What keeps it apart from its neighbours.
    public var safeguards: DomainSafeguards = []
    /// The file with its firmware's variables (`os/nvram`); `nil` where the description names none.
    public var nvram: String?

    /// A domain of which only its names are known.
    ///
    /// - Parameters:
    ///   - uuid: Its UUID.
    ///   - id: Its number while it runs.
    ///   - name: Its name.
    ///   - vcpus: Its vCPUs.
    public init(uuid: VMUUID, id: Int32 = -1, name: String, vcpus: Int = 1) {
        self.uuid = uuid
        self.id = id
        self.name = name
        self.vcpus = max(1, vcpus)
        self.disks = []
        self.hostPCI = []
        self.mdevs = []
        self.tenants = []
    }

    /// The largest XML that is read, in bytes.
    public static let sizeLimit = 1 << 20

    /// Reads a domain's XML.
    ///
    /// The XML comes from libvirt, but tenants have a say in parts of it. So it is bounded in size and depth, must be
    /// UTF-8, may declare no document type and with it no entities, and is read in one pass without a tree. Only
    /// elements at their proper place count: a copy of them inside the metadata is passed over.
    ///
    /// - Parameter xml: The XML as libvirt gives it.
    /// - Throws: ``LibvirtError`` of the kind ``LibvirtError/Code/malformed``, with the place of the mistake.
    public init(xml: [UInt8]) throws(LibvirtError) {
        self = try DomainXMLReader.read(xml)
    }
}
