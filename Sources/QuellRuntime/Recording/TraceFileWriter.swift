import Enforcement
import Foundation
import Glibc
import Traces

/// Why a trace cannot be stored.
public struct TraceFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What was tried and what became of it.
    public let reason: String

    /// The file and the reason.
    public var description: String { "\(path): \(reason)" }
}

/// Stores a trace that arrives in pieces: the newest file under the given name, the ones before as `.1`, `.2` and so on.
///
/// Only whole records are stored.
public struct TraceFileWriter {
    /// The newest file.
    public let path: String
    /// Files that are kept, at least 1.
    public let keep: Int
    /// Files that were begun.
    public private(set) var files = 0
    /// Frames that were stored.
    public private(set) var frames = 0
    /// Bytes that were stored.
    public private(set) var bytes = 0

    private let overwriting: Bool
    private var splitter = TraceSplitter()
    private var handle: FileHandle?
    private var isEnded = true

    /// A writer; the file is made when the first bytes come.
    ///
    /// - Parameters:
    ///   - path: The newest file.
    ///   - keep: Files that are kept, at least 1.
    ///   - overwriting: Whether a file that is there is replaced.
    /// - Throws: ``TraceFileError`` where there is a file and it may not be replaced.
    public init(path: String, keep: Int = 4, overwriting: Bool = false) throws(TraceFileError) {
        self.path = path
        self.keep = max(1, keep)
        self.overwriting = overwriting
        // SAFETY: here and below, each path lives for the length of the call.
        if !overwriting, unsafe access(path, F_OK) == 0 {
            throw TraceFileError(path: path, reason: "is there already")
        }
    }

    /// Stores what is whole.
    ///
    /// - Parameter more: The next bytes of the trace.
    /// - Throws: ``TraceFileError`` where the disk or the bytes are bad.
    public mutating func take(_ more: [UInt8]) throws(TraceFileError) {
        splitter.take(more)
        while true {
            let piece: TraceSplitter.Piece?
            do throws(TraceProblem) {
                piece = try splitter.next()
            } catch {
                throw TraceFileError(path: path, reason: "what came is no trace: \(error.reason)")
            }
            switch piece {
            case nil: return
            case .file(let range):
                try rotate()
                try store(range, isEnd: false)
            case .frame(let range):
                try store(range, isEnd: false)
                frames += 1
            case .other(let range, let isEnd): try store(range, isEnd: isEnd)
            }
        }
    }

    /// Ends the file in good order.
    ///
    /// - Throws: ``TraceFileError`` where the disk is bad.
    public mutating func finish() throws(TraceFileError) {
        guard let handle else { return }
        if !isEnded { try write(TraceFormat.endRecord) }
        do { try handle.synchronize() } catch { throw TraceFileError(path: path, reason: "\(error)") }
        self.handle = nil
    }

    private mutating func store(_ range: Range<Int>, isEnd: Bool) throws(TraceFileError) {
        guard handle != nil else { throw TraceFileError(path: path, reason: "what came is no trace: no header") }
        try write(splitter.bytes[range])
        isEnded = isEnd
    }

    private mutating func write(_ part: some DataProtocol) throws(TraceFileError) {
        do { try handle?.write(contentsOf: part) } catch { throw TraceFileError(path: path, reason: "\(error)") }
        bytes += part.count
    }

    /// Begins a file; the ones before move on by one, and the oldest goes.
    private mutating func rotate() throws(TraceFileError) {
        if handle != nil {
            try finish()
            for index in stride(from: keep - 1, to: 0, by: -1) {
                let older = index == 1 ? path : "\(path).\(index - 1)"
                guard unsafe rename(older, "\(path).\(index)") == 0 || errno == ENOENT else {
                    throw Self.error(older, "cannot be moved")
                }
            }
        }
        if (files > 0 && keep == 1) || (files == 0 && overwriting), unsafe unlink(path) != 0, errno != ENOENT {
            throw Self.error(path, "cannot be replaced")
        }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw Self.error(path, "cannot be made") }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        files += 1
        isEnded = false
    }

    private static func error(_ path: String, _ what: String) -> TraceFileError {
        TraceFileError(path: path, reason: "\(what): \(errnoText(errno))")
    }
}
