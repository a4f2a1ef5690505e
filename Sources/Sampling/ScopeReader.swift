public import HostReaders
public import Signals

/// Finds out where VMs lie on the host.
///
/// | what | from |
/// |---|---|
/// | CPUs | `Cpus_allowed_list` of the vCPUs' threads, all of them together |
/// | caches | those of these CPUs |
/// | nodes | `Mems_allowed_list` of the process |
/// | disks | the devices behind the sources of its disks, down to whole disks |
/// | links | the bridges of its interfaces and the uplinks behind them |
/// | GPUs | the PCI functions handed to it, or those that its vGPUs are parts of |
///
/// A list of which any part cannot be told stays empty, which means that it may share with everybody. Nothing here is for
/// a tick: it opens a file for each thread.
public struct ScopeReader: Sendable {
    private let roots: HostRoots
    private var topology: HostTopology
    private var interfaces: InterfacePlace

    /// A reader that knows the host as it is now.
    ///
    /// - Parameter roots: Where the host's trees are.
    public init(roots: HostRoots) {
        self.roots = roots
        topology = HostTopology(roots)
        interfaces = InterfacePlace(roots)
    }

    /// Looks at the host anew: CPUs may have come or gone, and bridges changed their ports.
    public mutating func refresh() {
        topology = HostTopology(roots)
        interfaces = InterfacePlace(roots)
    }

    /// Where a VM lies.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: Its place, with empty lists for what cannot be told.
    public mutating func scope(of vm: VMDescription) -> VMScope {
        var scope = VMScope()
        scope.cpus = cpus(of: vm.pid)
        scope.caches = topology.caches(of: scope.cpus)
        scope.nodes = Self.places("\(roots.proc)/\(vm.pid)/status")?.nodes ?? []
        scope.disks = disks(vm.diskSources)
        scope.links = Self.union(vm.taps.map { interfaces.links(of: $0) })
        scope.gpus = GPUClaims.functions(of: vm, roots: roots).sorted()
        return scope
    }

    /// CPUs on which any vCPU may run; empty where one of them cannot be told, or no thread is known for a vCPU.
    private func cpus(of pid: Int32) -> [UInt32] {
        let base = "\(roots.proc)/\(pid)/task"
        var found: Set<UInt32> = []
        for tid in HostDirectory.names(in: base) {
            guard let name = HostDirectory.text(of: "\(base)/\(tid)/comm"), QEMUThreads.vcpu(name) != nil else {
                continue
            }
            guard let allowed = Self.places("\(base)/\(tid)/status") else { return [] }
            found.formUnion(allowed.cpus)
        }
        return found.sorted()
    }

    /// Whole disks behind the sources of disks; empty where one of them is not on this host's own devices.
    private func disks(_ sources: [String]) -> [UInt32] {
        Self.union(
            sources.map { source in
                guard source.hasPrefix("/"), let device = BlockDevice(behind: source) else { return [] }
                return device.disks(roots).map(\.number)
            }
        )
    }

    /// All of several lists, sorted; empty where one of them is.
    private static func union(_ lists: [[UInt32]]) -> [UInt32] {
        var all: Set<UInt32> = []
        for list in lists {
            if list.isEmpty { return [] }
            all.formUnion(list)
        }
        return all.sorted()
    }

    /// Where a thread may be.
    private static func places(_ path: String) -> AllowedPlaces? {
        HostDirectory.bytes(of: path).flatMap { try? AllowedPlaces($0.span) }
    }
}

extension GPUClaims {
    /// The PCI functions that a VM has whole or in part, each as `segment << 16 | bus << 8 | device << 3 | function`; empty
    /// where one cannot be told.
    static func functions(of vm: VMDescription, roots: HostRoots) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for text in vm.pciDevices {
            let physical = PCIFunction(at: text, roots: roots)?.physicalFunction ?? text
            guard let address = PCIAddress(physical) else { return [] }
            found.insert(address.number)
        }
        for uuid in vm.mdevs {
            guard let parent = PCIFunction.parent(ofMediated: uuid, roots: roots),
                let address = PCIAddress(parent.physicalFunction ?? parent.address)
            else { return [] }
            found.insert(address.number)
        }
        return found
    }
}

extension PCIAddress {
    /// All of it in one number; segments beyond 65,535 lose their upper half.
    fileprivate var number: UInt32 {
        segment << 16 | UInt32(bus) << 8 | UInt32(device) << 3 | UInt32(function)
    }
}
