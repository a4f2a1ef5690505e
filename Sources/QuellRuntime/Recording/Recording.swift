import Foundation
public import Reporting
import Synchronization

/// What a recording came to.
public struct RecordReport: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The newest file.
    public var file: String
    /// Files that were begun.
    public var files: Int
    /// Frames that were stored.
    public var ticks: Int
    /// Bytes that were stored.
    public var bytes: Int
    /// Whether the daemon ended it.
    public var endedByDaemon: Bool

    /// The report for people.
    public var description: String {
        let end = endedByDaemon ? "; the daemon ended it" : ""
        return "\(ticks) ticks in \(bytes) bytes, \(files) \(files == 1 ? "file" : "files"), the newest \(file)\(end)"
    }
}

/// Why a recording did not begin.
public struct RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason.
    public let description: String
}

/// The client's side of a recording: takes the trace from the daemon's socket and stores it.
public final class Recording: Sendable {
    private let request: ControlRequest
    private let socket: String
    private let out: String
    private let keep: Int
    private let overwriting: Bool
    private let isStopped = Atomic<Bool>(false)

    /// A recording that has not begun.
    ///
    /// - Parameters:
    ///   - request: What is recorded.
    ///   - socket: The daemon's control socket.
    ///   - out: The newest file.
    ///   - keep: Files that are kept.
    ///   - overwriting: Whether a file that is there is replaced.
    public init(_ request: ControlRequest, socket: String, out: String, keep: Int, overwriting: Bool) {
        self.request = request
        self.socket = socket
        self.out = out
        self.keep = keep
        self.overwriting = overwriting
    }

    /// Ends it; ``run(seconds:)`` returns soon.
    public func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// Records.
    ///
    /// - Parameter seconds: For how long; `nil` until it is stopped.
    /// - Returns: What it came to.
    /// - Throws: `SocketError` where no daemon answers, ``RecordingError`` where it refuses, ``TraceFileError`` where the
    ///   trace cannot be stored.
    public func run(seconds: Double? = nil) async throws -> RecordReport {
        // Reading waits, so it has a thread of its own.
        try await withCheckedThrowingContinuation { done in
            let thread = Thread { [self] in done.resume(with: Result { try record(seconds: seconds) }) }
            thread.name = "quell-record"
            thread.start()
        }
    }

    private func record(seconds: Double?) throws -> RecordReport {
        var writer = try TraceFileWriter(path: out, keep: keep, overwriting: overwriting)
        let receiver = try ControlReceiver(request, path: socket)
        let answer = try receiver.line()
        if let problem = try? JSONDecoder().decode(ControlProblem.self, from: answer) {
            throw RecordingError(description: "The daemon refused: \(problem.error)")
        }
        let clock = ContinuousClock()
        let end = seconds.map { clock.now.advanced(by: .seconds($0)) }
        var endedByDaemon = false
        loop: while !isStopped.load(ordering: .relaxed), end.map({ clock.now < $0 }) ?? true {
            switch receiver.receive() {
            case .bytes(let bytes): try writer.take(bytes)
            case .nothing: continue
            case .end:
                endedByDaemon = true
                break loop
            }
        }
        try writer.finish()
        return RecordReport(
            file: out,
            files: writer.files,
            ticks: writer.frames,
            bytes: writer.bytes,
            endedByDaemon: endedByDaemon
        )
    }
}
