import Foundation
import Policy
import Signals
import Testing

@Suite("Several threshold files")
struct PolicyLoaderTests {
    private static let base = PolicyFixtures.rule("above: 60 ms/s", "deviation: 4 sigma", "classes: [gold]")

    /// The policy of texts named 1.yaml, 2.yaml and so on.
    private func load(_ texts: String...) throws -> PolicySet {
        try PolicyLoader.load(texts: texts.enumerated().map { ("\($0.offset + 1).yaml", $0.element) })
    }

    /// A directory that is removed after use.
    private func withDirectory(_ files: [String: String], _ body: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("quell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files {
            try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        try body(directory)
    }

    @Test("a later file changes one key of a rule and leaves the others and the order")
    func override() throws {
        let first = Self.base + "  - name: other\n    signal: mem.rss\n    role: suspect\n    above: 1 GiB\n"
        let policy = try load(first, "rules:\n  - name: r\n    above: 90 ms/s\n")
        #expect(policy.rules.map(\.name) == ["r", "other"])
        #expect(policy.rules.first?.above == 0.09)
        #expect(policy.rules.first?.deviation == 4)
        #expect(policy.rules.first?.selector.classes == ["gold"])
    }

    @Test("'none' takes a condition, a selector and a ladder back")
    func none() throws {
        let ladders = "    ladder: gentle\nladders:\n  gentle:\n    steps: [50%]\n"
        let policy = try load(
            Self.base + ladders,
            "rules:\n  - name: r\n    deviation: none\n    classes: none\n    ladder: none\n"
        )
        let rule = try #require(policy.rules.first)
        #expect(rule.deviation == nil && rule.selector == RuleSelector() && rule.ladder == nil && rule.above == 0.06)
        let empty = [
            ("1.yaml", PolicyFixtures.rule("above: 60 ms/s")), ("2.yaml", "rules:\n  - name: r\n    above: none\n"),
        ]
        #expect(PolicyFixtures.problems(empty).map(\.key) == ["rules.r"])
    }

    @Test("a later file switches a rule off and on")
    func switches() throws {
        let off = "rules:\n  - name: r\n    enabled: no\n"
        #expect(try load(Self.base, off).rules == [])
        #expect(try load(Self.base, off, "rules:\n  - name: r\n    enabled: yes\n").rules.map(\.name) == ["r"])
    }

    @Test("settings and ladders are replaced key by key, protection adds up")
    func settings() throws {
        let policy = try load(
            "mode: enforce\nlimits: {held-vms: 5, actions-per-minute: 9}\nprotect: {vms: [a], tenants: [t]}\n"
                + "ladders:\n  gentle:\n    steps: [50%]\n    calm: 7 s\n",
            "mode: dry-run\nlimits: {held-vms: 3}\nprotect: {vms: [b]}\nladders:\n  gentle:\n    calm: 8 s\n"
        )
        #expect(policy.mode == .dryRun)
        #expect(policy.limits == BlastLimits(heldVMs: 3, actionsPerMinute: 9))
        #expect(policy.protectedVMs == ["a", "b"] && policy.protectedTenants == ["t"])
        #expect(policy.ladders["gentle"]?.steps == [.throttle(0.5)])
        #expect(policy.ladders["gentle"]?.calm == 8)
    }

    @Test("a value that an earlier file gave is faulted there when a later one makes it wrong")
    func placeOfMerged() {
        let texts = [("1.yaml", Self.base), ("2.yaml", "rules:\n  - name: r\n    signal: mem.rss\n")]
        let problems = PolicyFixtures.problems(texts)
        #expect(problems.map(\.file) == ["1.yaml"])
        #expect(problems.map(\.key) == ["rules.r.above"])
    }

    @Test("the problems of all files are told, by file in the order given, then by line")
    func allFiles() {
        let texts = [
            ("b.yaml", "mode: x\nversion: 3\n"), ("a.yaml", "\tmode: y\n"), ("c.yaml", "limits: {held-vms: z}\n"),
        ]
        let problems = PolicyFixtures.problems(texts)
        #expect(problems.map(\.file) == ["b.yaml", "b.yaml", "a.yaml", "c.yaml"])
        #expect(problems.map(\.line) == [1, 2, 1, 1])
    }

    @Test("what a file adds to one that cannot be read is not faulted for what may be in that one")
    func partial() {
        let texts = [("1.yaml", Self.base + "\tbroken"), ("2.yaml", "rules:\n  - name: r\n    ladder: gentle\n")]
        #expect(PolicyFixtures.problems(texts).map(\.file) == ["1.yaml"])
        let typo = [
            ("1.yaml", "\tbroken"), ("2.yaml", "rules:\n  - name: r\n    above: 5\n    signal: cpu.run_delay\n"),
        ]
        #expect(PolicyFixtures.problems(typo).map(\.file) == ["1.yaml", "2.yaml"])
    }

    @Test("a directory stands for its *.yaml and *.yml files in the order of names")
    func directory() throws {
        let files = [
            "10-base.yaml": Self.base, "20-site.yml": "rules:\n  - name: r\n    above: 70 ms/s\n",
            "30-last.yaml": "rules:\n  - name: r\n    above: 80 ms/s\n", "README": "not: [yaml",
            ".40-hidden.yaml": "\t",
            "50.yaml.bak": "\t",
        ]
        try withDirectory(files) { directory in
            let policy = try PolicyLoader.load(paths: [directory.path])
            #expect(policy.rules.map(\.above) == [0.08])
            let two = [directory.path + "/30-last.yaml", directory.path + "/"]
            #expect(PolicyFixtures.problems(paths: two) == [])
        }
    }

    @Test("what is no readable file is refused by name")
    func unreadable() throws {
        try withDirectory(["good.yaml": Self.base]) { directory in
            let manager = FileManager.default
            let nested = directory.appendingPathComponent("nested")
            try manager.createDirectory(
                at: nested.appendingPathComponent("x.yaml"),
                withIntermediateDirectories: true
            )
            let dangling = directory.appendingPathComponent("dangling.yaml").path
            try manager.createSymbolicLink(atPath: dangling, withDestinationPath: "/nonexistent/file.yaml")
            let empty = directory.appendingPathComponent("empty")
            try manager.createDirectory(at: empty, withIntermediateDirectories: false)
            let cases = [
                ("/nonexistent.yaml", "there is no such file"), (dangling, "a link that leads to no file"),
                (nested.path, "it is not a file"), (empty.path, "holds no *.yaml"), ("/dev/zero", "it is not a file"),
            ]
            for (path, part) in cases {
                let problems = PolicyFixtures.problems(paths: [directory.path + "/good.yaml", path])
                #expect(problems.count == 1 && problems.allSatisfy { $0.file.hasPrefix(path) }, "\(problems)")
                #expect(problems.first?.message.contains(part) == true, "\(problems)")
            }
        }
        #expect(PolicyFixtures.problems(paths: []).map(\.message) == ["no threshold file is given"])
    }

    @Test("a file that everybody may write is refused, also behind a link; one that a group may write is read")
    func writable() throws {
        try withDirectory(["good.yaml": Self.base]) { directory in
            let path = directory.appendingPathComponent("good.yaml").path
            let link = directory.appendingPathComponent("link.yml").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "good.yaml")
            for (mode, isRead) in [(0o666, false), (0o602, false), (0o664, true), (0o644, true)] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
                for name in [path, link] {
                    let problems = PolicyFixtures.problems(paths: [name])
                    #expect(problems.isEmpty == isRead, "\(String(mode, radix: 8)): \(problems)")
                    #expect(problems.allSatisfy { $0.message.contains("everybody may write it") })
                }
            }
        }
    }

    @Test("a link to a file is followed")
    func link() throws {
        try withDirectory(["good.yaml": Self.base]) { directory in
            let link = directory.appendingPathComponent("link.yml").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "good.yaml")
            let policy = try PolicyLoader.load(paths: [link])
            #expect(policy.rules.count == 1)
        }
    }

    @Test("a file of 1 MiB is read, one byte more is refused")
    func size() throws {
        let base = Self.base + "#"
        let filler = String(repeating: "x", count: (1 << 20) - base.utf8.count)
        #expect(PolicyFixtures.problems(base + filler) == [])
        #expect(PolicyFixtures.problems(base + filler + "x").first?.message.contains("larger than 1 MiB") == true)
        try withDirectory(["huge.yaml": base + filler + filler]) { directory in
            let problems = PolicyFixtures.problems(paths: [directory.path])
            #expect(problems.first?.message.contains("larger than 1 MiB") == true)
        }
    }
}
