import Foundation
import FuzzCorpus
import Glibc

/// One parser's process, started anew behind each input that it does not survive.
final class Watched {
    /// How a process was lost.
    enum Loss {
        /// A signal ended it, or it ended by itself too early: the signal's or the status's number.
        case crash(Int32)
        /// It went on with one input for too long and was ended.
        case hang
    }

    /// Losses after which a parser is given up.
    private static let patience = 8

    /// The parser.
    let parser: FuzzParser
    /// Inputs that it shall try.
    let share: UInt64
    /// The inputs that it did not survive, each with how.
    private(set) var losses: [(input: UInt64, loss: Loss)] = []
    /// Seconds that its processes took.
    private(set) var seconds = 0.0
    /// How far it has come.
    let board: Board

    private let options: FuzzOptions
    private let path: String
    private var process: Process?
    private var started = ContinuousClock.now
    private var lastInput: UInt64 = .max
    private var lastChange = ContinuousClock.now

    /// A parser whose process is not started yet.
    ///
    /// - Parameters:
    ///   - parser: The parser.
    ///   - share: Inputs that it shall try.
    ///   - options: What the command line asks for.
    init?(_ parser: FuzzParser, share: UInt64, options: FuzzOptions) {
        path = FileManager.default.temporaryDirectory.path + "/quell-fuzz-" + UUID().uuidString
        guard let board = Board(path, isNew: true) else { return nil }
        self.parser = parser
        self.share = share
        self.options = options
        self.board = board
    }

    deinit {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe unlink(path)
    }

    /// Starts the process at an input.
    ///
    /// - Parameter input: The number of the first input.
    /// - Returns: Whether it runs.
    func start(at input: UInt64) -> Bool {
        let end = options.from + share
        guard input < end else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "--child", path, "--parser", parser.name, "--seed", "\(options.seed)", "--from", "\(input)", "--inputs",
            "\(end - input)",
        ]
        // A trace of each crash would take seconds; `--here` gives it.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardError = FileHandle.nullDevice
        board.current = input
        do { try process.run() } catch { return false }
        self.process = process
        started = .now
        lastInput = input
        lastChange = .now
        return true
    }

    /// Looks after the process.
    ///
    /// - Returns: Whether it, or one that took its place, still runs.
    func isRunning() -> Bool {
        guard let process else { return false }
        let input = board.current
        if input != lastInput {
            lastInput = input
            lastChange = .now
        }
        if process.isRunning {
            guard lastChange.duration(to: .now) > .seconds(options.patience) else { return true }
            _ = kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            return goOn(behind: .hang)
        }
        if process.terminationReason == .exit, process.terminationStatus == 0 {
            end()
            return false
        }
        return goOn(behind: .crash(process.terminationStatus))
    }

    /// Tells the process to end.
    func stop() {
        board.isStopped = true
    }

    /// Notes a loss and starts anew behind it.
    private func goOn(behind loss: Loss) -> Bool {
        end()
        losses.append((board.current, loss))
        guard losses.count < Self.patience, !board.isStopped else { return false }
        return start(at: board.current + 1)
    }

    private func end() {
        let spent = started.duration(to: .now)
        seconds += Double(spent.components.seconds) + Double(spent.components.attoseconds) * 1e-18
        process = nil
    }
}
