internal import HostReaders

/// What sysfs tells of PCI devices where VMs are set up.
enum PCIDriver {
    /// The GPUs that NVIDIA's driver of the host drives for a VM, each by its first function.
    ///
    /// They are those that its mediated devices or its virtual functions belong to. One that is passed through whole has
    /// another driver, and its errors never reach the host's log.
    static func gpus(of vm: VMDescription, roots: HostRoots) -> [PCIAddress] {
        var names = vm.pciDevices
        for mdev in vm.mdevs {
            // …/0000:3b:00.0/<uuid>
            guard let target = HostDirectory.linkTarget(of: "\(roots.sys)/bus/mdev/devices/\(mdev)") else { continue }
            let parts = target.split(separator: "/")
            if parts.count >= 2 { names.append(String(parts[parts.count - 2])) }
        }
        return names.compactMap { name in
            let physical = last(of: "\(roots.sys)/bus/pci/devices/\(name)/physfn") ?? name
            guard last(of: "\(roots.sys)/bus/pci/devices/\(physical)/driver") == "nvidia" else { return nil }
            return PCIAddress(physical)?.firstFunction
        }
    }

    /// Whether another segment has a device at the same place.
    static func hasTwin(_ address: PCIAddress, roots: HostRoots) -> Bool {
        for name in HostDirectory.names(in: roots.sys + "/bus/pci/devices") {
            guard var other = PCIAddress(name), other.segment != address.segment else { continue }
            other.segment = address.segment
            if other == address { return true }
        }
        return false
    }

    /// The last part of what a link points to.
    private static func last(of path: String) -> String? {
        HostDirectory.linkTarget(of: path)?.split(separator: "/").last.map(String.init)
    }
}
