/// Reads a domain's XML in one pass.
enum DomainXMLReader {
    /// Reads a document, or says where it is wrong.
    static func read(_ xml: [UInt8]) throws(LibvirtError) -> DomainDescription {
        let context = CallContext("domain XML")
        guard xml.count <= DomainDescription.sizeLimit else {
            throw context.failure(.malformed, "it exceeds \(DomainDescription.sizeLimit) bytes")
        }
        do throws(XMLScanner.Problem) {
            return try scan(xml)
        } catch {
            throw context.failure(error)
        }
    }

    private static func scan(_ xml: [UInt8]) throws(XMLScanner.Problem) -> DomainDescription {
        var scanner = try XMLScanner(xml)
        var facts = DomainFacts()
        var path: [String] = []
        var text: String?
        while true {
            switch try scanner.next() {
            case .start(let element):
                path.append(element.fullName)
                if path.count == 1, path != ["domain"] { throw scanner.problem("the root element is no <domain>") }
                text = facts.begin(path, element.attributes) ? "" : nil
            case .end:
                facts.end(path, text ?? "")
                text = nil
                _ = path.popLast()
            case .text(let piece): text?.append(piece)
            case .finish:
                do throws(DomainFacts.Missing) {
                    return try facts.description()
                } catch {
                    throw scanner.problem("it has no valid <\(error.element)>")
                }
            }
        }
    }
}
