import ArgumentParser
import Foundation
import Policy
import QuellRuntime

/// `quell replay`.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a trace through the detectors, attribution and ladder under any policy.",
        discussion: """
            Nothing is enforced: each hold is answered as a dry run answers it, so that events say what would be done. VMs \
            that were held while the trace was made keep the cap that they had then. With --as-recorded the trace's own lease \
            events are the answers instead, which under the same policy repeats what the daemon decided.

            With --against the trace is run under two policies at once, and only what differs is told: alerts and holds that one \
            of them does not have, or has at other times, other steps or with others to blame. It exits with 0 where nothing \
            differs and with 1 where something does.
            """
    )

    @Argument(help: "The files of a trace, oldest first, such as night.trace.1 night.trace.")
    var files: [String]

    @Option(
        parsing: .upToNextOption,
        help: "Threshold files or directories of them; the shipped policy where none is named."
    )
    var policy: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: "Threshold files or directories of them that --policy is held against."
    )
    var against: [String] = []

    @Flag(help: "Answer the ladder with the lease events of the trace.")
    var asRecorded = false

    @Flag(help: "Print the summary alone.")
    var quiet = false

    @Flag(help: "Print JSON.")
    var json = false

    /// All that a replay says, for machines.
    private struct Output: Encodable {
        var events: [ReplayEvent]
        var summary: ReplayReport
        var timesRealTime: Double
    }

    func validate() throws {
        guard against.isEmpty || !asRecorded else {
            throw ValidationError("What was recorded is of one policy: leave out --as-recorded or --against.")
        }
    }

    func run() throws {
        let policies = try Self.load(policy)
        guard against.isEmpty else { return try compare(policies, with: Self.load(against)) }
        var events: [ReplayEvent] = []
        var replay = Replay(policy: policies, holds: asRecorded ? .recorded : .simulated) { event in
            if json { events.append(event) } else if !quiet { print(event) }
        }
        let traces = try self.traces()
        let clock = ContinuousClock()
        let seconds = clock.measure { for trace in traces { replay.run(trace) } } / .seconds(1)
        var report = replay.report
        report.seconds = seconds
        try Self.check(ticks: report.ticks, report.problems)
        if json {
            try Self.printJSON(Output(events: quiet ? [] : events, summary: report, timesRealTime: report.speed))
        } else {
            print(report)
        }
    }

    /// Runs the trace under two policies at once.
    private func compare(_ new: PolicySet, with old: PolicySet) throws {
        var comparison = ReplayComparison(new: new, old: old)
        let traces = try self.traces()
        let clock = ContinuousClock()
        let seconds = clock.measure { for trace in traces { comparison.run(trace) } } / .seconds(1)
        var report = comparison.report()
        report.seconds = seconds
        try Self.check(ticks: report.ticks, report.problems)
        if json { try Self.printJSON(report) } else { print(quiet ? report.summary : report.description) }
        if !report.differences.isEmpty { throw ExitCode(1) }
    }

    private static func load(_ paths: [String]) throws -> PolicySet {
        do {
            return paths.isEmpty
                ? try PolicyLoader.load(texts: [("default.yaml", PolicySource.shipped)])
                : try PolicyLoader.load(paths: paths)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func traces() throws -> [[UInt8]] {
        var traces: [[UInt8]] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ValidationError("\(file) cannot be read.")
            }
            traces.append([UInt8](data))
        }
        return traces
    }

    /// A trace of which nothing could be read is a failure, a damaged one is not.
    private static func check(ticks: UInt64, _ problems: [String]) throws {
        guard ticks == 0 else { return }
        throw ValidationError(problems.first.map { "No frame could be read: \($0)" } ?? "There is no frame in it.")
    }

    private static func printJSON(_ output: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        print(String(decoding: try encoder.encode(output), as: UTF8.self))
    }
}
