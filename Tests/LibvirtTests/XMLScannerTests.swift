import Testing

@testable import Libvirt

@Suite("XML is read piece by piece")
struct XMLScannerTests {
    /// All pieces of a document, text joined; `nil` where it is refused.
    private func pieces(_ xml: String) -> [XMLScanner.Piece]? {
        guard var scanner = try? XMLScanner(Array(xml.utf8)) else { return nil }
        var pieces: [XMLScanner.Piece] = []
        while let piece = try? scanner.next() {
            if piece == .finish { return pieces }
            pieces.append(piece)
        }
        return nil
    }

    private func start(
        _ name: String,
        _ namespace: String? = nil,
        _ attributes: [String: String] = [:]
    ) -> XMLScanner.Piece {
        .start(XMLScanner.Element(name: name, namespace: namespace, attributes: attributes))
    }

    @Test("Elements, attributes and text, with references resolved")
    func basics() {
        let xml = "<a b = 'x&#x41;&#66;&quot;' c=\"'\ty\"><d/>1&lt;2<![CDATA[<&]]><?p ?><!-- - --></a >"
        #expect(
            pieces(xml) == [
                start("a", nil, ["b": "xAB\"", "c": "' y"]), start("d"), .end, .text("1<2"), .text("<&"), .end,
            ]
        )
    }

    @Test("A prefix means what the innermost declaration says, until its element ends")
    func namespaces() {
        let xml = "<p:a xmlns:p='u'><p:b xmlns:p='v'/><p:c/><q:d xmlns='w'><e/><f xmlns=''/></q:d></p:a>"
        #expect(
            pieces(xml) == [
                start("a", "u"), start("b", "v"), .end, start("c", "u"), .end, start("q:d"), start("e", "w"), .end,
                start("f"), .end, .end, .end,
            ]
        )
    }

    @Test(
        "What is not well-formed is refused",
        arguments: [
            "<a b></a>", "<a b=c/>", "<a b='c/>", "<a b='<'/>", "<a b='c'd='e'/>", "<a/ >", "<1/>", "</a>", "<a></b>",
            "<a>&</a>", "<a>&amp</a>", "<a>&#;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#-65;</a>",
            "<a>&#99999999999;</a>", "<a><![CDATA[</a>", "<a><![cdata[x]]></a>", "<a b='&#1;'/>", "<a b='\u{2}'/>",
            "<a><!--\u{3}--></a>", "<a/>&amp;", "<a/><![CDATA[]]>",
        ]
    )
    func refused(_ xml: String) {
        #expect(pieces(xml) == nil)
    }

    @Test("Attributes and prefixes are read up to their limit and no further")
    func limits() {
        let attributes = { (count: Int) in (0..<count).map { " a\($0)='x'" }.joined() }
        #expect(pieces("<a\(attributes(XMLScanner.attributeLimit))/>") != nil)
        #expect(pieces("<a\(attributes(XMLScanner.attributeLimit + 1))/>") == nil)
        let prefixes = { (count: Int) in (0..<count).map { " xmlns:p\($0)='x'" }.joined() }
        #expect(pieces("<a\(prefixes(XMLScanner.attributeLimit))><b/></a>") != nil)
        #expect(pieces("<a\(prefixes(XMLScanner.attributeLimit))><b xmlns='y'/></a>") == nil)
    }

    @Test("A problem names its line")
    func line() {
        var scanner = try? XMLScanner(Array("<a>\n<b>\n</c></a>".utf8))
        var problem: XMLScanner.Problem?
        do throws(XMLScanner.Problem) {
            while let piece = try scanner?.next(), piece != .finish {}
        } catch {
            problem = error
        }
        #expect(problem?.line == 3)
    }
}
