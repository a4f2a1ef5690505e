public import HostReaders

/// What a host offers to be read: the facts that ``CapabilityProbe`` judges by.
public struct HostFacts: Equatable, Sendable {
    /// Whether pressure stall information is there.
    public enum PSI: Equatable, Sendable {
        /// It is.
        case present
        /// The kernel has it and it is switched off.
        case disabled
        /// The kernel does not have it.
        case absent
    }

    /// Whether libvirt can be asked.
    public enum LibvirtAccess: Equatable, Sendable {
        /// It answers.
        case reachable
        /// It does not, and why.
        case unreachable(String)
    }

    /// Whether a cgroup v2 tree is mounted.
    public var hasUnified = false
    /// The controllers of the v2 tree; empty on a hybrid host.
    public var unifiedControllers: Set<String> = []
    /// The controllers mounted as v1.
    public var legacyControllers: Set<String> = []
    /// Pressure stall information.
    public var psi = PSI.absent
    /// Whether threads tell their run delay.
    public var hasSchedStat = false
    /// Whether processes tell their storage traffic.
    public var hasProcessIO = false
    /// Whether `/proc/net/dev` can be read.
    public var hasNetDev = false
    /// What is told of the interfaces of VMs.
    public var network = NetworkFacts()
    /// Where resctrl is mounted.
    public var resctrl: String?
    /// What resctrl offers.
    public var resctrlInfo = ResctrlInfo()
    /// Whether this process may make monitoring groups and put VMs' threads into them.
    public var mayMonitor = false
    /// Whether the kernel knows the resctrl file system.
    public var knowsResctrl = false
    /// The CPU's flags.
    public var cpuFlags: Set<String> = []
    /// `kernel.perf_event_paranoid`; `nil` where the kernel has no perf events.
    public var perfParanoid: Int?
    /// Whether the CPU's performance counters are there.
    public var hasPMU = false
    /// Whether this process may count what others do, whatever ``perfParanoid`` is.
    public var mayCountOthers = false
    /// CPUs online.
    public var onlineCPUs = 1
    /// NVIDIA's GPUs and their driver.
    public var gpu = GPUFacts()
    /// Whether the kernel's log can be read.
    public var kernelLog = FileAccess.absent
    /// The words that the kernel was booted with.
    public var bootParameters: Set<String> = []
    /// What the CPU packages tell of their power.
    public var power = Power.absent
    /// Where the CPUs' frequency is told; `nil` where it is not.
    public var frequency: CPUFrequency.Source?
    /// Whether threads tell how often they were moved between CPUs.
    public var hasSchedFile = false
    /// Whether cgroups count their tasks.
    public var hasPIDs = false
    /// Whether swap is charged to cgroups.
    public var accountsSwap = false
    /// Whether any PCI device counts its errors.
    public var hasAER = false
    /// Whether devices go through an IOMMU.
    public var hasIOMMU = false
    /// What libvirt and QEMU can count.
    public var libvirtFacts = LibvirtFacts()
    /// Whether libvirt can be asked.
    public var libvirt = LibvirtAccess.reachable

    /// A host that offers nothing but libvirt.
    public init() {}

    /// Looks at a host.
    ///
    /// - Parameters:
    ///   - roots: Where its trees are.
    ///   - libvirt: Whether libvirt can be asked, as the caller found it.
    ///   - versions: libvirt's and QEMU's versions, where the caller found them.
    ///   - libraries: Directories to look for NVML in.
    public init(
        probing roots: HostRoots,
        libvirt: LibvirtAccess,
        versions: (libvirt: UInt?, qemu: UInt?) = (nil, nil),
        libraries: [String] = GPUFacts.usualLibraries
    ) {
        let mounts = MountTable(roots: roots)
        for tree in mounts.trees {
            if tree.isUnified {
                hasUnified = true
                unifiedControllers = Self.words(tree.mountPoint + "/cgroup.controllers")
            } else {
                legacyControllers.formUnion(tree.controllers)
            }
        }
        psi = Self.psi(roots)
        hasSchedStat = HostDirectory.text(of: roots.proc + "/self/schedstat").map { !$0.hasPrefix("0 0 0") } ?? false
        hasProcessIO = HostDirectory.text(of: roots.proc + "/self/io") != nil
        hasNetDev = HostDirectory.text(of: roots.proc + "/net/dev") != nil
        network = NetworkFacts(probing: roots)
        resctrl = mounts.resctrl
        if let mountPoint = mounts.resctrl {
            resctrlInfo = ResctrlInfo(mountPoint: mountPoint)
            mayMonitor = Self.mayMonitor(mountPoint)
        }
        knowsResctrl = Self.words(roots.proc + "/filesystems").contains("resctrl")
        cpuFlags = Self.cpuFlags(roots)
        perfParanoid = HostDirectory.text(of: roots.proc + "/sys/kernel/perf_event_paranoid")
            .flatMap { Int($0.split(separator: "\n").first ?? "") }
        hasPMU = PerfEvents.hasCounters(roots)
        mayCountOthers = Self.mayCountOthers(roots)
        onlineCPUs = max(1, CPUList.online(roots).count)
        gpu = GPUFacts(probing: roots, libraries: libraries)
        kernelLog = KernelLog(roots: roots).access
        bootParameters = Self.words(roots.proc + "/cmdline")
        power = Self.power(roots)
        frequency = CPUFrequency.mean(roots)?.source
        hasSchedFile = HostDirectory.exists(roots.proc + "/self/sched")
        hasPIDs = unifiedControllers.contains("pids") || legacyControllers.contains("pids")
        accountsSwap = Self.accountsSwap(roots, mounts, bootParameters)
        hasAER = Self.hasAER(roots)
        hasIOMMU = !HostDirectory.names(in: roots.sys + "/class/iommu").isEmpty
        libvirtFacts = LibvirtFacts(probing: roots, libvirt: versions.libvirt, qemu: versions.qemu)
        self.libvirt = libvirt
    }

    /// Whether PSI is there, switched off or unknown to the kernel.
    private static func psi(_ roots: HostRoots) -> PSI {
        let file = KernelFile(directory: roots.proc + "/pressure", name: "cpu")
        if file.isUnsupported { return .disabled }
        var buffer = ReadBuffer(capacity: 256)
        switch file.read(into: &buffer) {
        case .bytes: return .present
        case .unsupported: return .disabled
        case .vanished, .failed: return .absent
        }
    }

    /// The words of a file.
    private static func words(_ path: String) -> Set<String> {
        let text = HostDirectory.text(of: path) ?? ""
        return Set(text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init))
    }

    /// The flags of the first CPU.
    static func cpuFlags(_ roots: HostRoots) -> Set<String> {
        let text = HostDirectory.text(of: roots.proc + "/cpuinfo") ?? ""
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return [] }
        return Set(line.split { $0 == " " || $0 == "\t" || $0 == ":" }.dropFirst().map(String.init))
    }
}
