import Glibc

/// The real file system.
struct SystemFiles: LedgerFiles {
    func makeDirectory(_ path: String) throws(LedgerError) {
        // SAFETY: mkdir(2) and open(2) read the string, which lives through the call.
        guard unsafe Glibc.mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return }
            throw Self.failure("mkdir", path)
        }
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", parent) }
        defer { close(descriptor) }
        try synchronize(descriptor)
    }

    func openDirectory(_ path: String) throws(LedgerError) -> Int32 {
        // SAFETY: open(2) reads the string, which lives through the call; fstat(2) fills the structure.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ELOOP || errno == ENOTDIR { throw .notPlain(path: path) }
            throw Self.failure("open", path)
        }
        var facts = stat()
        if unsafe fstat(descriptor, &facts) == 0, facts.st_mode & 0o077 != 0, fchmod(descriptor, 0o700) != 0 {
            let error = Self.failure("fchmod", path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    func open(_ name: String, in directory: Int32, _ opening: LedgerOpening) throws(LedgerError) -> Int32? {
        // O_NONBLOCK: a pipe that somebody put in the file's place must not hold the daemon up.
        let always = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let flags =
            switch opening {
            case .existing: O_RDWR | always
            case .made: O_RDWR | O_CREAT | always
            case .fresh: O_RDWR | O_CREAT | O_TRUNC | always
            }
        // SAFETY: openat(2) reads the string, which lives through the call; fstat(2) fills the structure.
        var descriptor = unsafe openat(directory, name, flags, 0o600)
        if descriptor < 0, errno == EROFS, opening != .fresh {
            // What can be read can be given back, though no end of it can be noted.
            descriptor = unsafe openat(directory, name, O_RDONLY | always)
        }
        guard descriptor >= 0 else {
            if errno == ENOENT, opening == .existing { return nil }
            if errno == ELOOP || errno == EISDIR || errno == ENXIO { throw .notPlain(path: name) }
            throw Self.failure("open", name)
        }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notPlain(path: name)
        }
        if facts.st_mode & 0o177 != 0, fchmod(descriptor, 0o600) != 0, errno != EROFS {
            let error = Self.failure("fchmod", name)
            close(descriptor)
            throw error
        }
        giveToOwner(of: directory, descriptor, facts)
        return descriptor
    }

    /// Gives a file that root has made to the directory's owner: the daemon is not root, and must be able to go on with
    /// a ledger that an operator's `quell release` wrote anew.
    private func giveToOwner(of directory: Int32, _ file: Int32, _ facts: stat) {
        var owner = stat()
        // SAFETY: fstat(2) fills the structure.
        guard geteuid() == 0, unsafe fstat(directory, &owner) == 0 else { return }
        if owner.st_uid != facts.st_uid || owner.st_gid != facts.st_gid {
            // Where it cannot be given away the daemon says that it cannot be opened; nothing is lost by it.
            _ = fchown(file, owner.st_uid, owner.st_gid)
        }
    }

    func lock(_ file: Int32) throws(LedgerError) -> Bool {
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw Self.failure("flock", "ledger.lock") }
        }
        return true
    }

    func read(_ file: Int32, limit: Int) throws(LedgerError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            // SAFETY: pread(2) writes at most as many bytes as the buffer holds.
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe pread(file, buffer.baseAddress, buffer.count, off_t(bytes.count))
            }
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw Self.failure("read", "ledger") }
                continue
            }
            bytes += block.prefix(count)
            if bytes.count > limit { return nil }
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, to file: Int32, at offset: Int) throws(LedgerError) -> Int {
        while true {
            // SAFETY: pwrite(2) reads at most as many bytes as the buffer holds.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(file, buffer.baseAddress, buffer.count, off_t(offset))
            }
            if count >= 0 { return count }
            guard errno == EINTR else { throw Self.failure("write", "ledger") }
        }
    }

    func synchronize(_ file: Int32) throws(LedgerError) {
        // After a failed fsync the kernel may drop the pages and report success the next time, so it is not repeated:
        // the ledger is written anew instead.
        guard fsync(file) == 0 else { throw Self.failure("fsync", "ledger") }
    }

    func rename(_ name: String, to other: String, in directory: Int32) throws(LedgerError) {
        // SAFETY: renameat(2) reads the strings, which live through the call.
        guard unsafe renameat(directory, name, directory, other) == 0 else { throw Self.failure("rename", other) }
    }

    func close(_ file: Int32) {
        _ = Glibc.close(file)
    }

    /// The error that `errno` stands for.
    private static func failure(_ call: String, _ path: String) -> LedgerError {
        switch errno {
        case ENOSPC, EDQUOT: .diskFull(path: path)
        case EROFS: .readOnly(path: path)
        case let code: .io(call: call, path: path, code: code)
        }
    }
}

/// The words of an `errno(3)`; may be asked on any thread, unlike `strerror(3)`.
package func errnoText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // SAFETY: strerror_r(3) writes at most as many bytes as the buffer holds, closed by a zero.
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
