import Testing

@testable import Policy

@Suite("The look over a text before it is parsed")
struct TextGuardTests {
    /// Where and what the guard finds, as `line:column`.
    private func places(_ text: String) -> [String] {
        TextGuard.problems(in: text, file: "f").map { "\($0.line):\($0.column)" }
    }

    @Test(
        "what is plain YAML passes",
        arguments: [
            "a: b\n", "a: b", "---\na: b\n", "# c\na: b # d\n", "a: 'it''s * & ! | > [ {'\n",
            "a: \"\\\" * [[[[[[[[[[\"\n",
            "a: it's * fine & so [is! this\n", "a: b#c\n", "a: [b, 'c', \"d\"]\n", "a: {b: c, d: [e]}\n",
            "a: [b,\n    c,  # [[[[[[[[[[\n    d]\n", "a: long\n  text over\n  lines\n", "- a\n- - b\n", "a: 5 > 3\n",
            "a: b\r\nc: d\r\n", "a: ?b\n", "a: -b\n", "a: :b\n", "ü: ∑\n", "# a tab\there\na: b\n",
        ]
    )
    func passes(_ text: String) {
        #expect(TextGuard.problems(in: text, file: "f") == [])
    }

    @Test(
        "what is not accepted is found where it stands",
        arguments: [
            ("a: &b c\n", "1:4"), ("a: *b\n", "1:4"), ("*b: c\n", "1:1"), ("- *b\n", "1:3"), ("a: [b, *c]\n", "1:8"),
            ("a: {b: *c}\n", "1:8"), ("a: [\"b\", *c]\n", "1:10"), ("a: [b\n  , *c]\n", "2:5"), ("[a]: &b c\n", "1:6"),
            ("a: !!int 3\n", "1:4"), ("a: |\n  b\n", "1:4"), ("a: >-\n  b\n", "1:4"), ("? a\n", "1:1"),
            ("a: [?b]\n", "1:5"), ("- :a: b\n  *c\n", "2:3"), ("a: b\n {}[ c\n*d\n", "3:1"),
            ("a: \"b\n  c\"\n", "1:4"), ("a: 'b\n", "1:4"), ("a: 'it''s\n", "1:4"), ("a: \"b\\\"\n", "1:4"),
            ("\ta: b\n", "1:1"), ("a:\tb\n", "1:3"), ("a: b\t# c\n", "1:5"), ("a: b\n---\nc: d\n", "2:1"),
            ("---\n---\n", "2:1"), ("--- *b\n", "1:5"), ("... *b\n", "1:5"), ("--- |\n", "1:5"),
            ("%TAG ! x\n", "1:1"), ("a: b\u{7}\n", "1:5"), ("a: b\rc: d\n", "1:5"), ("a: b\u{2028}\n", "1:5"),
            ("a: b\u{FEFF}\n", "1:5"), ("a: \u{85}\n", "1:4"), ("∑∑: *b\n", "1:5"), ("", "1:1"), ("\n \n", "1:1"),
            ("# only\n", "1:1"),
        ]
    )
    func found(_ text: String, _ place: String) {
        #expect(places(text) == [place], "\(text.debugDescription)")
    }

    @Test("brackets may nest eight deep, over lines too")
    func depth() {
        let open = String(repeating: "[", count: 8)
        let close = String(repeating: "]", count: 8)
        #expect(places("a: \(open)x\(close)\n") == [])
        #expect(places("a: [\(open)x\(close)]\n") == ["1:12"])
        #expect(places("a: [[[[\n  [[[[\n  [\n") == ["3:3"])
        #expect(places("a: [x\n  \"[[[[[[[[[\n") == ["2:11"])
        let siblings = String(repeating: "[[[[[[[[x]]]]]]]],", count: 50)
        #expect(places("a: [\(siblings.dropFirst().dropLast(2))]\n") == [])
    }

    @Test("a mebibyte of open brackets or dashes is refused, not followed")
    func hostileDepth() {
        for piece in ["[", "{a: ", "- ", "[\n", "a: [", "? "] {
            let text = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
            let problems = PolicyFixtures.problems(text)
            #expect(!problems.isEmpty && problems.count <= TextGuard.mostProblems, "\(piece)")
        }
    }

    @Test("a flood of problems is cut")
    func flood() {
        #expect(places(String(repeating: "\ta\n", count: 1_000)).count == TextGuard.mostProblems)
    }

    @Test("a mebibyte of small entries is answered without delay")
    func hostileWidth() {
        let lists = "a: [" + String(repeating: "x,", count: 100_000) + "x]\n"
        #expect(PolicyFixtures.problems(lists).map(\.key) == ["a"])
        var keys = ""
        for number in 0..<50_000 { keys += "k\(number): x\n" }
        #expect(PolicyFixtures.problems(keys).count == 50_000)
        let rules = "rules:\n" + String(repeating: "  - name: a\n", count: 50_000)
        #expect(PolicyFixtures.problems(rules).map(\.message) == ["more than 1000 rules in one file"])
    }
}
