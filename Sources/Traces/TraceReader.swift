public import Signals

/// Reads a trace from its bytes: one file, or several one behind the other.
///
/// It reads every whole record before a cut. Damage is a ``TraceProblem``, and whoever asks again gets what the next key
/// record, or the next file, begins. Any bytes are taken: the worst is a problem.
public struct TraceReader {
    /// What was read.
    public enum Item: Equatable, Sendable {
        /// A file begins.
        case file(TraceHeader)
        /// A frame, now in ``TraceReader/frame``.
        case frame
        /// What became of an intent, between two frames.
        case event(LeaseEvent, at: MonotonicTime)
        /// What the ladder was told beside the frames that follow.
        case circumstances(TraceCircumstances)
    }

    /// How a trace ends.
    public enum Ending: Equatable, Sendable {
        /// With an end record: it was closed in good order.
        case complete
        /// Between two records, without an end record: its writer did not close it, or all the rest was cut off.
        case open
        /// Within a record, of which so many bytes are there.
        case cut(bytes: Int)
    }

    /// The frame of the last ``Item/frame``.
    public var frame: Frame { decoder?.frame ?? empty }
    /// Frames that the writer left out so far, since it could not keep up.
    public var lost: UInt64 { decoder?.lost ?? 0 }
    /// The header of the file being read; `nil` before the first.
    public private(set) var header: TraceHeader?
    /// How the trace ends; `nil` until the end is reached.
    public private(set) var ending: Ending?
    /// The next byte to be read.
    public private(set) var offset = 0

    private let bytes: [UInt8]
    private let empty = Frame(hostCPUs: 1)
    private var decoder: TraceDecoder?
    private var isEnded = false
    private var mustResume = false
    private var recordStart = 0

    /// A reader of some bytes.
    ///
    /// - Parameter bytes: The bytes of one file, or of several one behind the other.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads on.
    ///
    /// - Returns: What was read, or `nil` at the end.
    /// - Throws: ``TraceProblem``; reading may go on after it.
    public mutating func next() throws(TraceProblem) -> Item? {
        if mustResume { resume() }
        guard ending == nil else { return nil }
        do throws(TraceProblem) {
            return try read()
        } catch {
            mustResume = true
            offset = recordStart
            throw error
        }
    }

    private mutating func read() throws(TraceProblem) -> Item? {
        while offset < bytes.count {
            recordStart = offset
            if header == nil || isEnded || bytes[offset] == TraceFormat.magic[0] {
                guard let item = try file() else { return nil }
                return item
            }
            switch TraceFormat.record(in: bytes, at: offset) {
            case .bad(let reason): throw TraceProblem(offset: offset, reason)
            case .partial: return try cut()
            case .record(let kind, let payload):
                var cursor = TraceCursor(bytes, payload)
                defer { offset = payload.upperBound }
                switch kind {
                case .header: throw TraceProblem(offset: offset, "a header that no magic precedes")
                case .key: try decoder?.key(&cursor)
                case .tick: try decoder?.tick(&cursor)
                case .event:
                    let time = MonotonicTime(nanoseconds: try cursor.number())
                    let event = try LeaseEvent(&cursor)
                    guard cursor.left == 0 else { throw cursor.problem("\(cursor.left) bytes behind the event") }
                    return .event(event, at: time)
                case .circumstances: return .circumstances(try TraceCircumstances(&cursor))
                case .end:
                    guard payload.isEmpty else { throw cursor.problem("an end that says more") }
                    isEnded = true
                    continue
                }
                return .frame
            }
        }
        ending = isEnded ? .complete : .open
        return nil
    }

    /// Reads the magic and the header of a file.
    private mutating func file() throws(TraceProblem) -> Item? {
        let left = bytes.count - offset
        let length = min(left, TraceFormat.magic.count)
        guard bytes[offset..<offset + length] == TraceFormat.magic[..<length] else {
            throw TraceProblem(offset: offset, isEnded ? "bytes behind the end" : "not a trace of Quell: no magic")
        }
        guard left > length else { return try cut() }
        switch TraceFormat.record(in: bytes, at: offset + length) {
        case .bad(let reason): throw TraceProblem(offset: offset + length, reason)
        case .partial: return try cut()
        case .record(.header, let payload):
            var cursor = TraceCursor(bytes, payload)
            let header = try TraceHeader(&cursor)
            guard cursor.left == 0 else { throw cursor.problem("\(cursor.left) bytes behind the header") }
            self.header = header
            decoder = TraceDecoder(header)
            isEnded = false
            offset = payload.upperBound
            return .file(header)
        case .record: throw TraceProblem(offset: offset + length, "the magic is not followed by a header")
        }
    }

    /// Ends at a record that is not whole; where a key record or a file follows, its length was damaged.
    private mutating func cut() throws(TraceProblem) -> Item? {
        guard resumption(after: offset) == nil else {
            throw TraceProblem(offset: offset, "the record's length leads beyond the end")
        }
        ending = .cut(bytes: bytes.count - offset)
        return nil
    }

    /// Goes to the next key record or file behind the damage, or to the end.
    private mutating func resume() {
        mustResume = false
        if let next = resumption(after: offset) {
            offset = next
        } else {
            ending = .cut(bytes: bytes.count - offset)
        }
    }

    /// Where reading may go on behind an offset: a key record, where there is a header to read it by, or a file.
    ///
    /// Of what looks like one and is none only so much is looked at, since each may cost a checksum over all the rest.
    private func resumption(after offset: Int) -> Int? {
        let head = TraceFormat.headLength
        var index = offset + 1
        var tries = 64
        while index + TraceFormat.magic.count <= bytes.count, tries > 0 {
            let isMagic = matches(TraceFormat.magic, at: index)
            let isMarker = !isMagic && header != nil && index - head > offset && matches(TraceFormat.marker, at: index)
            if isMagic, case .record(.header, _) = TraceFormat.record(in: bytes, at: index + TraceFormat.magic.count) {
                return index
            }
            if isMarker, case .record(.key, _) = TraceFormat.record(in: bytes, at: index - head) { return index - head }
            if isMagic || isMarker { tries -= 1 }
            index += 1
        }
        return nil
    }

    private func matches(_ pattern: [UInt8], at offset: Int) -> Bool {
        // The first byte differs nearly everywhere.
        guard bytes[offset] == pattern[0] else { return false }
        return bytes[offset..<offset + pattern.count] == pattern[...]
    }
}
