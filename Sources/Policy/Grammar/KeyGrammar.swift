import Signals

/// What a key of a threshold file takes and what it is for.
///
/// The one description of the files: the compiler checks shapes and ranges by it, and the schema for editors and the
/// reference for people are made of it.
struct KeyGrammar: Sendable {
    /// What its value is.
    var takes: KeyValue
    /// What holds where no file gives it, as a file would say it; `nil` where nothing does.
    var normally: String?
    /// A value that is accepted, as a file writes it.
    var example: String
    /// Whether `none` takes back what an earlier file gave.
    var acceptsNone = false
    /// Whether each section must give it.
    var isRequired = false
    /// What it is for, without a full stop.
    var about: String

    /// A key.
    init(
        _ takes: KeyValue,
        normally: String? = nil,
        example: String,
        acceptsNone: Bool = false,
        isRequired: Bool = false,
        _ about: String
    ) {
        self.takes = takes
        self.normally = normally
        self.example = example
        self.acceptsNone = acceptsNone
        self.isRequired = isRequired
        self.about = about
    }
}

/// What the value of a key is.
enum KeyValue: Sendable {
    /// The version of the files, `1`.
    case version
    /// One of some words.
    case choice([String])
    /// `yes` or `no`.
    case yesNo
    /// Text for people.
    case text
    /// A name for a rule or a window.
    case name
    /// A whole number without a unit.
    case whole(ClosedRange<Int>)
    /// A number with a unit of this kind, in a range of base units that is shown as the text says.
    case amount(Dimension, ClosedRange<Double>, shown: String)
    /// A signal of VMs.
    case signal
    /// A bound on the signal of its rule.
    case bound
    /// The name of a ladder.
    case ladder
    /// Hours and minutes in UTC, up to 23:59, or 24:00 for the end of a day.
    case time(endsDay: Bool)
    /// A list of host CPUs, as the kernel writes it.
    case cpus
    /// Names of what the noun says; whether there may be none.
    case names(of: String, mayBeEmpty: Bool)
    /// Days of the week.
    case days
    /// The steps of a ladder.
    case steps
    /// Classes of VMs, a step behind each.
    case classSteps
    /// Bounds on other signals.
    case companions
    /// Keys of their own.
    case section(PolicySection)
    /// Sections in a list, each with a name.
    case list(of: PolicySection)
    /// Sections under their names.
    case map(of: PolicySection)

    /// A duration, 1 ms to 1 d.
    static let duration = KeyValue.amount(.duration, 0.001...86_400, shown: "1 ms to 1 d")

    /// One of the words of an enumeration.
    static func choice<Value: CaseIterable & RawRepresentable<String>>(of values: Value.Type) -> KeyValue {
        .choice(values.allCases.map(\.rawValue))
    }

    /// Whether it is written as a list of words.
    var isList: Bool {
        switch self {
        case .names, .days, .steps, .classSteps, .companions: true
        case .version, .choice, .yesNo, .text, .name, .whole, .amount, .signal, .bound, .ladder, .time, .cpus, .section,
            .list, .map:
            false
        }
    }
}

/// The kinds of sections of a threshold file.
enum PolicySection: String, CaseIterable, Sendable {
    case top, limits, protect, quarantine, audit, window, ladder, rule

    /// Its keys by name, in the order in which they are told.
    var keys: [(name: String, grammar: KeyGrammar)] {
        switch self {
        case .top: Self.keys(of: TopKey.self)
        case .limits: Self.keys(of: LimitKey.self)
        case .protect: Self.keys(of: ProtectKey.self)
        case .quarantine: Self.keys(of: QuarantineKey.self)
        case .audit: Self.keys(of: AuditCheck.self)
        case .window: Self.keys(of: WindowKey.self)
        case .ladder: Self.keys(of: LadderKey.self)
        case .rule: Self.keys(of: RuleKey.self)
        }
    }

    private static func keys<Key: PolicyKey>(of keys: Key.Type) -> [(name: String, grammar: KeyGrammar)] {
        keys.allCases.map { ($0.rawValue, $0.grammar) }
    }
}
