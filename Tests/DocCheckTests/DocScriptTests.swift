import DocCheck
import Testing

@Suite("A session of a page, and what came of it")
struct DocScriptTests {
    private static let mark = "\u{1e}"

    private func script(_ lines: String...) throws -> DocScript {
        let page = try DocPage(name: "p.md", text: lines.joined(separator: "\n"))
        return DocScript(page: page.name, steps: page.steps)
    }

    @Test("every step is followed by its mark, and a wait's text is quoted")
    func text() throws {
        let script = try script(
            #"<!-- wait: 9 s until echo 'x' shows "it's" -->"#,
            "```console",
            "$ a",
            "$ b &",
            "```"
        )
        let lines = script.text.split(separator: "\n").suffix(6)
        #expect(
            Array(lines) == [
                #"pause 9 'echo '\''x'\''' 'it'\''s' 2>/dev/null"#, "mark 0", "a", "mark 1", "b &", "mark 2",
            ]
        )
    }

    @Test("what is as shown has no problem")
    func good() throws {
        let script = try script("```console", "$ a", "one", "$ b", "…", "$ c", "```")
        let transcript = "one\n\(Self.mark)0 0\nx\ny\n\(Self.mark)1 0\n\(Self.mark)2 0\n"
        #expect(script.problems(in: transcript).isEmpty)
    }

    @Test("what is not as shown is told at the line of the page")
    func bad() throws {
        let script = try script("```console", "$ a <<E", "> E", "one", "two", "$ b", "```")
        let told = script.problems(in: "one\nthree\n\(Self.mark)0 0\nx\n\(Self.mark)1 0\n")
        #expect(told.map(\.line) == [5, 7])
        #expect(told.first?.description == "p.md:5: shown: 'two'; printed: 'three'")
        #expect(told.last?.text == "shown: no more; printed: 'x'")
    }

    @Test("a failure must be shown by echo $? right behind it")
    func failure() throws {
        let shown = try script("```console", "$ a", "$ echo $?", "1", "```")
        #expect(shown.problems(in: "\(Self.mark)0 1\n1\n\(Self.mark)1 0\n").isEmpty)
        let hidden = try script("```console", "$ a", "$ b", "```")
        #expect(hidden.problems(in: "\(Self.mark)0 1\n\(Self.mark)1 0\n").map(\.line) == [2])
        let last = try script("```console", "$ a", "```")
        #expect(last.problems(in: "\(Self.mark)0 7\n").map(\.line) == [2])
    }

    @Test("a wait in vain is told, and so is a step that did not end")
    func late() throws {
        let script = try script(
            #"<!-- wait: 9 s until a shows "b" -->"#,
            "```console",
            "$ c",
            "$ d",
            "```"
        )
        let told = script.problems(in: "\(Self.mark)0 1\nhalf a li")
        #expect(told.map(\.line) == [1, 3])
        #expect(script.problems(in: "").map(\.line) == [1])
        #expect(script.problems(in: "\(Self.mark)0 0\n\(Self.mark)1 0\n").map(\.line) == [4])
    }
}
