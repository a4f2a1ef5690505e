/// Takes a trace apart while it arrives, record by record.
///
/// So whoever stores it can begin a new file at the right byte. It reads no record's payload.
public struct TraceSplitter: Sendable {
    /// A part of ``bytes``.
    public enum Piece: Equatable, Sendable {
        /// The magic and the header of a file.
        case file(Range<Int>)
        /// A frame.
        case frame(Range<Int>)
        /// Any other record; `isEnd` for the one that ends a file.
        case other(Range<Int>, isEnd: Bool)
    }

    /// The bytes that have come and were not dropped.
    public private(set) var bytes: [UInt8] = []
    private var offset = 0

    /// A splitter that has nothing.
    public init() {}

    /// Takes the next bytes and drops those that were handed out.
    ///
    /// - Parameter more: The next bytes.
    public mutating func take(_ more: [UInt8]) {
        bytes.removeFirst(offset)
        offset = 0
        bytes.append(contentsOf: more)
    }

    /// The next whole record.
    ///
    /// - Returns: Where it is in ``bytes`` until more is taken; `nil` where none is whole.
    /// - Throws: ``TraceProblem`` where the bytes are no trace.
    public mutating func next() throws(TraceProblem) -> Piece? {
        guard offset < bytes.count else { return nil }
        let start = offset
        let isFile = bytes[start] == TraceFormat.magic[0]
        let record = isFile ? start + TraceFormat.magic.count : start
        guard record < bytes.count else { return nil }
        if isFile, bytes[start..<record] != TraceFormat.magic[...] { throw TraceProblem(offset: start, "no magic") }
        switch TraceFormat.record(in: bytes, at: record) {
        case .partial: return nil
        case .bad(let reason): throw TraceProblem(offset: record, reason)
        case .record(let kind, let payload):
            offset = payload.upperBound
            let range = start..<offset
            switch kind {
            case .header:
                guard isFile else { throw TraceProblem(offset: start, "a header that no magic precedes") }
                return .file(range)
            case .key, .tick: return .frame(range)
            case .event, .circumstances: return .other(range, isEnd: false)
            case .end: return .other(range, isEnd: true)
            }
        }
    }
}
