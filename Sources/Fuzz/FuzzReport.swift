import FuzzCorpus
import Glibc

/// What a run found, for people.
struct FuzzReport {
    private let options: FuzzOptions
    private let isQuiet: Bool
    private var total = FuzzTally()
    private(set) var crashes = 0
    private(set) var hangs = 0
    private(set) var lies = 0
    private(set) var blind = 0

    /// A report on nothing yet.
    ///
    /// - Parameters:
    ///   - options: What the command line asks for.
    ///   - isQuiet: Whether it only counts.
    init(_ options: FuzzOptions, isQuiet: Bool = false) {
        self.options = options
        self.isQuiet = isQuiet
    }

    /// Whether nothing was found.
    var isClean: Bool { crashes + hangs + lies + blind == 0 }

    /// Tells of one parser.
    ///
    /// - Parameter watched: The parser, whose process has ended.
    mutating func add(_ watched: Watched) {
        let tally = watched.board.tally
        total = total + tally
        let name = watched.parser.name
        let pace = tally.inputs > 0 ? watched.seconds * 1e6 / Double(tally.inputs) : 0
        line(name, tally.inputs, tally.taken, tally.refused, "\((pace * 100).rounded() / 100) µs")
        for (input, loss) in watched.losses {
            switch loss {
            case .crash(let number):
                crashes += 1
                tell("crash (\(Self.signal(number)))", watched.parser, input)
            case .hang:
                hangs += 1
                tell("hang (\(options.patience) s)", watched.parser, input)
            }
        }
        if let input = watched.board.firstBroken {
            lies += 1
            var run = FuzzRun(watched.parser, seed: options.seed)
            let outcome = run.feed(input)
            tell("broken promise, the first of \(tally.broken): \(outcome)", watched.parser, input)
        }
        // A parser that takes or refuses all that it is given was not tried.
        if tally.inputs >= 10_000, tally.taken == 0 || tally.refused == 0 {
            blind += 1
            say("  blind: \(name) \(tally.taken == 0 ? "took" : "refused") none of \(tally.inputs) inputs")
        }
    }

    /// The heading of the table.
    func head() {
        say("seed \(options.seed)")
        say(Self.columns("parser", "inputs", "taken", "refused", "an input"))
    }

    /// The last line.
    ///
    /// - Parameter seconds: How long the run took.
    func foot(seconds: Double) {
        let found = "\(crashes) crashes, \(hangs) hangs, \(lies) broken promises"
        say("\(total.inputs) inputs tried, \(found), \((seconds * 10).rounded() / 10) s")
    }

    /// Prints a line at once, so that a run that is cut short has told what it found.
    private func say(_ text: String) {
        guard !isQuiet else { return }
        print(text)
        // Without a stream, all of them are flushed.
        fflush(nil)
    }

    private func line(_ name: String, _ inputs: UInt64, _ taken: UInt64, _ refused: UInt64, _ pace: String) {
        say(Self.columns(name, "\(inputs)", "\(taken)", "\(refused)", pace))
    }

    private static func columns(_ name: String, _ rest: String...) -> String {
        let pad = { (text: String, width: Int) in String(repeating: " ", count: max(0, width - text.count)) }
        return name + pad(name, 22) + rest.map { pad($0, 12) + $0 }.joined()
    }

    /// Tells of one input, and how to try it again.
    private func tell(_ what: String, _ parser: FuzzParser, _ input: UInt64) {
        say("  \(what) at input \(input)")
        say("    again: Fuzz --here --parser \(parser.name) --seed \(options.seed) --from \(input) --inputs 1")
        var run = FuzzRun(parser, seed: options.seed)
        run.make(input)
        let hex = run.input.prefix(4_096).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        say("    \(run.input.count) bytes: \(hex)\(run.input.count > 4_096 ? "…" : "")")
    }

    private static func signal(_ number: Int32) -> String {
        switch number {
        case SIGILL: "SIGILL"
        case SIGTRAP: "SIGTRAP"
        case SIGABRT: "SIGABRT"
        case SIGBUS: "SIGBUS"
        case SIGSEGV: "SIGSEGV"
        case SIGKILL: "SIGKILL"
        default: "status \(number)"
        }
    }
}
