import Foundation
import Signals

/// One line of the ledger: what happened to a lease.
///
/// Each record of a lease holds the whole lease, so that a line lost to the disk takes no other's meaning with it.
struct LedgerRecord: Equatable, Codable {
    /// The format that is written and the newest that is read.
    static let version = 2

    /// What happened.
    enum Kind: String, Codable {
        /// The head of a file: the next lease number.
        case head
        /// A lease was opened; its first value is pending.
        case open
        /// Another value is pending.
        case change
        /// The pending value is in force.
        case applied
        /// The lease has ended.
        case closed
    }

    /// The format.
    var v = Self.version
    /// What happened.
    var kind: Kind
    /// The next lease number, in a head.
    var next: UInt64?
    /// The lease as it is now, in `open`, `change` and `applied`.
    var lease: Lease?
    /// The lease that ended, in `closed`.
    var id: UInt64?
    /// How it ended, in `closed`.
    var end: String?

    /// The line: the checksum of the JSON text in hexadecimal digits, a space, the text, a line feed.
    func line() throws(LedgerError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text: Data
        do { text = try encoder.encode(self) } catch { throw .encoding("\(error)") }
        let digits = String(CRC32C.checksum(text), radix: 16)
        let prefix = String(repeating: "0", count: 8 - digits.utf8.count) + digits + " "
        return Array(prefix.utf8) + text + [UInt8(ascii: "\n")]
    }

    /// What a line without its line feed says.
    enum Reading: Equatable {
        case record(LedgerRecord)
        case damaged
        case newer(Int)
    }

    /// Reads a line without its line feed.
    static func read(_ line: ArraySlice<UInt8>) -> Reading {
        guard line.count > 9, line[line.startIndex + 8] == UInt8(ascii: " ") else { return .damaged }
        let digits = String(decoding: line.prefix(8), as: UTF8.self)
        let text = line.dropFirst(9)
        guard digits.utf8.first != UInt8(ascii: "+"), let sum = UInt32(digits, radix: 16),
            sum == CRC32C.checksum(text)
        else { return .damaged }
        let decoder = JSONDecoder()
        let data = Data(text)
        guard let format = try? decoder.decode(Format.self, from: data) else { return .damaged }
        if format.v > version { return .newer(format.v) }
        guard (1...version).contains(format.v), let record = try? decoder.decode(Self.self, from: data) else {
            return .damaged
        }
        return record.isWhole ? .record(record) : .damaged
    }

    /// Whether it holds what its kind needs.
    private var isWhole: Bool {
        switch kind {
        case .head: next != nil
        case .open, .change, .applied: lease != nil
        case .closed: id != nil
        }
    }

    private struct Format: Decodable { var v: Int }
}
