/// Looks at what stands before the root element of an XML document.
enum DomainXMLProlog {
    /// Whether a document type is declared, or whether the root element is never reached.
    ///
    /// Entities can only be declared in a document type, and that only before the root element. libvirt never writes one,
    /// so such a document is refused before the parser sees it, and with it every trick with entities.
    static func isSuspicious(_ xml: [UInt8]) -> Bool {
        var rest = xml[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        while true {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
            if rest.starts(with: Array("<?".utf8)) {
                guard let next = skip(rest, past: "?>") else { return true }
                rest = next
            } else if rest.starts(with: Array("<!--".utf8)) {
                guard let next = skip(rest.dropFirst(4), past: "-->") else { return true }
                rest = next
            } else {
                return !rest.starts(with: Array("<domain".utf8))
            }
        }
    }

    private static func skip(_ bytes: ArraySlice<UInt8>, past end: StaticString) -> ArraySlice<UInt8>? {
        let end = Array(end.description.utf8)
        var rest = bytes
        while rest.count >= end.count {
            if rest.starts(with: end) { return rest.dropFirst(end.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
