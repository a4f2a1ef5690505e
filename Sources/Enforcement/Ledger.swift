import Glibc
import Signals

/// The leases on disk: an append-only file of checked lines, written and synced before anything is changed.
///
/// The directory holds `ledger` (the lines), `ledger.lock` (held with `flock(2)` while this value lives) and, where
/// damage was found, `ledger.damaged` (the bytes that could not be read). A write that fails midway leaves the file in
/// doubt, so the next one writes it whole, to `ledger.new`, and puts that in its place; so does compaction.
public struct Ledger: ~Copyable, Sendable {
    /// Where a host keeps its ledger.
    public static let defaultDirectory = "/var/lib/quell"

    /// A ledger larger than this is none: a lease is some KiB and compaction starts at 64 KiB.
    private static let largest = 64 << 20
    /// Damaged bytes are added to those of before up to this.
    private static let largestDamaged = 1 << 20

    /// The directory.
    public let path: String
    /// What could not be read when it was opened.
    public private(set) var damage: [LedgerDamage]

    private let files: any LedgerFiles
    private let directory: LedgerHandle
    private let lock: LedgerHandle
    private let compactFrom: Int
    private var file: LedgerHandle?
    private var image: LedgerImage
    private var length: Int
    private var compactAt: Int
    private var inDoubt: Bool
    private var unsaved: [UInt8]
    private var savedAt: Int?

    /// Opens the ledger and reads it; it is made with the first lease.
    ///
    /// - Parameter directory: Its directory, made where its parent exists.
    /// - Throws: ``LedgerError``; ``LedgerError/locked(path:pid:)`` while another process keeps it.
    public init(directory: String = defaultDirectory) throws(LedgerError) {
        try self.init(directory: directory, files: SystemFiles())
    }

    /// Opens the ledger on a given file system.
    init(directory path: String, files: any LedgerFiles, compactFrom: Int = 65_536) throws(LedgerError) {
        do { try files.makeDirectory(path) } catch .readOnly {}
        let directory = LedgerHandle(files: files, descriptor: try files.openDirectory(path))
        let lock = try Self.take(path, files: files, in: directory.descriptor)
        let descriptor = try files.open("ledger", in: directory.descriptor, .existing)
        let file = descriptor.map { LedgerHandle(files: files, descriptor: $0) }
        var bytes: [UInt8] = []
        if let descriptor {
            guard let all = try files.read(descriptor, limit: Self.largest) else {
                throw .tooLarge(path: path + "/ledger")
            }
            bytes = all
        }
        let reading = try LedgerReading(bytes, path: path + "/ledger")
        self.path = path
        self.files = files
        self.directory = directory
        self.lock = lock
        self.file = file
        self.compactFrom = compactFrom
        compactAt = compactFrom
        image = reading.image
        damage = reading.damage
        unsaved = reading.damagedBytes
        length = bytes.count
        inDoubt = !damage.isEmpty || !reading.endsWhole
        // Where it cannot be mended now, the leases in it can still be given back; the next write tries again.
        if inDoubt { try? rewrite(image) }
    }

    /// The open leases, oldest first.
    public var leases: [Lease] { image.leases.values.sorted { $0.id < $1.id } }

    /// Opens the leases of a hold and notes what is about to be set under others of it, in one write: after this the
    /// pending values may be set.
    ///
    /// - Parameters:
    ///   - fresh: Leases to open, with their values pending; of a hold that is new they have no number of a hold yet, and
    ///     those of one key are one hold.
    ///   - changed: Open leases of the hold, each with its value pending or its term renewed.
    /// - Returns: The leases that were opened, with their numbers.
    /// - Throws: ``LedgerError``; then nothing may be set.
    public mutating func write(opening fresh: [Lease], changing changed: [Lease] = []) throws(LedgerError) -> [Lease] {
        if let lease = changed.first(where: { image.leases[$0.id] == nil }) { throw .unknownLease(lease.id) }
        var opened = fresh
        var numbers: [HoldKey: UInt64] = [:]
        for index in opened.indices {
            opened[index].id = image.next + UInt64(index)
            guard opened[index].hold == 0 else { continue }
            opened[index].hold = numbers[opened[index].key] ?? opened[index].id
            numbers[opened[index].key] = opened[index].hold
        }
        try append(
            opened.map { LedgerRecord(kind: .open, lease: $0) } + changed.map { LedgerRecord(kind: .change, lease: $0) }
        )
        return opened
    }

