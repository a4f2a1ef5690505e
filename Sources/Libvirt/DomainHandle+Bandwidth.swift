internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// The limit of one direction of an interface that libvirt has set; blocks.
    ///
    /// The corresponding C function is `virDomainGetInterfaceParameters`.
    borrowing func bandwidth(_ direction: InterfaceDirection, _ device: String) throws(LibvirtError) -> Bandwidth {
        let function = "virDomainGetInterfaceParameters"
        let values = try unsafe parameters(function) { domain, list, count, flags in
            // SAFETY: the domain, the list and the text live for the call; the same below.
            unsafe virDomainGetInterfaceParameters(domain, device, list, count, flags)
        }
        guard let bandwidth = Bandwidth(values, direction) else {
            throw CallContext(function, uuid).failure(.unsupported, "the driver tells no bandwidth")
        }
        return bandwidth
    }

    /// Sets the limit of one direction of an interface and leaves the other; blocks.
    ///
    /// libvirt runs `tc` several times. Where one of them fails it tells so and forgets the limit, but what the earlier
    /// ones made stays in the kernel and limits the interface all the same. So the limit before is set again then, which
    /// also clears that away. The corresponding C function is `virDomainSetInterfaceParameters`.
    borrowing func setBandwidth(
        _ bandwidth: Bandwidth,
        _ direction: InterfaceDirection,
        _ device: String
    ) throws(LibvirtError) {
        let before = try self.bandwidth(direction, device)
        do throws(LibvirtError) {
            try send(bandwidth, direction, device)
        } catch {
            if error.outcomeUnknown { throw error }
            do throws(LibvirtError) {
                try send(before, direction, device)
            } catch let second {
                throw second.code == .noDomain ? error : error.partlyDone()
            }
            throw error
        }
    }

    private borrowing func send(
        _ bandwidth: Bandwidth,
        _ direction: InterfaceDirection,
        _ device: String
    ) throws(LibvirtError) {
        let function = "virDomainSetInterfaceParameters"
        guard let settings = bandwidth.parameters(direction) else {
            throw CallContext(function, uuid).failure(.invalidArgument, "only what goes to the VM can have a floor")
        }
        try unsafe set(function, settings) { domain, list, count, flags in
            unsafe virDomainSetInterfaceParameters(domain, device, list, count, flags)
        }
    }
}
