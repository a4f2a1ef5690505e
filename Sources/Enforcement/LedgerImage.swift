import Signals

/// What a ledger says: the open leases and the next number.
///
/// It is pure; ``Ledger`` keeps it in step with the disk.
package struct LedgerImage: Equatable {
    /// The open leases by number.
    var leases: [UInt64: Lease] = [:]
    /// The number of the next lease.
    var next: UInt64 = 1

    /// Takes in one record.
    mutating func apply(_ record: LedgerRecord) {
        switch record.kind {
        case .head:
            next = max(next, record.next ?? 1)
        case .open, .change, .applied:
            guard let lease = record.lease else { return }
            leases[lease.id] = lease
            next = max(next, lease.id &+ 1)
        case .closed:
            guard let id = record.id else { return }
            leases[id] = nil
            next = max(next, id &+ 1)
        }
    }

    /// The shortest file that says the same.
    package func encoded() throws(LedgerError) -> [UInt8] {
        var bytes = try LedgerRecord(kind: .head, next: next).line()
        for lease in leases.values.sorted(by: { $0.id < $1.id }) {
            bytes += try LedgerRecord(kind: lease.pending == nil ? .applied : .open, lease: lease).line()
        }
        return bytes
    }
}

/// What reading a ledger's bytes gave.
package struct LedgerReading: Equatable {
    /// What the good lines say.
    package var image = LedgerImage()
    /// What could not be read.
    package var damage: [LedgerDamage] = []
    /// The bytes that could not be read, a line each.
    var damagedBytes: [UInt8] = []
    /// Whether the file ends with a whole line, so that another may follow.
    package var endsWhole = true

    /// Reads a whole file: bad lines are skipped and noted.
    ///
    /// A last line without line feed counts where its checksum is right: a lease too many is safer than one too few.
    package init(_ bytes: [UInt8], path: String) throws(LedgerError) {
        var start = 0
        var number = 0
        var goodLine = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            endsWhole = end < bytes.count
            number += 1
            switch LedgerRecord.read(bytes[start..<end]) {
            case .record(let record):
                image.apply(record)
                goodLine = number
            case .newer(let version):
                throw .unsupportedVersion(path: path, found: version)
            case .damaged:
                damage.append(LedgerDamage(kind: .tail, line: number, offset: start, length: end - start))
                damagedBytes += bytes[start..<end] + [UInt8(ascii: "\n")]
            }
            start = end + 1
        }
        for index in damage.indices where damage[index].line < goodLine { damage[index].kind = .line }
    }
}
