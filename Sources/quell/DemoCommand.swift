import ArgumentParser
import Demo
import Foundation

/// `quell demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a noisy VM get named, throttled and released on a scripted host."
    )

    @Option(help: "Seconds of the script that pass in a second, 1 to 1000.")
    var speed = 6.0

    @Flag(help: "Print plain lines even on a terminal.")
    var plain = false

    func validate() throws {
        guard (1...1_000).contains(speed) else {
            throw ValidationError("--speed is \(speed); 1 to 1000 are accepted.")
        }
    }

    func run() async throws {
        let terminal = isatty(STDOUT_FILENO) == 1 && !plain
        let run = DemoRun(speed: speed, live: terminal, width: TerminalSize.columns) { text in
            FileHandle.standardOutput.write(Data((text + "\n").utf8))
        }
        let outcome = try await run.run()
        if terminal { print(outcome.journal.joined(separator: "\n")) }
        print(
            """

            Held: \(outcome.held.sorted().joined(separator: ", ")). Hurt: \(outcome.hurt.sorted().joined(separator: ", ")).
            Leases left: \(outcome.leasesLeft). Every quota is what it was before. Your own host: see README.md.
            """
        )
    }
}

/// The size of the terminal on standard output.
enum TerminalSize {
    /// Columns; 100 where it cannot be told.
    static var columns: Int {
        var size = winsize()
        // SAFETY: TIOCGWINSZ writes one winsize.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }
}
