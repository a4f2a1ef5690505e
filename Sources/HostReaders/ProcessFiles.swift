/// Storage traffic of a process, from `/proc/<pid>/io` (`filesystems/proc`).
///
/// It counts what the process caused at the storage layer; its `syscr` and `syscw` are system calls and no requests.
public struct ProcessIO: Equatable, Sendable {
    /// Bytes fetched from storage.
    public var readBytes: UInt64
    /// Bytes sent to storage, counted when a page is dirtied.
    public var writeBytes: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a line is malformed or missing.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        var read: UInt64?
        var written: UInt64?
        while index < bytes.count {
            let start = index
            if Scan.word("read_bytes", Scan.colon, bytes, &index) {
                read = Scan.field(bytes, &index)
                if read == nil { throw Malformed(at: start) }
            } else if Scan.word("write_bytes", Scan.colon, bytes, &index) {
                written = Scan.field(bytes, &index)
                if written == nil { throw Malformed(at: start) }
            }
            Scan.skipLine(bytes, &index)
        }
        guard let read, let written else { throw Malformed(at: 0) }
        readBytes = read
        writeBytes = written
    }
}

/// The fields that matter of `/proc/<pid>/stat` (`proc(5)`), read after the last `)` since a name may hold anything.
public struct ProcessStat: Equatable, Sendable {
    /// Page faults that needed a read (field 12).
    public var majorFaults: UInt64
    /// Clock ticks in user mode (field 14).
    public var userTicks: UInt64
    /// Clock ticks in the kernel (field 15).
    public var systemTicks: UInt64
    /// Threads (field 20).
    public var threads: UInt64
    /// When it started, in clock ticks since boot (field 22).
    public var startTicks: UInt64
    /// Resident pages (field 24).
    public var residentPages: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a field is malformed or missing.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = bytes.count - 1
        while index >= 0, bytes[index] != UInt8(ascii: ")") { index -= 1 }
        guard index >= 0 else { throw Malformed(at: 0) }
        index += 1
        self.init(after: bytes, &index)
        if index < 0 { throw Malformed(at: 0) }
    }

    /// Reads from field 3 on; leaves `index` below 0 where a field is wrong.
    private init(after bytes: Span<UInt8>, _ index: inout Int) {
        majorFaults = 0
        userTicks = 0
        systemTicks = 0
        threads = 0
        startTicks = 0
        residentPages = 0
        for number in 3...24 {
            var value: UInt64?
            switch number {
            case 12, 14, 15, 20, 22, 24: value = Scan.field(bytes, &index)
            default: value = Scan.skipField(bytes, &index) ? 0 : nil
            }
            guard let value else {
                index = -1
                return
            }
            switch number {
            case 12: majorFaults = value
            case 14: userTicks = value
            case 15: systemTicks = value
            case 20: threads = value
            case 22: startTicks = value
            case 24: residentPages = value
            default: break
            }
        }
    }
}

/// Tasks that run or wait for a CPU, from `/proc/loadavg` (`proc(5)`): far cheaper than `/proc/stat` on a large host.
public struct LoadAverage: Equatable, Sendable {
    /// Tasks running or ready to run at this moment, the reader itself included.
    public var runnable: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is malformed.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        for _ in 0..<3 where !Scan.skipField(bytes, &index) { throw Malformed(at: 0) }
        Scan.skipBlanks(bytes, &index)
        guard let runnable = Scan.number(bytes, &index), Scan.at(UInt8(ascii: "/"), bytes, index) else {
            throw Malformed(at: 0)
        }
        self.runnable = runnable
    }
}
