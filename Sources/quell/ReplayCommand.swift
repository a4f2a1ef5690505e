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
            """
    )

    @Argument(help: "The files of a trace, oldest first, such as night.trace.1 night.trace.")
    var files: [String]

    @Option(
        parsing: .upToNextOption,
        help: "Threshold files or directories of them; the shipped policy where none is named."
    )
    var policy: [String] = []

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

    func run() throws {
        let policies: PolicySet
        do {
            policies =
                policy.isEmpty
                ? try PolicyLoader.load(texts: [("default.yaml", PolicySource.shipped)])
                : try PolicyLoader.load(paths: policy)
        } catch {
            throw ValidationError("\(error)")
        }
        var traces: [[UInt8]] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ValidationError("\(file) cannot be read.")
            }
            traces.append([UInt8](data))
        }
        var events: [ReplayEvent] = []
        var replay = Replay(policy: policies, holds: asRecorded ? .recorded : .simulated) { event in
            if json { events.append(event) } else if !quiet { print(event) }
        }
        let clock = ContinuousClock()
        let seconds = clock.measure { for trace in traces { replay.run(trace) } } / .seconds(1)
        var report = replay.report
        report.seconds = seconds
        // A trace of which nothing could be read is a failure, a damaged one is not.
        guard report.ticks > 0 else {
            throw ValidationError(
                report.problems.first.map { "No frame could be read: \($0)" } ?? "There is no frame in it."
            )
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let output = Output(events: quiet ? [] : events, summary: report, timesRealTime: report.speed)
            print(String(decoding: try encoder.encode(output), as: UTF8.self))
        } else {
            print(report)
        }
    }
}
