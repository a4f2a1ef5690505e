import Signals
import Testing

@testable import Policy

/// A key of a section, by name.
struct GrammarCase: CustomTestStringConvertible, Sendable {
    var section: PolicySection
    var name: String
    var grammar: KeyGrammar
    var testDescription: String { "\(section.rawValue).\(name)" }

    /// Every key of every section.
    static let all = PolicySection.allCases.flatMap { section in
        section.keys.map { GrammarCase(section: section, name: $0.name, grammar: $0.grammar) }
    }

    /// The text of a file in which the key has a value, with what its section needs beside it.
    func text(_ value: String?) -> String {
        let line = value.map { "\(name): \($0)" }
        switch section {
        case .top:
            return ([line, name == "version" ? "mode: dry-run" : "version: 1"]).compactMap(\.self).joined(
                separator: "\n"
            )
        case .limits, .protect, .quarantine, .audit:
            return "mode: dry-run\n\(section.rawValue):" + (line.map { "\n  " + $0 } ?? " {}")
        case .window:
            return "windows:\n  - " + block(line, ["name: w", "from: \"01:00\"", "to: \"02:00\"", "then: release"])
        case .ladder: return "ladders:\n  l:\n    " + block(line, ["steps: [60%, suspend]", "lease: 20 min"])
        case .rule: return "ladders: {cpu-throttle: {}}\nrules:\n  - " + block(line, ruleBase)
        }
    }

    /// A rule for which the key means something.
    private var ruleBase: [String] {
        let own: [String] =
            switch name {
            case "risk": ["detector: tail"]
            case "score": ["detector: unusual"]
            case "within": ["detector: leak"]
            default: []
            }
        let bound = name == "below" ? [] : ["above: 60 ms/s"]
        return ["name: r", "signal: cpu.run_delay", "role: victim"] + own + bound
    }

    /// A key beside others of a section, in the place of one of the same name.
    private func block(_ line: String?, _ others: [String]) -> String {
        let rest = others.filter { line == nil || !$0.hasPrefix(name + ":") }
        return (rest + [line].compactMap(\.self)).joined(separator: "\n    ")
    }
}

@Suite("The grammar of threshold files")
struct PolicyGrammarTests {
    @Test("every example is accepted by the compiler, and changes what the file means", arguments: GrammarCase.all)
    func examples(_ key: GrammarCase) throws {
        let with = try PolicyLoader.load(text: key.text(key.grammar.example), file: "f.yaml")
        let base = key.text(nil)
        // A signal and a role must be given: there is no rule without them that could be compared. Version 1 is the only one.
        let isTheBase = key.section == .rule && ["signal", "role"].contains(key.name) || key.name == "version"
        guard !key.grammar.isRequired, !isTheBase, PolicyFixtures.problems(base).isEmpty else { return }
        #expect(try PolicyLoader.load(text: base, file: "f.yaml") != with)
    }

    @Test(
        "what holds without a key is what it would say",
        arguments: GrammarCase.all.filter { $0.grammar.normally != nil }
    )
    func defaults(_ key: GrammarCase) throws {
        // The base of a ladder gives steps and a lease of its own.
        let bare = "ladders:\n  l: {}"
        let given = "ladders:\n  l: {\(key.name): \(key.grammar.normally ?? "")}"
        let base = key.section == .ladder ? bare : key.text(nil)
        let with = key.section == .ladder ? given : key.text(key.grammar.normally)
        let (said, unsaid) = try (
            PolicyLoader.load(text: with, file: "f.yaml"), PolicyLoader.load(text: base, file: "f.yaml")
        )
        if key.section == .audit {
            // What a file says of a check is kept apart from what is usual, though it be the same.
            #expect(AuditCheck.allCases.allSatisfy { said.audit[$0] == unsaid.audit[$0] })
        } else {
            #expect(said == unsaid)
        }
    }

    @Test("'none' is taken where the grammar says so", arguments: GrammarCase.all.filter(\.grammar.acceptsNone))
    func none(_ key: GrammarCase) throws {
        let second = (
            file: "g.yaml", text: key.section == .rule ? "rules: [{name: r, \(key.name): none}]" : key.text("none")
        )
        var keeping = [(file: "f.yaml", text: key.text(key.grammar.example)), second]
        // A rule or a leak needs a condition all the same.
        if ["above", "below", "within"].contains(key.name) {
            keeping[1].text = "rules: [{name: r, detector: level, deviation: 4 sigma, \(key.name): none}]"
        }
        #expect(PolicyFixtures.problems(keeping) == [])
    }

    @Test("a value of another shape is refused under the key's own path", arguments: GrammarCase.all)
    func shapes(_ key: GrammarCase) {
        let isMapping =
            switch key.grammar.takes {
            case .section, .map: true
            case .list, .names, .days, .steps, .classSteps, .companions, .version, .choice, .yesNo, .text, .name,
                .whole,
                .amount, .signal, .bound, .ladder, .time, .cpus:
                false
            }
        let problems = PolicyFixtures.problems(key.text(isMapping ? "[a]" : "{a: b}"))
        #expect(problems.contains { $0.key.hasSuffix(key.name) }, "\(problems)")
    }

    @Test("one step beyond a range is refused, its ends are not", arguments: GrammarCase.all)
    func ranges(_ key: GrammarCase) throws {
        guard case .whole(let range) = key.grammar.takes else { return }
        #expect(PolicyFixtures.problems(key.text("\(range.lowerBound)")) == [])
        #expect(PolicyFixtures.problems(key.text("\(range.upperBound)")) == [])
        #expect(PolicyFixtures.problems(key.text("\(range.upperBound + 1)")).count == 1)
    }

    @Test("a range is shown by the very values that it ends at")
    func shown() throws {
        for key in GrammarCase.all {
            guard case .amount(let kind, let range, let shown) = key.grammar.takes else { continue }
            let ends = shown.split(separator: " to ").map(String.init)
            #expect(ends.count == 2, "\(key.testDescription)")
            let unit = ends[1].drop { $0.isNumber || $0 == "." }
            let least = ends[0].contains { !($0.isNumber || $0 == ".") } ? ends[0] : ends[0] + unit
            #expect(
                try Quantity.value(of: least, as: kind, for: key.name) == range.lowerBound,
                "\(key.testDescription)"
            )
            #expect(
                try Quantity.value(of: ends[1], as: kind, for: key.name) == range.upperBound,
                "\(key.testDescription)"
            )
        }
    }

    @Test("a key is told in one sentence without a full stop")
    func sentences() {
        for key in GrammarCase.all {
            #expect(!key.grammar.about.isEmpty && !key.grammar.about.hasSuffix("."), "\(key.testDescription)")
            #expect(!key.grammar.about.contains("|"), "\(key.testDescription)")
        }
    }
}
