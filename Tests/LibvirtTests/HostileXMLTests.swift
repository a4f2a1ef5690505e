import Testing

@testable import Libvirt

@Suite("A domain's XML that somebody made to do harm")
struct HostileXMLTests {
    private func read(_ xml: String) throws(LibvirtError) -> DomainDescription {
        try DomainDescription(xml: Array(xml.utf8))
    }

    private func isRefused(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try DomainDescription(xml: bytes)
            return false
        } catch {
            return error.code == .malformed
        }
    }

    private static let names = "<name>a</name><uuid>\(DomainDescriptionTests.uuid)</uuid>"

    @Test(
        "What is not a well-formed domain is refused",
        arguments: [
            "", " ", "<", "<domain", "<domain>", "<domain/>", "domain", "<x/>", "<x><domain/></x>",
            "<domainx>\(names)</domainx>",
            "<domain>\(names)", "<domain>\(names)</domai", "<domain>\(names)</x>", "<domain>\(names)</domain><domain/>",
            "<domain>\(names)</domain>x", "<domain><name>a</name></domain>",
            "<domain><uuid>\(DomainDescriptionTests.uuid)</uuid></domain>",
            "<domain><name>a</name><uuid>no</uuid></domain>",
            "<domain><name/><uuid>\(DomainDescriptionTests.uuid)</uuid></domain>",
            "<domain>\(names)<a b='1' b='2'/></domain>", "<domain>\(names)<a>&nope;</a></domain>",
            "<domain>\(names)\u{1}</domain>", "<domain>\(names)&#0;</domain>", "<domain>\(names)&#x1b;</domain>",
            "<domain>\(names)<!-- -- --></domain>", "<!-- <domain>\(names)</domain>", "<? <domain>\(names)</domain>",
        ]
    )
    func malformed(_ xml: String) {
        #expect(isRefused(Array(xml.utf8)))
    }

    @Test(
        "A document type is refused, wherever it hides before the root",
        arguments: [
            "<!DOCTYPE domain>", "<!DOCTYPE domain [<!ENTITY a 'x'>]>", "<!-- x --><!DOCTYPE domain>",
            "<?xml version='1.0'?>\n <?y?><!-- <domain> --><!DOCTYPE domain SYSTEM 'file:///etc/passwd'>",
            "\u{FEFF}<!DOCTYPE domain>", "<!doctype domain>",
        ]
    )
    func documentType(_ prolog: String) {
        #expect(isRefused(Array((prolog + "<domain>\(Self.names)</domain>").utf8)))
    }

    @Test("A bomb of entities is refused without being built")
    func entityBomb() {
        var prolog = "<!DOCTYPE domain [<!ENTITY a0 'aaaaaaaaaa'>"
        for level in 1...12 {
            let inside = String(repeating: "&a\(level - 1);", count: 10)
            prolog += "<!ENTITY a\(level) '\(inside)'>"
        }
        #expect(isRefused(Array((prolog + "]><domain><name>&a12;</name></domain>").utf8)))
    }

    @Test("A document type after the root begins does nothing but be refused")
    func lateDocumentType() {
        let xml = "<domain><!DOCTYPE domain [<!ENTITY a 'x'>]>\(Self.names)<x>&a;</x></domain>"
        #expect(isRefused(Array(xml.utf8)))
    }

    @Test("Every prefix of a domain is refused, and nothing crashes")
    func truncated() {
        let whole = Array(
            """
            <domain id='1'><!-- c -->\(Self.names)<metadata><q:vm xmlns:q='urn:quell:vm:1' \
            tenant='é&amp;'/></metadata><vcpu current='1'>2</vcpu><x><![CDATA[y]]></x></domain>
            """.utf8
        )
        #expect(!isRefused(whole))
        for length in 0..<whole.count { #expect(isRefused(Array(whole[..<length])), "prefix of \(length)") }
    }

    @Test("Changed bytes never crash it, and what is still read is still bounded")
    func flipped() {
        let whole = Array(
            "<domain id='1'>\(Self.names)<vcpu current='1'>2</vcpu><cputune><quota>1</quota></cputune></domain>".utf8
        )
        for position in whole.indices {
            for byte in [0x00, 0x22, 0x26, 0x27, 0x3C, 0x3E, 0x7F, 0x80, 0xC0, 0xFF] as [UInt8] {
                var changed = whole
                changed[position] = byte
                if let domain = try? DomainDescription(xml: changed) { #expect(domain.vcpus >= 1) }
            }
        }
    }

    @Test("A megabyte is read and a byte more is refused")
    func size() throws {
        let (head, tail) = ("<domain>\(Self.names)<metadata><x>", "</x></metadata></domain>")
        let room = DomainDescription.sizeLimit - head.utf8.count - tail.utf8.count
        let padding = String(repeating: "m", count: room)
        #expect(try read(head + padding + tail).name == "a")
        #expect(isRefused(Array((head + padding + "m" + tail).utf8)))
    }

    @Test("A megabyte of tenants gives no more than it has, each shortened")
    func manyTenants() throws {
        let long = String(repeating: "t", count: 500_000)
        let xml =
            "<domain>\(Self.names)<metadata><q:vm xmlns:q='urn:quell:vm:1' tenant='\(long)'/></metadata></domain>"
        let tenants = try read(xml).tenants
        #expect(tenants.map(\.count) == [1024])
    }

    @Test("Elements nested to the limit are read and one more is refused")
    func depth() throws {
        let nest = { (depth: Int) in
            "<domain>\(Self.names)" + String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
                + "</domain>"
        }
        #expect(try read(nest(XMLScanner.depthLimit - 1)).name == "a")
        #expect(isRefused(Array(nest(XMLScanner.depthLimit).utf8)))
        #expect(isRefused(Array(nest(100_000).utf8)))
    }

    @Test("A copy of the devices or of the name inside the metadata is passed over")
    func forged() throws {
        let forged = """
            <name>b</name><vcpu>64</vcpu><devices><interface><target dev='vnet9'/></interface></devices>
            """
        let domain = try read(
            """
            <domain>\(Self.names)<metadata>\(forged)<domain>\(forged)</domain></metadata>
            <x:devices xmlns:x='urn:x'><x:interface><x:target dev='vnet9'/></x:interface></x:devices></domain>
            """
        )
        #expect(domain.name == "a")
        #expect(domain.vcpus == 1)
        #expect(domain.tapNames == [])
    }

    @Test("Bytes that are no UTF-8 are refused")
    func encoding() {
        #expect(isRefused(Array("<domain>\(Self.names)<x>".utf8) + [0xC3, 0x28] + Array("</x></domain>".utf8)))
        #expect(isRefused([0xFF, 0xFE] + Array("<domain>".utf8).flatMap { [$0, 0] }))
    }
}
