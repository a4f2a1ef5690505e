import Foundation
import FuzzCorpus
import Glibc

/// Feeds every parser damaged input: `make fuzz` runs it.
@main struct Main {
    static func main() {
        guard let options = FuzzOptions(CommandLine.arguments.dropFirst()) else { fail(FuzzOptions.usage) }
        switch options.action {
        case .list:
            for parser in FuzzParser.all { print(parser.name) }
        case .check: check(options)
        case .child(let path): child(path, options)
        case .here: here(options)
        case .run:
            let report = run(chosen(options), options)
            exit(report.isClean ? 0 : 1)
        }
    }

    /// The parsers that fail on purpose.
    private static let planted = FuzzParser.planted { usleep(100_000) }

    private static func fail(_ text: String) -> Never {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(2)
    }

    /// The parsers that the command line names.
    private static func chosen(_ options: FuzzOptions) -> [FuzzParser] {
        if options.parsers.isEmpty { return FuzzParser.all }
        return options.parsers.map { name in
            guard let parser = (FuzzParser.all + planted).first(where: { $0.name == name }) else {
                fail("no parser '\(name)'; --list names them")
            }
            return parser
        }
    }

    /// Runs parsers in processes of their own, the last one first, since documents take longest.
    private static func run(_ parsers: [FuzzParser], _ options: FuzzOptions, isQuiet: Bool = false) -> FuzzReport {
        var report = FuzzReport(options, isQuiet: isQuiet)
        report.head()
        var waiting: [Watched] = zip(parsers, shares(of: options.inputs, parsers)).map { parser, share in
            guard let watched = Watched(parser, share: share, options: options) else { fail("no board can be mapped") }
            return watched
        }
        let begin = ContinuousClock.now
        let jobs = options.jobs > 0 ? options.jobs : ProcessInfo.processInfo.activeProcessorCount
        var running: [Watched] = []
        while !waiting.isEmpty || !running.isEmpty {
            let isLate = begin.duration(to: .now) > .seconds(options.seconds)
            if isLate { for watched in running { watched.stop() } }
            while !isLate, running.count < jobs, let next = waiting.popLast() {
                if next.start(at: options.from) { running.append(next) } else { report.add(next) }
            }
            if isLate {
                for watched in waiting { report.add(watched) }
                waiting = []
            }
            var left: [Watched] = []
            for watched in running {
                if watched.isRunning() { left.append(watched) } else { report.add(watched) }
            }
            running = left
            usleep(10_000)
        }
        let spent = begin.duration(to: .now)
        report.foot(seconds: Double(spent.components.seconds) + Double(spent.components.attoseconds) * 1e-18)
        return report
    }

    /// Each parser's part of all inputs by its weight; what division leaves over goes to the first.
    private static func shares(of inputs: UInt64, _ parsers: [FuzzParser]) -> [UInt64] {
        let weights = parsers.reduce(0) { $0 + UInt64($1.weight) }
        var shares = parsers.map { parser in
            let weight = UInt64(parser.weight)
            return inputs / weights * weight + inputs % weights * weight / weights
        }
        if !shares.isEmpty { shares[0] += inputs - shares.reduce(0, +) }
        return shares
    }

    /// Is the process of one parser.
    private static func child(_ path: String, _ options: FuzzOptions) {
        guard let board = Board(path, isNew: false), let parser = chosen(options).first else { exit(2) }
        // A parser that eats memory or time shall be noticed and not take the host along.
        var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
        // SAFETY: both calls read one rlimit.
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        let parent = getppid()
        var run = FuzzRun(parser, seed: options.seed)
        for number in options.from..<options.from + options.inputs {
            if number & 63 == 0, board.isStopped || getppid() != parent { return }
            board.current = number
            board.note(run.feed(number))
        }
    }

    /// Runs parsers in this process and tells of each broken promise.
    private static func here(_ options: FuzzOptions) {
        for parser in chosen(options) {
            var run = FuzzRun(parser, seed: options.seed)
            for number in options.from..<options.from + options.inputs {
                if case .broken(let promise) = run.feed(number) { print("\(parser.name) \(number): \(promise)") }
            }
            print("\(parser.name): \(run.tally)")
        }
    }

    /// Shows that nothing that goes wrong is missed.
    private static func check(_ options: FuzzOptions) {
        var options = options
        options.inputs = 300
        options.patience = 0.5
        let report = run(planted, options, isQuiet: true)
        guard report.crashes > 0, report.hangs > 0, report.lies == 1 else { fail("a planted failure was not noticed") }
        print("planted: \(report.crashes) crashes, \(report.hangs) hangs and a broken promise, all noticed")
    }
}
