import Terminal
import Testing

@Suite("Text on a terminal")
struct TextTests {
    @Test("Wide characters take two columns, marks none of their own")
    func widths() {
        #expect(TextWidth.columns(of: "abc") == 3)
        #expect(TextWidth.columns(of: "日本") == 4)
        #expect(TextWidth.columns(of: "e\u{301}") == 1)
        #expect(TextWidth.columns(of: "█▁") == 2)
    }

    @Test(
        "A text is filled or cut to exactly its columns",
        arguments: [("ab", "ab  "), ("abcd", "abcd"), ("abcde", "abc…"), ("日本語", "日… "), ("", "    ")]
    )
    func fit(text: String, expected: String) {
        #expect(TextWidth.fit(text, 4) == expected)
        #expect(TextWidth.columns(of: TextWidth.fit(text, 4)) == 4)
    }

    @Test("Numbers stand at the right, and nothing fits into no columns")
    func edges() {
        #expect(TextWidth.fit("7", 3, right: true) == "  7")
        #expect(TextWidth.fit("7", 0).isEmpty)
    }

    @Test("A long text is broken at blanks, and within a word where that is longer than a line")
    func wrap() {
        #expect(TextWidth.wrap("short", 20) == ["short"])
        #expect(TextWidth.wrap("", 20) == [""])
        #expect(TextWidth.wrap("one two three four", 10) == ["one two", "  three", "  four"])
        let broken = TextWidth.wrap("a bbbbbbbbbbbbbbbbbbbb c", 10)
        #expect(broken.allSatisfy { TextWidth.columns(of: $0) <= 10 })
        #expect(broken.joined().filter { $0 == "b" }.count == 20)
    }

    @Test("A sparkline has a column a value, newest at the right, and blanks where there is none")
    func sparkline() {
        #expect(Sparkline.text([0, 1, 2, 4], columns: 4) == "▁▃▅█")
        #expect(Sparkline.text([nil, 8], columns: 4) == "   █")
        #expect(Sparkline.text([1, 2, 3], columns: 2) == "▆█")
        #expect(Sparkline.text([0, 0], columns: 2) == "▁▁")
        #expect(Sparkline.text([1, 2], columns: 2, top: 8) == "▂▃")
        #expect(Sparkline.text([.infinity, 1], columns: 2, unicode: false) == " #")
        #expect(Sparkline.text([], columns: 3) == "   ")
    }

    @Test("Colour takes a terminal and no NO_COLOR, Unicode a locale of UTF-8")
    func kind() {
        let kind = { (isTerminal: Bool, variables: [String: String]) in
            TerminalKind(isTerminal: isTerminal) { variables[$0] }
        }
        #expect(kind(true, ["LANG": "en_US.UTF-8"]) == kind(true, ["LC_ALL": "C.utf8"]))
        #expect(kind(true, ["LANG": "en_US.UTF-8"]).hasUnicode)
        #expect(!kind(true, ["LANG": "en_US.UTF-8", "LC_ALL": "C"]).hasUnicode)
        #expect(!kind(true, [:]).hasUnicode)
        #expect(kind(true, [:]).hasColour)
        #expect(!kind(true, ["NO_COLOR": "1"]).hasColour)
        #expect(kind(true, ["NO_COLOR": ""]).hasColour)
        #expect(!kind(false, [:]).hasColour)
        #expect(!kind(true, ["TERM": "dumb"]).isTerminal)
    }
}
