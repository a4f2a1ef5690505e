import ArgumentParser
import Foundation
import QuellRuntime
import Reporting
import Synchronization
import UnixSignals

/// `quell record`.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record every frame of the running daemon, for quell replay.",
        discussion: """
            The daemon sends, and this command stores, until it is interrupted, the time is up or the daemon ends. Where a \
            file would become too long the next one is begun: the newest has the name given, those before end in .1, .2 and \
            so on.
            """
    )

    @Option(help: "The file to write.")
    var out: String

    @Option(help: "How long to record, such as 90s, 10m, 8h or 1d; until it is interrupted where it is left out.")
    var duration: Span?

    @Option(help: "The most bytes of a file, such as 64M; at least 1M.")
    var maxSize = Size(bytes: 64 << 20)

    @Option(help: "Files to keep, the newest.")
    var keep = 4

    @Option(parsing: .singleValue, help: "A VM to record, by name or UUID, again for each; all where none is named.")
    var vm: [String] = []

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var daemon: DaemonLocation

    func validate() throws {
        guard (1...1_000).contains(keep) else { throw ValidationError("--keep is \(keep); 1 to 1000 are accepted.") }
        guard maxSize.bytes >= 1 << 20 else { throw ValidationError("--max-size is below 1M.") }
    }

    func run() async throws {
        var request = ControlRequest(.record)
        request.vms = vm.isEmpty ? nil : vm
        request.fileLimit = maxSize.bytes
        let recording = Recording(request, socket: daemon.socketPath, out: out, keep: keep, overwriting: force)
        let seconds = duration?.seconds
        let report = try await withThrowingTaskGroup(of: RecordReport?.self) { group in
            let interrupts = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            group.addTask { try await recording.run(seconds: seconds) }
            group.addTask {
                for await _ in interrupts { break }
                recording.stop()
                return nil
            }
            var report: RecordReport?
            while report == nil, let next = try await group.next() { report = next }
            group.cancelAll()
            return report
        }
        guard let report else { return }
        if daemon.json {
            print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
        } else {
            print(report)
        }
    }
}

/// A length of time on the command line.
struct Span: ExpressibleByArgument {
    /// Seconds, above 0.
    var seconds: Double

    /// Reads a number with `s`, `m`, `h` or `d` behind it, or seconds without.
    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        guard let value = Double(unit == nil ? argument : String(argument.dropLast())), value > 0, value.isFinite else {
            return nil
        }
        seconds = value * (unit ?? 1)
    }
}

/// A number of bytes on the command line.
struct Size: ExpressibleByArgument {
    /// Bytes.
    var bytes: Int
    /// As it was given.
    var defaultValueDescription: String { "\(bytes >> 20)M" }

    /// A size.
    init(bytes: Int) {
        self.bytes = bytes
    }

    /// Reads a number with `K`, `M` or `G` behind it (of 1,024), or bytes without.
    init?(argument: String) {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = argument.last.flatMap { units[$0] }
        guard let value = Int(unit == nil ? argument : String(argument.dropLast())), value > 0,
            case (let bytes, let overflow) = value.multipliedReportingOverflow(by: unit ?? 1), !overflow
        else { return nil }
        self.bytes = bytes
    }
}
