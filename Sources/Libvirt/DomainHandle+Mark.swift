internal import CLibvirt
internal import Glibc
internal import Signals

extension DomainHandle {
    /// The text of Quell's mark in the metadata of the running domain; `nil` where it has none; blocks.
    ///
    /// The corresponding C function is `virDomainGetMetadata`.
    borrowing func mark() throws(LibvirtError) -> String? {
        let context = CallContext("virDomainGetMetadata", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            let kind = Int32(VIR_DOMAIN_METADATA_ELEMENT.rawValue)
            let live = VIR_DOMAIN_AFFECT_LIVE.rawValue
            // SAFETY: libvirt allocates a terminated string, which is freed here and read only up to its end.
            guard let xml = unsafe virDomainGetMetadata(domain, kind, MarkElement.namespace, live) else {
                let failure = context.lastFailure()
                if failure.code == .other(Int32(VIR_ERR_NO_DOMAIN_METADATA.rawValue)) { return nil }
                throw failure
            }
            defer { unsafe free(xml) }
            guard let bytes = unsafe Self.bytes(of: xml, limit: MarkElement.sizeLimit),
                let text = MarkElement.text(bytes)
            else {
                throw context.failure(.malformed, "the element of \(MarkElement.namespace) is not one of Quell's")
            }
            return text
        }
    }

    /// Sets Quell's mark in the metadata of the running domain, or takes it off; blocks.
    ///
    /// The corresponding C function is `virDomainSetMetadata`.
    borrowing func setMark(_ text: String?) throws(LibvirtError) {
        let context = CallContext("virDomainSetMetadata", uuid)
        let xml = text.map(MarkElement.xml)
        if let xml, xml == nil {
            throw context.failure(.invalidArgument, "the mark is too long, or holds what XML cannot write")
        }
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: libvirt reads the texts during the call; without an element it removes the one that is there.
            try context.check(
                unsafe virDomainSetMetadata(
                    domain,
                    Int32(VIR_DOMAIN_METADATA_ELEMENT.rawValue),
                    xml ?? nil,
                    MarkElement.prefix,
                    MarkElement.namespace,
                    VIR_DOMAIN_AFFECT_LIVE.rawValue
                )
            )
        }
    }
}
