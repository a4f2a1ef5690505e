import Systemd
import Testing

@Suite("Text from outside")
struct PlainTextTests {
    @Test("Plain text of any script stays as it is")
    func plain() {
        for text in ["", "web-3", "a b", "Größe — 東京 é 👍", "50 % \"x\" \\"] { #expect(PlainText.line(text) == text) }
    }

    @Test(
        "Line breaks, escape sequences, bidirectional and invisible characters are written out",
        arguments: [
            ("a\nb", "a\\u{a}b"), ("a\r\nb", "a\\u{d}\\u{a}b"), ("\u{1b}[2J", "\\u{1b}[2J"), ("\0", "\\u{0}"),
            ("\u{9b}31m", "\\u{9b}31m"), ("a\u{202e}b", "a\\u{202e}b"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"), ("\u{200b}\u{feff}", "\\u{200b}\\u{feff}"),
            ("\u{e0041}", "\\u{e0041}"), ("a\u{a0}b", "a\\u{a0}b"), ("\u{7f}\t", "\\u{7f}\\u{9}"),
        ]
    )
    func hostile(text: String, shown: String) {
        #expect(PlainText.line(text) == shown)
    }

    @Test("Text is cut at the limit and says so")
    func limit() {
        #expect(PlainText.line("abcdef", limit: 6) == "abcdef")
        #expect(PlainText.line("abcdefg", limit: 6) == "abcdef…")
        #expect(PlainText.line("abc\n\n\n", limit: 6) == "abc…", "an escape is never cut in two")
        #expect(PlainText.line(String(repeating: "e\u{301}", count: 9_000)).unicodeScalars.count == 2_001)
    }

    @Test("A simple name stands as it is; any other is quoted and cannot end its quotes")
    func names() {
        #expect(PlainText.name("web-3.eu:a@b+c_d") == "web-3.eu:a@b+c_d")
        #expect(PlainText.name("") == "\"\"")
        #expect(PlainText.name("web (tenant b) is hurt") == "\"web (tenant b) is hurt\"")
        #expect(PlainText.name("a\" is calm \"b") == "\"a\\\" is calm \\\"b\"")
        #expect(PlainText.name("$(reboot)") == "\"$(reboot)\"")
        #expect(PlainText.name(String(repeating: "x", count: 121)).hasSuffix("…\""))
    }
}
