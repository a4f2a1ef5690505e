import Foundation
import Glibc

/// Small file operations that say which file was in the way.
enum Files {
    /// The whole text of a file, or `nil` where it cannot be read.
    ///
    /// - Parameter path: The file.
    /// - Returns: The text.
    static func text(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// The whole number that a file holds, or `nil`.
    ///
    /// - Parameter path: The file.
    /// - Returns: The number.
    static func number(_ path: String) -> Int64? {
        text(path).flatMap { Int64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// Writes a file anew.
    ///
    /// - Parameters:
    ///   - text: Its whole text.
    ///   - path: The file.
    /// - Throws: ``BedError/file(path:why:)``.
    static func write(_ text: String, to path: String) throws(BedError) {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw .file(path: path, why: "\(error)")
        }
    }

    /// Writes a file of bytes anew.
    ///
    /// - Parameters:
    ///   - bytes: Its whole content.
    ///   - path: The file.
    /// - Throws: ``BedError/file(path:why:)``.
    static func write(_ bytes: [UInt8], to path: String) throws(BedError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        } catch {
            throw .file(path: path, why: "\(error)")
        }
    }

    /// Writes a value into a control file of the kernel, which exists already.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - path: The file.
    /// - Throws: ``BedError/file(path:why:)``.
    static func write(_ value: String, intoControl path: String) throws(BedError) {
        guard let handle = FileHandle(forWritingAtPath: path) else { throw .file(path: path, why: "cannot be written") }
        defer { try? handle.close() }
        do {
            try handle.write(contentsOf: Data(value.utf8))
        } catch {
            throw .file(path: path, why: "\(error)")
        }
    }

    /// A handle that appends to a file, which is made where it is missing.
    ///
    /// - Parameter path: The file.
    /// - Returns: The handle.
    /// - Throws: ``BedError/file(path:why:)``.
    static func appending(_ path: String) throws(BedError) -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw .file(path: path, why: "cannot be written")
        }
        _ = try? handle.seekToEnd()
        return handle
    }

    /// Makes a directory and those above it.
    ///
    /// - Parameter path: The directory.
    /// - Throws: ``BedError/file(path:why:)``.
    static func makeDirectory(_ path: String) throws(BedError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .file(path: path, why: "\(error)")
        }
    }

    /// A new directory of a name that nobody else has.
    ///
    /// - Parameter prefix: How the name begins.
    /// - Returns: Its path.
    /// - Throws: ``BedError/file(path:why:)``.
    static func temporaryDirectory(prefix: String) throws(BedError) -> String {
        let path = "/tmp/\(prefix).\(UUID().uuidString.prefix(13))"
        try makeDirectory(path)
        return path
    }

    /// Removes a directory with all that is in it.
    ///
    /// - Parameter path: The directory.
    static func removeTree(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Removes an empty directory; a cgroup counts as one, whatever control files the kernel shows in it.
    ///
    /// The corresponding C function is `rmdir`.
    ///
    /// - Parameter path: The directory.
    static func removeEmptyDirectory(_ path: String) {
        // SAFETY: the path is a string that outlives the call.
        _ = unsafe rmdir(path)
    }

    /// Whether a path is a directory; a symbolic link is none.
    ///
    /// - Parameter path: The path.
    /// - Returns: Whether it is.
    static func isDirectory(_ path: String) -> Bool {
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        return facts?[.type] as? FileAttributeType == .typeDirectory
    }

    /// The names in a directory, sorted; none where it is missing.
    ///
    /// - Parameter path: The directory.
    /// - Returns: The names.
    static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Where a symbolic link points, or `nil`.
    ///
    /// - Parameter path: The link.
    /// - Returns: The target as it is written in the link.
    static func target(ofLink path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    /// Writes a line into a named pipe without ever waiting for a reader.
    ///
    /// The corresponding C functions are `open` with `O_NONBLOCK` and `write`.
    ///
    /// - Parameters:
    ///   - line: The line, without its end.
    ///   - path: The pipe.
    /// - Throws: ``BedError/file(path:why:)`` where nobody reads it.
    static func send(_ line: String, toPipe path: String) throws(BedError) {
        // SAFETY: the path is a string that outlives the call.
        let descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, why: "nobody reads it (errno \(errno))") }
        defer { close(descriptor) }
        let bytes = Array((line + "\n").utf8)
        // SAFETY: the pointer is valid for the count of bytes given while the closure runs.
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw .file(path: path, why: "wrote \(written) of \(bytes.count) bytes") }
    }
}
