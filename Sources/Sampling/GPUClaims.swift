internal import HostReaders
internal import Signals

/// What of the GPUs that NVML sees a VM was given.
///
/// sysfs tells, by the driver of the physical function: `nvidia` holds a GPU for the host, so that NVML sees it, and any
/// driver of VFIO's hides it. A VM that was given a virtual function, or a mediated device made of one, has a share of
/// the physical function, in whose list of vGPUs NVML names it.
struct GPUClaims: Equatable {
    /// The VM.
    let identity: VMIdentity
    /// Its mediated devices.
    let mdevs: [VMUUID]
    /// Addresses of GPUs that it has to itself and that NVML sees all the same.
    private(set) var whole: [String] = []
    /// Addresses of GPUs on which it has vGPUs.
    private(set) var shared: [String] = []

    /// Looks up the devices of a VM.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - roots: Where sysfs is.
    init(of vm: VMDescription, roots: HostRoots) {
        identity = vm.record.identity
        mdevs = vm.mdevs.compactMap { VMUUID($0) }
        for address in vm.pciDevices {
            guard let function = PCIFunction(at: address, roots: roots) else { continue }
            add(function, roots)
        }
        for uuid in mdevs {
            guard let parent = PCIFunction.parent(ofMediated: uuid.description, roots: roots) else { continue }
            add(shareOf: parent, roots)
        }
    }

    /// All GPUs that must be read for this VM.
    var gpus: [String] { whole + shared }

    /// Adds a function that was handed to the VM.
    private mutating func add(_ function: PCIFunction, _ roots: HostRoots) {
        if function.physicalFunction != nil {
            add(shareOf: function, roots)
        } else if Self.isSeen(function), !whole.contains(function.address) {
            whole.append(function.address)
        }
    }

    /// Adds the GPU of a virtual function, or of what a mediated device is made of.
    private mutating func add(shareOf function: PCIFunction, _ roots: HostRoots) {
        let physical = function.physicalFunction.map { PCIFunction(at: $0, roots: roots) } ?? function
        guard let physical, Self.isSeen(physical), !shared.contains(physical.address) else { return }
        shared.append(physical.address)
    }

    /// Whether NVML sees a physical function.
    private static func isSeen(_ function: PCIFunction) -> Bool { function.driver == "nvidia" }
}
