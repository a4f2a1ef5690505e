import CLibvirt
import Signals
import TestSupport
import Testing

@testable import Libvirt

@Suite("Error texts in one line")
struct LineTextTests {
    /// The failure with which libvirt refuses to start a domain.
    private func refusal(_ xml: String) async throws -> LibvirtError {
        let host = TestDriverHost()
        let connection = LibvirtConnection(uri: host.uri)
        try await connection.connect()
        do {
            try await connection.call(CallContext("virDomainCreateXML")) { (handle) throws(LibvirtError) in
                try unsafe handle.withPointer { pointer throws(LibvirtError) in
                    // SAFETY: the text lives for the call, and the reference that comes back is freed at once.
                    guard let domain = unsafe virDomainCreateXML(pointer, xml, 0) else {
                        throw CallContext("virDomainCreateXML").lastFailure()
                    }
                    _ = unsafe virDomainFree(domain)
                }
            }
        } catch {
            return error
        }
        Issue.record("libvirt took it")
        throw CancellationError()
    }

    private func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    @Test("a text of one plain line stays as it is", arguments: ["", "a", "no domain 'web-1': ü \u{1F600} (5)"])
    func plain(_ text: String) {
        #expect(LineText.line(text) == text)
    }

    @Test(
        "lines are joined, and empty ones and one that ends the text leave nothing",
        arguments: [
            ("a\nb", "a; b"), ("a\r\nb\n", "a; b"), ("\n\na\n\n\nb\n\n", "a; b"), ("\n", ""), ("a\u{2028}b", "a; b"),
            ("a\u{85}b\u{0B}c", "a; b; c"), ("a\tb", "a b"),
        ]
    )
    func lines(_ text: String, _ line: String) {
        #expect(LineText.line(text) == line)
    }

    @Test("what would drive a terminal or turn text around is replaced")
    func hostile() {
        #expect(LineText.line("\u{1B}[31mx\u{7}\u{0}") == "\u{FFFD}[31mx\u{FFFD}\u{FFFD}")
        #expect(LineText.line("a\u{202E}b\u{200B}c\u{FEFF}") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}")
    }

    @Test("a text of the longest length is kept, and one more is cut")
    func limit() {
        let longest = String(repeating: "x", count: LineText.limit)
        #expect(LineText.line(longest) == longest)
        #expect(LineText.line(longest + "\n") == longest)
        #expect(LineText.line(longest + "y") == longest + "…")
        #expect(LineText.line(String(repeating: "x\n", count: 1 << 20)).unicodeScalars.count <= LineText.limit + 3)
    }

    @Test("an error keeps message and context in one line, whatever they were given")
    func error() {
        let error = LibvirtError(code: .other(1), message: "tc failed:\nno\n", context: "call of \u{1B}[2Jx\n")
        #expect(error.message == "tc failed:; no")
        #expect(error.description == "call of \u{FFFD}[2Jx: tc failed:; no (other(1))")
    }

    @Test("libvirt's own text of several lines comes out in one")
    func several() async throws {
        let error = try await refusal("<domain type='test'>\n<name>a</name>\n<broken\n</domain>")
        #expect(isPlain(error.description))
        #expect(error.message.contains("; "))
    }

    @Test("a domain's hostile name in libvirt's text comes out plain")
    func name() async throws {
        let name = "test\u{202E}\u{200B}\t\u{85}x"
        let error = try await refusal(
            "<domain type='test' id='1'><name>test</name><uuid>\(name)</uuid><memory>1</memory><os><type>hvm</type></os></domain>"
        )
        #expect(isPlain(error.description))
        #expect(!error.message.isEmpty)
        let other = try await refusal(
            "<domain type='\(name)'><name>a</name><memory>1</memory><os><type>hvm</type></os></domain>"
        )
        #expect(isPlain(other.description))
        #expect(other.message.contains("\u{FFFD}"))
    }
}
