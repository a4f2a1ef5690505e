import CLibvirt
import Signals
import TestSupport
import Testing

@testable import Libvirt

@Suite("A domain's XML is read whole or not at all")
struct BrokenXMLTests {
    private static let uuid = DomainDescriptionTests.uuid
    private static let whole = """
        <domain type='kvm' id='3'>
          <name>web-1</name><uuid>\(uuid)</uuid><vcpu>2</vcpu>
          <metadata><q:vm xmlns:q='urn:quell:vm:1' tenant='acme'/></metadata>
          <devices><interface type='bridge'><target dev='vnet3'/><link state='up'/></interface></devices>
        </domain>
        """

    /// Why a document is refused; `nil` where it is read.
    private func refusal(_ xml: [UInt8]) -> LibvirtError? {
        do throws(LibvirtError) {
            _ = try DomainDescription(xml: xml)
            return nil
        } catch {
            return error
        }
    }

    /// Starts a domain of the test driver's with something in its metadata, and tells its UUID.
    private func start(_ name: String, _ metadata: String, on connection: LibvirtConnection) async throws -> VMUUID {
        let xml = """
            <domain type='test'><name>\(name)</name><metadata>\(metadata)</metadata><memory>1024</memory>
            <os><type>hvm</type></os></domain>
            """
        return try await connection.call(CallContext("virDomainCreateXML")) { (handle) throws(LibvirtError) in
            try unsafe handle.withPointer { pointer throws(LibvirtError) in
                // SAFETY: the text lives for the call, and the reference that comes back is freed once it was asked.
                guard let domain = unsafe virDomainCreateXML(pointer, xml, 0) else {
                    throw CallContext("virDomainCreateXML").lastFailure()
                }
                defer { _ = unsafe virDomainFree(domain) }
                guard let uuid = unsafe VMUUID(domain: domain) else {
                    throw CallContext("virDomainGetUUID").lastFailure()
                }
                return uuid
            }
        }
    }

    @Test("cut off after any byte but the last, it is refused with the line; whole, it is read")
    func truncated() throws {
        let bytes = Array(Self.whole.utf8)
        #expect(refusal(bytes) == nil)
        for length in 0..<bytes.count {
            let error = try #require(refusal(Array(bytes.prefix(length))), "\(length) bytes")
            #expect(error.code == .malformed)
            #expect(error.description.hasPrefix("domain XML: line "), "\(error)")
        }
    }

    @Test("an interface is found in a whole document alone")
    func truncatedInterface() throws {
        let bytes = Array(Self.whole.utf8)
        let end = Array("</interface>".utf8)
        let enough = try #require(bytes.indices.first { bytes[$0...].starts(with: end) }) + end.count
        #expect(try InterfaceElement.find("vnet3", in: bytes)?.isUp == true)
        for length in 0..<enough {
            #expect(throws: XMLScanner.Problem.self, "\(length) bytes") {
                try InterfaceElement.find("vnet3", in: Array(bytes.prefix(length)))
            }
        }
    }

    @Test(
        "a document type is refused with its line and no entity of it is expanded",
        arguments: [
            "<!DOCTYPE domain [<!ENTITY t 'evil'>]>\n",
            "<?xml version='1.0'?>\n<!DOCTYPE domain SYSTEM 'file:///etc/passwd'>\n",
            "<!-- a -->\n<!DOCTYPE domain [<!ENTITY % p SYSTEM 'http://x/'>%p;]>",
        ]
    )
    func documentType(_ prolog: String) throws {
        let body = Self.whole.replacing("acme", with: "&t;")
        let error = try #require(refusal(Array((prolog + body).utf8)))
        #expect(error.code == .malformed && error.message.hasSuffix("it declares a document type"))
        #expect(throws: XMLScanner.Problem.self) { try InterfaceElement.find("vnet3", in: Array((prolog + body).utf8)) }
        // Without the declaration the entity is unknown, which is as bad.
        #expect(refusal(Array(body.utf8))?.message.contains("'&t;' is no character") == true)
    }

    @Test("metadata up to the largest document is passed over; one byte more is refused, with the limit named")
    func large() throws {
        let limit = DomainDescription.sizeLimit
        let room = limit - Self.whole.utf8.count
        let filled = { (count: Int) in
            Array(Self.whole.replacing("<metadata>", with: "<metadata>" + String(repeating: "m", count: count)).utf8)
        }
        #expect(try DomainDescription(xml: filled(room)).tenants == ["acme"])
        let error = try #require(refusal(filled(room + 1)))
        #expect(error.code == .malformed && error.message == "it exceeds \(limit) bytes")
    }

    @Test("a running domain with a megabyte of metadata is told as failed, and hides no other")
    func largeDomain() async throws {
        let host = TestDriverHost()
        let connection = LibvirtConnection(uri: host.uri)
        try await connection.connect()
        let others = try await connection.domains().map(\.name)
        let text = String(repeating: "m", count: 1 << 20)
        let uuid = try await start("large", "<a xmlns='urn:a'>\(text)</a>", on: connection)
        let listing = try await connection.listing()
        #expect(listing.domains.map(\.name).sorted() == others.sorted())
        #expect(listing.failures.mapValues(\.code) == [uuid: .malformed])
        #expect(listing.failures[uuid]?.description.contains("exceeds") == true)
        #expect(await code { _ = try await connection.isLinkUp("vnet3", of: uuid) } == .malformed)
        #expect(await code { try await connection.setLink(false, "vnet3", of: uuid) } == .malformed)
    }
}
