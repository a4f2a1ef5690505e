import Signals

extension PolicySchema {
    /// The definitions of what values are.
    static var values: [(key: String, value: JSONNode)] {
        var values: [(key: String, value: JSONNode)] = [
            // Every word of a file is text to Quell, also what YAML reads as a number or as yes.
            (
                "word",
                [
                    "type": ["string", "number", "boolean"], "minLength": 1,
                    "maxLength": .number(Double(PolicyReader.longestWord)),
                ]
            ),
            ("name", ["anyOf": [["type": "string", "pattern": .text(name)], ["type": "integer", "minimum": 0]]]),
            ("yes-or-no", ["anyOf": [["type": "boolean"], ["type": "string", "pattern": .text(yesOrNo)]]]),
            ("signal", ["enum": .texts(Signal.allCases.filter { $0.scope == .vm }.map(\.name))]),
            (
                "bound",
                [
                    "anyOf": .list([
                        ["type": "number", "minimum": 0], pattern(number + "|" + quantity(UnitName.all)),
                    ])
                ]
            ),
            ("companion", pattern(companion)),
            ("step", ["anyOf": [reference("share"), ["enum": ["quarantine", "suspend"]]]]),
            ("class-step", pattern("\\S.* +(\(percent)|quarantine|suspend)")),
            ("cpus", ["anyOf": [["type": "integer", "minimum": 0], pattern("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*")]]),
        ]
        for dimension in Dimension.allCases where dimension != .count {
            values.append((dimension.definition, amount(dimension)))
        }
        values.append((Dimension.count.definition, ["anyOf": [["type": "number", "minimum": 0], pattern(number)]]))
        return values
    }

    /// The schema of what a key takes.
    static func value(_ takes: KeyValue) -> JSONNode {
        switch takes {
        case .version: ["enum": [1, "1"]]
        case .choice(let names): ["enum": .texts(names)]
        case .yesNo: reference("yes-or-no")
        case .text: reference("word")
        case .name, .ladder: reference("name")
        case .whole(let range):
            [
                "anyOf": [
                    [
                        "type": "integer", "minimum": .number(Double(range.lowerBound)),
                        "maximum": .number(Double(range.upperBound)),
                    ],
                    pattern("\\+?[0-9]+"),
                ]
            ]
        case .amount(let dimension, _, _): reference(dimension.definition)
        case .signal: reference("signal")
        case .bound: reference("bound")
        case .time(let endsDay):
            pattern("([01]?[0-9]|2[0-3]):[0-5][0-9]" + (endsDay ? "|24:00" : ""))
        case .cpus: reference("cpus")
        case .names(_, let mayBeEmpty): list(reference("word"), from: mayBeEmpty ? 0 : 1)
        case .days: list(["enum": .texts(MaintenanceWindow.Day.allCases.map(\.rawValue))], from: 1)
        case .steps: list(reference("step"), from: 1, to: PolicyCompiler.mostSteps)
        case .classSteps: list(reference("class-step"), from: 1)
        case .companions: list(reference("companion"), from: 1, to: PolicyCompiler.mostCompanions)
        case .section(let section): reference(section.rawValue)
        case .list(let section):
            list(
                reference(section.rawValue),
                from: 0,
                to: section == .rule ? PolicyReader.mostRules : PolicyReader.mostWindows
            )
        case .map(let section):
            [
                "type": "object", "propertyNames": ["pattern": .text(name)],
                "maxProperties": .number(Double(PolicyReader.mostLadders)),
                "additionalProperties": reference(section.rawValue),
            ]
        }
    }

    /// The schema of a bound on a signal in a unit.
    static func bound(_ unit: Unit) -> JSONNode {
        // A bound on cores may be in per cent of the VM's vCPUs.
        if unit == .cores {
            return ["anyOf": [reference(Dimension.cores.definition), reference(Dimension.share.definition)]]
        }
        return reference(Dimension(unit).definition)
    }

    /// A number as files write it; none is below 0.
    private static let number = "\\+?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?"
    /// A share, at most 100% where it has no exponent.
    private static let percent = "\\+?(0*(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]+)?)|[0-9]+(\\.[0-9]+)?[eE][+-]?[0-9]+) *%"
    /// A name of a rule, a ladder or a window.
    private static let name = "^(?!none$)[a-z0-9][a-z0-9-]{0,63}$"
    /// Yes or no in either case.
    private static let yesOrNo = "^([Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"

    /// A bound on a signal, in a unit of any kind that the signal may have.
    private static var companion: String {
        let kinds = Unit.allCases.compactMap { unit -> String? in
            let names = Signal.allCases.filter { $0.unit == unit }.map { escaped($0.name) }
            guard !names.isEmpty else { return nil }
            var accepted = unitNames(Dimension(unit))
            if unit == .cores { accepted += unitNames(.share) }
            let value = accepted.isEmpty ? number : quantity(accepted)
            return "(\(names.joined(separator: "|"))) +(above|below) +(\(value))"
        }
        return kinds.joined(separator: "|")
    }

    private static func amount(_ dimension: Dimension) -> JSONNode {
        pattern(quantity(unitNames(dimension)))
    }

    private static func unitNames(_ dimension: Dimension) -> [UnitName] {
        UnitName.all.filter { dimension.accepts($0.dimension) }
    }

    /// A number with one of some units.
    private static func quantity(_ units: [UnitName]) -> String {
        let names = units.map(\.name).filter { $0 != "%" }.map(escaped).joined(separator: "|")
        let other = names.isEmpty ? nil : number + " *(" + names + ")"
        return [units.contains { $0.name == "%" } ? percent : nil, other].compactMap(\.self).joined(separator: "|")
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "\\.")
    }

    private static func pattern(_ pattern: String) -> JSONNode {
        ["type": "string", "pattern": .text("^(" + pattern + ")$")]
    }

    private static func list(_ items: JSONNode, from least: Int, to most: Int = PolicyReader.mostWords) -> JSONNode {
        [
            "type": "array", "items": items, "minItems": .number(Double(least)), "maxItems": .number(Double(most)),
        ]
    }

    private static func reference(_ name: String) -> JSONNode { ["$ref": .text("#/$defs/" + name)] }
}

extension Dimension {
    /// The name of its definition.
    fileprivate var definition: String {
        switch self {
        case .share: "share"
        case .timePerSecond: "time-per-second"
        case .size: "size"
        case .dataRate: "data-rate"
        case .rate: "rate"
        case .duration: "duration"
        case .count: "count"
        case .cores: "cores"
        case .cyclesPerInstruction: "cycles-per-instruction"
        case .power: "power"
        case .frequency: "frequency"
        case .deviation: "deviation"
        }
    }
}
