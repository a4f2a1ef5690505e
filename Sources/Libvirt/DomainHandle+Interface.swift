internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// The element of an interface in the XML of the running domain; blocks.
    borrowing func interface(_ device: String) throws(LibvirtError) -> InterfaceElement {
        let xml = try xml(limit: DomainDescription.sizeLimit)
        let context = CallContext("virDomainGetXMLDesc", uuid)
        let element: InterfaceElement?
        do throws(XMLScanner.Problem) {
            element = try InterfaceElement.find(device, in: xml)
        } catch {
            throw context.failure(error)
        }
        guard let element else { throw context.failure(.invalidArgument, "no interface has the device \(device)") }
        return element
    }

    /// Sets the link of an interface up or down; blocks.
    borrowing func setLink(_ isUp: Bool, _ device: String) throws(LibvirtError) {
        try update(interface(device).with(linkUp: isUp))
    }

    /// Sets the filter of an interface, which must be defined, or takes it off; blocks.
    borrowing func setFilter(_ filter: NetworkFilter?, _ device: String) throws(LibvirtError) {
        guard let xml = try interface(device).with(filter: filter) else {
            throw CallContext("virDomainUpdateDeviceFlags", uuid)
                .failure(.invalidArgument, "the filter holds what XML cannot write")
        }
        try update(xml)
    }

    /// The corresponding C function is `virDomainUpdateDeviceFlags`.
    private borrowing func update(_ xml: [UInt8]) throws(LibvirtError) {
        let context = CallContext("virDomainUpdateDeviceFlags", uuid)
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: libvirt reads the text during the call.
            try context.check(
                unsafe virDomainUpdateDeviceFlags(
                    domain,
                    String(decoding: xml, as: UTF8.self),
                    VIR_DOMAIN_AFFECT_LIVE.rawValue
                )
            )
        }
    }
}
