import Enforcement
import Foundation
import Glibc
import Systemd

/// The kill switch: while its file lies in the state directory nobody is held, whatever the policy says.
///
/// The file is of one line that says who threw it, when and why; what it says decides nothing, only that it is there. So
/// it outlives the daemon and a reboot, and where nothing else works it may be made with `touch`. One that cannot be
/// looked at counts as thrown: a host on which Quell cannot tell is one on which it holds nobody.
public struct KillSwitch: Sendable {
    /// The file's name in the state directory.
    public static let fileName = "disarmed"
    /// The most bytes that are read of it.
    static let longest = 1_024

    /// The directory that it lies in.
    private let directory: String

    /// The kill switch of a state directory.
    ///
    /// - Parameter directory: The daemon's state directory, which need not be there.
    public init(directory: String) {
        self.directory = directory
    }

    /// Who threw it, when and why, in a line for people; `nil` where it is not thrown.
    public var thrown: String? {
        do throws(KillSwitchError) {
            return try read()
        } catch {
            return "it cannot be told whether Quell is armed, so it is not: \(error)"
        }
    }

    /// Throws it, durably: the line is on disk when the call returns.
    ///
    /// One that was thrown before keeps its place and gets the new line.
    ///
    /// - Parameters:
    ///   - who: Who wants it.
    ///   - reason: Why; `nil` or empty for no reason given.
    ///   - wall: Nanoseconds since 1970.
    /// - Returns: The line, as ``thrown`` gives it from now on.
    /// - Throws: ``KillSwitchError`` where it cannot be written; then it is as it was before.
    public func disarm(by who: String, reason: String?, wall: Int64) throws(KillSwitchError) -> String {
        let line = Self.line(by: who, reason: reason, wall: wall)
        let folder = try open(directory, O_RDONLY | O_DIRECTORY, at: AT_FDCWD)
        defer { close(folder) }
        let new = Self.fileName + ".new"
        let file = try open(new, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, at: folder)
        defer { close(file) }
        try check(fchmod(file, 0o600), "fchmod", new)
        try give(file, toOwnerOf: folder)
        try write(Array((line + "\n").utf8), to: file)
        try check(fsync(file), "fsync", new)
        // SAFETY: renameat(2) reads the strings, which live through the call.
        try check(unsafe renameat(folder, new, folder, Self.fileName), "rename", Self.fileName)
        try check(fsync(folder), "fsync", directory)
        return line
    }

    /// Takes it back, durably; one that is not thrown is left as it is.
    ///
    /// - Throws: ``KillSwitchError`` where the file cannot be removed; then Quell stays disarmed.
    public func arm() throws(KillSwitchError) {
        let folder: Int32
        do throws(KillSwitchError) {
            folder = try open(directory, O_RDONLY | O_DIRECTORY, at: AT_FDCWD)
        } catch  where error.code == ENOENT {
            return
        }
        defer { close(folder) }
        // SAFETY: unlinkat(2) reads the string, which lives through the call.
        if unsafe unlinkat(folder, Self.fileName, 0) != 0, errno != ENOENT { throw failure("remove", Self.fileName) }
        try check(fsync(folder), "fsync", directory)
    }

    /// The line of the file, or a sentence for a file that says nothing; `nil` where there is none.
    private func read() throws(KillSwitchError) -> String? {
        let folder: Int32
        let file: Int32
        do throws(KillSwitchError) {
            folder = try open(directory, O_RDONLY | O_DIRECTORY, at: AT_FDCWD)
        } catch  where error.code == ENOENT {
            return nil
        }
        defer { close(folder) }
        do throws(KillSwitchError) {
            file = try open(Self.fileName, O_RDONLY | O_NONBLOCK, at: folder)
        } catch  where error.code == ENOENT {
            return nil
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        // SAFETY: read(2) writes at most as many bytes as the buffer holds.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure("read", Self.fileName) }
        let line = String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return line.isEmpty ? "by hand, without a reason" : PlainText.line(line, limit: 500)
    }

    /// The line of the file: `2026-05-01T21:04:00Z by root: the storage is being moved`.
    private static func line(by who: String, reason: String?, wall: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(wall) / 1e9).formatted(.iso8601)
        let why = reason.flatMap { $0.isEmpty ? nil : $0 } ?? "no reason given"
        return PlainText.line("\(date) by \(PlainText.name(who, limit: 64)): \(why)", limit: 400)
    }

    /// Gives a file that root has made to the directory's owner: the daemon is not root, and must be able to read it.
    private func give(_ file: Int32, toOwnerOf folder: Int32) throws(KillSwitchError) {
        guard geteuid() == 0 else { return }
        var owner = stat()
        // SAFETY: fstat(2) fills the structure.
        try check(unsafe fstat(folder, &owner), "fstat", directory)
        try check(fchown(file, owner.st_uid, owner.st_gid), "fchown", Self.fileName)
    }

    private func open(_ path: String, _ flags: Int32, at folder: Int32) throws(KillSwitchError) -> Int32 {
        // SAFETY: openat(2) reads the string, which lives through the call.
        let descriptor = unsafe openat(folder, path, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        return descriptor
    }

    private func write(_ bytes: [UInt8], to file: Int32) throws(KillSwitchError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: write(2) reads at most as many bytes as the buffer holds.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", Self.fileName) }
            rest = rest.dropFirst(count)
        }
    }

    private func check(_ result: Int32, _ call: String, _ path: String) throws(KillSwitchError) {
        guard result == 0 else { throw failure(call, path) }
    }

    private func failure(_ call: String, _ path: String) -> KillSwitchError {
        KillSwitchError(call: call, path: path == directory ? path : directory + "/" + path, code: errno)
    }
}

/// Why the kill switch could not be looked at, thrown or taken back.
public struct KillSwitchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, such as `open`.
    public let call: String
    /// The file or directory.
    public let path: String
    /// The error number (`errno(3)`).
    public let code: Int32

    /// What failed, where and why.
    public var description: String { "\(path): \(call): \(errnoText(code))" }
}
