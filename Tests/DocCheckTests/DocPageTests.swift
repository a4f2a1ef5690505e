import Testing

@testable import DocCheck

@Suite("Pages whose commands are run")
struct DocPageTests {
    private func page(_ lines: String...) throws(DocProblem) -> DocPage {
        try DocPage(name: "p.md", text: lines.joined(separator: "\n"))
    }

    private func problem(_ lines: String...) -> DocProblem? {
        do throws(DocProblem) {
            _ = try DocPage(name: "p.md", text: lines.joined(separator: "\n"))
            return nil
        } catch {
            return error
        }
    }

    @Test("commands, what goes on with them, and what they print, with their lines")
    func commands() throws {
        let page = try page(
            "# Title",
            "```console",
            "$ cat >f <<E",
            "> x: 1",
            ">",
            "> E",
            "$ cat f",
            "x: 1",
            "> kept",
            "```"
        )
        #expect(
            page.steps == [
                .run(DocPage.Command(line: 3, text: "cat >f <<E\nx: 1\n\nE", output: [])),
                .run(DocPage.Command(line: 7, text: "cat f", output: ["x: 1", "> kept"])),
            ]
        )
        #expect(page.hostSteps.isEmpty)
    }

    @Test("a host's blocks are a session of their own, and other languages are none")
    func places() throws {
        let page = try page(
            "```sh",
            "quell status",
            "```",
            "```console host",
            "$ a",
            "```",
            "```console",
            "$ b",
            "```",
            "```",
            "$ c",
            "```"
        )
        #expect(page.steps == [.run(DocPage.Command(line: 8, text: "b", output: []))])
        #expect(page.hostSteps == [.run(DocPage.Command(line: 5, text: "a", output: []))])
    }

    @Test("a wait comes before the block that it stands above")
    func pause() throws {
        let page = try page(#"<!-- wait: 90 s until quell leases shows "labs" -->"#, "```console", "$ a", "```")
        let pause = DocPage.Pause(line: 1, limit: 90, command: "quell leases", text: "labs")
        #expect(page.steps.first == .pause(pause))
        #expect(page.steps.count == 2)
    }

    @Test("a page without blocks has no steps")
    func empty() throws {
        #expect(try page("# Title", "", "text with `code`").steps.isEmpty)
    }

    @Test("a block that is not as it must be is told at its line")
    func malformed() {
        #expect(problem("```console", "output", "```")?.line == 2)
        #expect(problem("text", "```console", "$ a")?.line == 2)
        #expect(problem("```console hots", "$ a", "```")?.line == 1)
        #expect(problem("- list", "  ```console", "  $ a", "  ```")?.line == 2)
    }

    @Test(
        "a wait that is not as it must be is told at its line",
        arguments: [
            #"<!-- wait: 0 s until a shows "b" -->"#, #"<!-- wait: 121 s until a shows "b" -->"#,
            #"<!-- wait: x s until a shows "b" -->"#, #"<!-- wait: 5 s until a -->"#,
            #"<!-- wait: 5 s shows "b" until a -->"#, #"<!-- wait: 5 s until a shows "" -->"#,
            #"<!-- waits: 5 s until a shows "b" -->"#,
        ]
    )
    func malformedPause(line: String) {
        #expect(problem(line, "```console", "$ a", "```")?.line == 1)
    }

    @Test("a wait for nothing is told")
    func idlePause() {
        #expect(problem("text", #"<!-- wait: 5 s until a shows "b" -->"#)?.line == 2)
    }
}
