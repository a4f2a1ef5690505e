import DocCheck
import Foundation
import Testing

@Suite("The tool's commands that pages name")
struct ToolUseTests {
    private func words(_ lines: String...) throws -> [[String]] {
        try ToolUse.all(of: "quell", page: "p.md", text: lines.joined(separator: "\n")).map(\.words)
    }

    @Test("in prose, also over the end of a line and with what may be left out")
    func prose() throws {
        #expect(
            try words("see `quell hold VM [--for 10m]`, `other x` and `quell", "explain VM`.") == [
                ["hold", "VM", "--for", "10m"], ["explain", "VM"],
            ]
        )
        #expect(try words("`quell check FILE…` and quell status without marks") == [["check", "FILE"]])
        #expect(try words("an open ` here", "", "`quell status`") == [["status"]])
    }

    @Test("in scripts and dialogues, but not in what they print nor in comments")
    func blocks() throws {
        #expect(
            try words(
                "```sh",
                "sudo quell doctor | less  # quell doctor",
                "a && quell replay x \\",
                "    --quiet 2>&1 >y",
                "```"
            ) == [["doctor"], ["replay", "x", "--quiet"]]
        )
        #expect(
            try words("```console", "$ quell status", "quell printed", "$ x \\", "> ; quell vms", "```")
                == [["status"], ["vms"]]
        )
        #expect(try words("```yaml", "quell: 1", "```").isEmpty)
    }

    @Test("quotes keep a word together")
    func quotes() throws {
        #expect(
            try words("```sh", #"quell hold x --reason "a # b" --over 'c d'"#, "```") == [
                ["hold", "x", "--reason", "a # b", "--over", "c d"]
            ]
        )
    }

    @Test("lines are told")
    func lines() throws {
        let uses = try ToolUse.all(of: "quell", page: "p.md", text: "a\n`quell vms`\n```sh\nquell top\n```\n")
        #expect(uses.map(\.line) == [2, 4])
    }

    private func help() throws -> ToolHelp {
        let text = """
            {"serializationVersion": 0, "command": {"commandName": "quell", "arguments": [
                {"kind": "flag", "names": [{"kind": "long", "name": "version"}], "isRepeating": false,
                 "parsingStrategy": "default"}],
              "subcommands": [{"commandName": "replay", "arguments": [
                {"kind": "positional", "isRepeating": true, "parsingStrategy": "default"},
                {"kind": "option", "names": [{"kind": "long", "name": "policy"}], "isRepeating": true,
                 "parsingStrategy": "upToNextOption"},
                {"kind": "flag", "names": [{"kind": "short", "name": "q"}], "isRepeating": false,
                 "parsingStrategy": "default"}]},
               {"commandName": "hold", "arguments": [
                {"kind": "positional", "isRepeating": false, "parsingStrategy": "default"},
                {"kind": "option", "names": [{"kind": "long", "name": "step"}], "isRepeating": false,
                 "parsingStrategy": "default"}]},
               {"commandName": "vms"}]}}
            """
        return try JSONDecoder().decode(ToolHelp.self, from: Data(text.utf8))
    }

    @Test(
        "what the tool accepts is no problem",
        arguments: [
            "", "--version", "help replay", "help", "vms", "replay a b", "replay a --policy b c -q",
            "hold VM --step 35%",
            "hold --step 35% VM", "hold",
        ]
    )
    func accepted(line: String) throws {
        #expect(try help().problem(in: line.split(separator: " ").map(String.init)) == nil)
    }

    @Test(
        "what it does not accept is told",
        arguments: [
            "--verbose", "help replays", "list", "vms --json", "vms x", "hold VM --steps 35%", "hold VM --step",
            "hold a b", "replay a -x", "replay --policy -q",
        ]
    )
    func refused(line: String) throws {
        #expect(try help().problem(in: line.split(separator: " ").map(String.init)) != nil)
    }
}
