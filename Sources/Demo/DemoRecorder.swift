import QuellRuntime
import Traces

/// Stores the frames of a demo as they are made.
struct DemoRecorder {
    private let tap: TraceTap
    private var writer: TraceFileWriter
    private var bytes: [UInt8] = []

    /// Begins to record; `nil` where no file is named.
    ///
    /// A file that is there is replaced.
    init?(_ path: String?, _ monitor: Monitor<ScriptedHypervisor>) async throws {
        guard let path else { return nil }
        writer = try TraceFileWriter(path: path, overwriting: true)
        tap = TraceTap(TraceEncoder(facts: [.init("host", "quell demo")]))
        await monitor.attach(tap)
    }

    /// Stores what came since the last call.
    mutating func store() throws {
        tap.takeBytes(into: &bytes)
        try writer.take(bytes)
    }

    /// Ends the file.
    mutating func finish() throws {
        try store()
        try writer.finish()
    }
}
