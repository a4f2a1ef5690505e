internal import HostReaders

/// Watches a parser at work on one input and checks what it says against the bytes.
public struct Witness {
    private var numbers: [UInt64] = []
    private var lines = 0
    private let size: Int
    private var complaint: String?

    /// A witness of an input.
    ///
    /// - Parameter size: Its bytes.
    init(_ size: Int) {
        self.size = size
    }

    /// Notes a number that the parser says stands in the input.
    ///
    /// - Parameters:
    ///   - value: The number; `nil` where the parser found none.
    ///   - scale: What the parser multiplied it by, holding it at the largest number that fits.
    public mutating func number(_ value: UInt64?, times scale: UInt64 = 1) {
        guard let value, value != .max || scale == 1 else { return }
        guard value.isMultiple(of: scale) else {
            complaint = "\(value) is no multiple of \(scale)"
            return
        }
        numbers.append(value / scale)
    }

    /// Notes that something else must hold.
    ///
    /// - Parameters:
    ///   - holds: Whether it does.
    ///   - promise: What was promised.
    public mutating func expect(_ holds: Bool, _ promise: @autoclosure () -> String) {
        if !holds, complaint == nil { complaint = promise() }
    }

    /// Counts a line that the parser handed out.
    ///
    /// - Returns: Whether it may hand out another: it may not give more lines than there are bytes.
    public mutating func line() -> Bool {
        lines += 1
        guard lines > size else { return true }
        complaint = "it gives more lines than the input has bytes"
        return false
    }

    /// What became of the input.
    func judge(_ bytes: [UInt8], malformed: Malformed?) -> FuzzOutcome {
        if let complaint { return .broken(complaint) }
        if let malformed {
            guard (0...bytes.count).contains(malformed.offset) else {
                return .broken("the place \(malformed.offset) is not in the input")
            }
            let error = ReaderError(path: "", malformed: malformed, in: bytes.span)
            guard case .malformed(let line) = error.reason, line.utf8.count <= 360 else {
                return .broken("the line told is longer than 120 bytes")
            }
        }
        for number in numbers where !Self.holds(bytes, number) {
            return .broken("\(number) is told and stands nowhere in the input")
        }
        return malformed == nil ? .taken : .refused
    }

    /// Whether a number stands in the bytes with all its digits, and with something behind them, since a number at the
    /// very end may have been cut.
    static func holds(_ bytes: [UInt8], _ number: UInt64) -> Bool {
        var index = 0
        while index < bytes.count {
            guard isDigit(bytes[index]) else {
                index += 1
                continue
            }
            var value: UInt64 = 0
            var fits = true
            while index < bytes.count, isDigit(bytes[index]) {
                let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, carried) = tens.addingReportingOverflow(UInt64(bytes[index] - UInt8(ascii: "0")))
                if tooLarge || carried { fits = false }
                value = sum
                index += 1
            }
            if fits && value == number && index < bytes.count { return true }
        }
        return false
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
