/// How a file of the ledger is opened.
enum LedgerOpening {
    /// As it is; `nil` where there is none.
    case existing
    /// As it is, made where there is none.
    case made
    /// Empty, made where there is none.
    case fresh
}

/// The few things that the ledger asks of a file system, each one step that may fail or be the last.
///
/// Names are within the open directory and links are never followed. The real one is ``SystemFiles``; tests put one in
/// its place that fails or loses power at a chosen step.
protocol LedgerFiles: Sendable {
    /// Makes a directory of mode 0700 whose parent exists, durably; one that exists is left as it is.
    func makeDirectory(_ path: String) throws(LedgerError)
    /// Opens a directory and sees to its mode 0700.
    func openDirectory(_ path: String) throws(LedgerError) -> Int32
    /// Opens a plain file of mode 0600 in a directory.
    func open(_ name: String, in directory: Int32, _ opening: LedgerOpening) throws(LedgerError) -> Int32?
    /// Takes the exclusive lock of a file; `false` where another process has it.
    func lock(_ file: Int32) throws(LedgerError) -> Bool
    /// All bytes of a file of up to `limit` bytes; `nil` where it is larger.
    func read(_ file: Int32, limit: Int) throws(LedgerError) -> [UInt8]?
    /// Writes some of the bytes at an offset and tells how many.
    func write(_ bytes: ArraySlice<UInt8>, to file: Int32, at offset: Int) throws(LedgerError) -> Int
    /// Brings the bytes of a file, or the names of a directory, to the disk.
    func synchronize(_ file: Int32) throws(LedgerError)
    /// Puts a file in the place of another in one step.
    func rename(_ name: String, to other: String, in directory: Int32) throws(LedgerError)
    /// Closes a file or directory and gives up its lock.
    func close(_ file: Int32)
}

/// An open file or directory that is closed with its owner.
struct LedgerHandle: ~Copyable, Sendable {
    /// The file system.
    let files: any LedgerFiles
    /// The descriptor.
    let descriptor: Int32

    deinit { files.close(descriptor) }
}
