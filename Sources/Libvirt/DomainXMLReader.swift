internal import Foundation
internal import FoundationXML
internal import Signals

/// Reads a domain's XML in one pass.
///
/// Used by one thread for one document.
final class DomainXMLReader: NSObject, XMLParserDelegate {
    /// Elements within elements beyond this are refused; libvirt's own parser stops at the same depth.
    static let depthLimit = 256

    private var path: [String] = []
    private var facts = DomainFacts()
    private var text: String?
    private var problem: String?
    private var ended = false

    /// Reads a document, or says where it is wrong.
    static func read(_ xml: [UInt8]) throws(LibvirtError) -> DomainDescription {
        func malformed(_ message: String) -> LibvirtError {
            CallContext("domain XML").failure(.malformed, message)
        }
        guard xml.count <= DomainDescription.sizeLimit else {
            throw malformed("it exceeds \(DomainDescription.sizeLimit) bytes")
        }
        // FoundationXML traps on names that are no UTF-8, and would obey an encoding that the document declares.
        guard !xml.contains(0), String(validating: xml, as: UTF8.self) != nil else { throw malformed("it is no UTF-8") }
        // Entities can only be declared in a document type, and that only before the root element. libvirt writes nothing
        // before it, so nothing is let through there.
        let start = xml.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard start.starts(with: "<domain".utf8) else { throw malformed("it does not begin with <domain>") }
        let reader = DomainXMLReader()
        let parser = XMLParser(data: Data(xml))
        parser.shouldProcessNamespaces = true
        parser.shouldReportNamespacePrefixes = false
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        let whole = parser.parse()
        if let problem = reader.problem { throw malformed("line \(parser.lineNumber): \(problem)") }
        guard whole, reader.ended else { throw malformed("it ends before </domain>, near line \(parser.lineNumber)") }
        return try reader.facts.description(malformed)
    }

    func parser(
        _ parser: XMLParser,
        didStartElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?,
        attributes attributeDict: [String: String]
    ) {
        guard path.count < Self.depthLimit else { return stop(parser, "elements are nested too deeply") }
        // An element of another namespace gets a name that no element of libvirt's can have.
        let space = namespaceURI.flatMap { $0.isEmpty ? nil : $0 }
        path.append(space.map { "{\($0)}\(elementName)" } ?? elementName)
        if path.count == 1, path != ["domain"] { return stop(parser, "the root element is no <domain>") }
        if ended { return stop(parser, "something follows </domain>") }
        text = facts.begin(path, attributeDict) ? "" : nil
    }

    func parser(
        _ parser: XMLParser,
        didEndElement elementName: String,
        namespaceURI: String?,
        qualifiedName qName: String?
    ) {
        facts.end(path, text ?? "")
        text = nil
        _ = path.popLast()
        if path.isEmpty { ended = true }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard var text else { return }
        self.text = nil
        text += string
        self.text = text
    }

    func parser(_ parser: XMLParser, foundCDATA CDATABlock: Data) {
        self.parser(parser, foundCharacters: String(decoding: CDATABlock, as: UTF8.self))
    }

    func parser(_ parser: XMLParser, parseErrorOccurred parseError: any Error) {
        if problem == nil { problem = "it is not well-formed (\((parseError as NSError).code))" }
    }

    private func stop(_ parser: XMLParser, _ reason: String) {
        if problem == nil { problem = reason }
        parser.abortParsing()
    }
}
