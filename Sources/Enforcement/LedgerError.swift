/// Why the ledger could not be opened or written.
///
/// Whatever it is, nothing may be changed on a VM before it is mended.
public enum LedgerError: Error, Equatable, Sendable {
    /// Another process holds it: a second daemon, or a release by hand while the daemon runs.
    case locked(path: String, pid: Int32?)
    /// It is a symbolic link, a device or anything else but a plain file or directory.
    case notPlain(path: String)
    /// A newer Quell wrote it.
    case unsupportedVersion(path: String, found: Int)
    /// It is larger than any ledger can be.
    case tooLarge(path: String)
    /// The disk, the quota or the inodes are used up.
    case diskFull(path: String)
    /// The file system may only be read.
    case readOnly(path: String)
    /// A system call failed: its name and its `errno(3)`.
    case io(call: String, path: String, code: Int32)
    /// There is no open lease of this number.
    case unknownLease(UInt64)
    /// A record could not be put into words.
    case encoding(String)
}

extension LedgerError: CustomStringConvertible {
    /// What went wrong and what can be done.
    public var description: String {
        switch self {
        case .locked(let path, let pid):
            "\(path): held by another process\(pid.map { " (pid \($0))" } ?? ""); only one may keep the ledger"
        case .notPlain(let path): "\(path): a symbolic link or no plain file; it is not followed"
        case .unsupportedVersion(let path, let found):
            "\(path): written by a newer Quell (format \(found), this one reads \(LedgerRecord.version))"
        case .tooLarge(let path): "\(path): larger than any ledger can be"
        case .diskFull(let path): "\(path): no space left"
        case .readOnly(let path): "\(path): the file system is read-only"
        case .io(let call, let path, let code): "\(path): \(call) failed: \(errnoText(code))"
        case .unknownLease(let id): "no open lease \(id)"
        case .encoding(let text): "a record cannot be written: \(text)"
        }
    }
}

/// A part of the ledger that could not be read; its bytes are kept in `ledger.damaged`.
public struct LedgerDamage: Equatable, Sendable {
    /// What kind of damage.
    public enum Kind: Equatable, Sendable {
        /// The end of the file: a write that was cut short. Nothing was done on the strength of it.
        case tail
        /// A line with good ones after it: the file was altered or the disk failed.
        case line
    }

    /// What kind of damage.
    public var kind: Kind
    /// The line, from 1.
    public var line: Int
    /// Its first byte in the file.
    public var offset: Int
    /// Its bytes.
    public var length: Int
}
