import Signals

/// The reference of the rule language for people: tables of Markdown, made of the grammar that the compiler checks by.
public enum PolicyReference {
    /// The tables, each under a heading, and a line feed at the end.
    public static var markdown: String {
        (PolicySection.allCases.map(table(of:)) + [units, words]).joined(separator: "\n\n") + "\n"
    }

    /// The table of one kind of section.
    private static func table(of section: PolicySection) -> String {
        var lines = [
            "### \(heading(of: section))", "", "| key | takes | without it | what it is for |", "|---|---|---|---|",
        ]
        for (name, grammar) in section.keys {
            let normally = grammar.normally.map { "`\($0)`" } ?? "–"
            let none = grammar.acceptsNone ? ", or `none`" : ""
            lines.append("| `\(name)` | \(takes(grammar))\(none) | \(normally) | \(grammar.about) |")
        }
        return lines.joined(separator: "\n")
    }

    private static func heading(of section: PolicySection) -> String {
        switch section {
        case .top: "At the top of a file"
        case .limits: "`limits`"
        case .protect: "`protect`"
        case .quarantine: "`quarantine`"
        case .audit: "`audit`"
        case .window: "A window, in the list `windows`"
        case .ladder: "A ladder, under its name in `ladders`"
        case .rule: "A rule, in the list `rules`"
        }
    }

    /// What a key takes, with an example.
    private static func takes(_ grammar: KeyGrammar) -> String {
        let example = ", such as `\(grammar.example)`"
        switch grammar.takes {
        case .version: return "`1`"
        case .choice(let names): return names.map { "`\($0)`" }.joined(separator: ", ")
        case .yesNo: return "`yes`, `no`"
        case .text: return "text"
        case .name: return "a name: 1 to 64 lower-case letters, digits and hyphens"
        case .whole(let range): return "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .amount(let kind, _, let shown): return "\(kind.noun), \(shown)" + example
        case .signal: return "a signal of VMs" + example
        case .bound: return "a number in a unit of the signal" + example
        case .ladder: return "the name of a ladder" + example
        case .time(let endsDay):
            return "hours and minutes, `\"00:00\"` to `\"\(endsDay ? "24:00" : "23:59")\"`"
        case .cpus: return "host CPUs" + example
        case .names(let noun, let mayBeEmpty):
            return "a list of \(noun)\(noun.hasSuffix("s") ? "es" : "s")" + (mayBeEmpty ? "" : ", one at least")
                + example
        case .days:
            return "a list of " + MaintenanceWindow.Day.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        case .steps: return "a list of steps" + example
        case .classSteps: return "a list of `CLASS STEP`" + example
        case .companions: return "a list of `SIGNAL above VALUE` or `SIGNAL below VALUE`" + example
        case .section, .map: return "keys, see below" + example
        case .list: return "a list, see below" + example
        }
    }

    /// The units of each kind.
    private static var units: String {
        var lines = ["### Numbers and units", "", "| kind | units | example |", "|---|---|---|"]
        for kind in Dimension.allCases {
            let names = kind.unitNames.map { "`\($0)`" }.joined(separator: ", ")
            lines.append("| \(kind.noun) | \(names.isEmpty ? "none" : names) | `\(kind.example)` |")
        }
        return lines.joined(separator: "\n")
    }

    /// What each signal is measured in, and the contention that a ladder may answer.
    private static var words: String {
        var lines = ["### Signals", "", "| signal | its bounds are | a ladder may answer |", "|---|---|---|"]
        for signal in Signal.allCases where signal.scope == .vm {
            var bound = Dimension(signal.unit).noun
            if signal.unit == .cores { bound += ", or a share of its vCPUs" }
            let answers = signal.contentions.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            lines.append("| `\(signal.name)` | \(bound) | \(answers.isEmpty ? "–" : answers) |")
        }
        return lines.joined(separator: "\n")
    }
}