    /// Notes that the pending values are in force.
    ///
    /// - Parameter ids: The leases.
    /// - Returns: The leases as they are now.
    /// - Throws: ``LedgerError``; then the values stay noted as pending.
    public mutating func applied(_ ids: [UInt64]) throws(LedgerError) -> [Lease] {
        var leases: [Lease] = []
        for id in ids {
            guard var lease = image.leases[id] else { throw .unknownLease(id) }
            lease.set = lease.pending ?? lease.set
            lease.pending = nil
            leases.append(lease)
        }
        try append(leases.map { LedgerRecord(kind: .applied, lease: $0) })
        return leases
    }

    /// Notes that leases have ended and nothing of them is in force.
    ///
    /// - Parameter ends: The leases and how each ended.
    /// - Throws: ``LedgerError``; then they stay open.
    public mutating func close(_ ends: [(id: UInt64, end: LeaseEnd)]) throws(LedgerError) {
        if let unknown = ends.first(where: { image.leases[$0.id] == nil }) { throw .unknownLease(unknown.id) }
        try append(ends.map { LedgerRecord(kind: .closed, id: $0.id, end: $0.end.text) })
    }

    /// Takes the lock, or tells who has it.
    private static func take(
        _ path: String,
        files: any LedgerFiles,
        in directory: Int32
    ) throws(LedgerError) -> LedgerHandle {
        guard let descriptor = try files.open("ledger.lock", in: directory, .made) else {
            throw .io(call: "open", path: path + "/ledger.lock", code: ENOENT)
        }
        let lock = LedgerHandle(files: files, descriptor: descriptor)
        guard try files.lock(descriptor) else {
            let text = (try? files.read(descriptor, limit: 64)).flatMap { $0 }
            let words = text.map { String(decoding: $0.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self) }
            throw .locked(path: path, pid: words.flatMap { Int32($0) })
        }
        // Of one width, so that it covers the one before. The lock is what counts: a full disk must not stand in the way.
        let pid = String(getpid())
        let text = Array((pid + String(repeating: " ", count: max(1, 15 - pid.utf8.count)) + "\n").utf8)
        _ = try? files.write(text[...], to: descriptor, at: 0)
        return lock
    }

    /// Writes records so that they outlive a loss of power, then takes them in.
    private mutating func append(_ records: [LedgerRecord]) throws(LedgerError) {
        if records.isEmpty { return }
        var lines: [UInt8] = []
        var next = image
        for record in records {
            lines += try record.line()
            next.apply(record)
        }
        if let descriptor = file?.descriptor, !inDoubt {
            inDoubt = true
            try write(lines, to: descriptor, at: length)
            try files.synchronize(descriptor)
            inDoubt = false
            length += lines.count
            image = next
            // The records are safe; a compaction that fails is tried again with a later one.
            if length >= compactAt { try? rewrite(image) }
        } else {
            try rewrite(next)
            image = next
        }
    }

    /// Writes the file whole beside the old one and puts it in its place.
    private mutating func rewrite(_ image: LedgerImage) throws(LedgerError) {
        try saveDamaged()
        let bytes = try image.encoded()
        guard let descriptor = try files.open("ledger.new", in: directory.descriptor, .fresh) else {
            throw .io(call: "open", path: path + "/ledger.new", code: ENOENT)
        }
        let fresh = LedgerHandle(files: files, descriptor: descriptor)
        try write(bytes, to: descriptor, at: 0)
        try files.synchronize(descriptor)
        inDoubt = true
        try files.rename("ledger.new", to: "ledger", in: directory.descriptor)
        file = consume fresh
        length = bytes.count
        compactAt = max(compactFrom, 4 * bytes.count)
        try files.synchronize(directory.descriptor)
        inDoubt = false
    }

    /// Keeps the bytes that could not be read before they are cut.
    private mutating func saveDamaged() throws(LedgerError) {
        guard !unsaved.isEmpty else { return }
        let name = "ledger.damaged"
        guard let descriptor = try files.open(name, in: directory.descriptor, .made) else { return }
        let handle = LedgerHandle(files: files, descriptor: descriptor)
        // A try that failed midway is written over by the next.
        let old = try files.read(handle.descriptor, limit: Self.largestDamaged)?.count ?? 0
        let offset = savedAt ?? old
        savedAt = offset
        try write(unsaved, to: handle.descriptor, at: offset)
        try files.synchronize(handle.descriptor)
        unsaved = []
    }

    /// Writes all bytes.
    private func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) throws(LedgerError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try files.write(rest, to: descriptor, at: offset + (bytes.count - rest.count))
            guard count > 0 else { throw .diskFull(path: path) }
            rest = rest.dropFirst(count)
        }
    }
}
