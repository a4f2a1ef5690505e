import ArgumentParser
import Demo
import Foundation
import Terminal
import UnixSignals

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

    @Option(help: "Record the demo's frames into this file, for quell replay.")
    var record: String?

    @Option(
        help: ArgumentHelp(
            "Answer at a control socket in this directory, second by second until interrupted.",
            discussion: "Then try quell top --run-dir DIR, and every other command, on the scripted host.",
            valueName: "dir"
        )
    )
    var serve: String?

    @Option(help: "A threshold file over the shipped policy, or a directory of them; may be given again.")
    var policy: [String] = []

    func validate() throws {
        guard (1...1_000).contains(speed) else {
            throw ValidationError("--speed is \(speed); 1 to 1000 are accepted.")
        }
    }

    func run() async throws {
        let terminal = isatty(STDOUT_FILENO) == 1 && !plain && serve == nil
        let size = TerminalSize.now
        var demo = DemoRun(speed: speed, live: terminal, width: size.columns, height: size.lines) { text in
            FileHandle.standardOutput.write(Data((text + "\n").utf8))
        }
        demo.recording = record
        demo.serving = serve
        demo.policyPaths = policy
        let script = demo
        // An interrupt ends the script early and still gives the terminal back as it was.
        let outcome = try await withThrowingTaskGroup(of: DemoRun.Outcome?.self) { group in
            let interrupts = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            group.addTask { try await script.run() }
            group.addTask {
                for await _ in interrupts { break }
                return nil
            }
            var outcome = try await group.next() ?? nil
            group.cancelAll()
            while let next = try await group.next() { outcome = outcome ?? next }
            return outcome
        }
        guard let outcome else { return }
        if terminal { print(outcome.journal.joined(separator: "\n")) }
        print("\n" + Self.summary(outcome))
        if let record { print("Recorded: \(record). Try: quell replay \(record)") }
    }

    /// What came of it, in a few lines.
    private static func summary(_ outcome: DemoRun.Outcome) -> String {
        let names = { (list: [String]) in list.isEmpty ? "nobody" : list.sorted().joined(separator: ", ") }
        let quotas =
            outcome.quotasLeft.isEmpty
            ? "every quota is what it was before" : "NOT put back: \(names(outcome.quotasLeft))"
        return """
            Held: \(names(outcome.held)). Hurt: \(names(Array(outcome.hurt))).
            Leases left: \(outcome.leasesLeft); \(quotas). For your own host see README.md.
            """
    }
}
