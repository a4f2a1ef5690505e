/// What the command line asks for.
struct FuzzOptions {
    /// What to do.
    enum Action {
        /// Fuzz, each parser in a process of its own.
        case run
        /// Fuzz in this process, for a debugger.
        case here
        /// Be the process of one parser and write down at this path how far it has come.
        case child(board: String)
        /// List the parsers.
        case list
        /// Show that a trap, a hang and a broken promise are noticed.
        case check
    }

    /// What to do.
    var action = Action.run
    /// Inputs in all.
    var inputs: UInt64 = 10_000_000
    /// The seed; another gives other inputs.
    var seed: UInt64 = 1
    /// The number of the first input.
    var from: UInt64 = 0
    /// Seconds after which no more inputs are tried.
    var seconds = 600.0
    /// Seconds without another input after which a parser hangs.
    var patience = 20.0
    /// Processes at once; 0 for one on each CPU.
    var jobs = 0
    /// The parsers; all where none is named.
    var parsers: [String] = []

    /// How it is used.
    static let usage = """
        usage: Fuzz [--parser NAME]… [--inputs N] [--seed S] [--from K] [--seconds T] [--jobs J] [--patience T]
               Fuzz --list           the parsers
               Fuzz --check          shows that a trap, a hang and a broken promise are noticed
               Fuzz --here …         in this process, for a debugger
        """

    /// Reads the command line; `nil` where it cannot be understood.
    ///
    /// - Parameter words: The arguments without the program.
    init?(_ words: some Sequence<String>) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            switch word {
            case "--list": action = .list
            case "--check": action = .check
            case "--here": action = .here
            default:
                guard let value = rest.popFirst(), take(word, value) else { return nil }
            }
        }
    }

    /// Takes an option with its value; `false` where it is unknown or out of range.
    private mutating func take(_ option: String, _ value: String) -> Bool {
        switch option {
        case "--parser": parsers.append(value)
        case "--child": action = .child(board: value)
        case "--inputs", "--seed", "--from", "--jobs":
            guard let number = UInt64(value.filter { $0 != "_" }), number < 1 << 62 else { return false }
            if option == "--inputs" { inputs = number }
            if option == "--seed" { seed = number }
            if option == "--from" { from = number }
            if option == "--jobs" { jobs = Int(min(number, 256)) }
        case "--seconds", "--patience":
            guard let number = Double(value), (0.1...1e6).contains(number) else { return false }
            if option == "--seconds" { seconds = number } else { patience = number }
        default: return false
        }
        return true
    }
}
