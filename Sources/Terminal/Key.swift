/// A key that was pressed.
public enum Key: Equatable, Sendable {
    /// A printable character.
    case character(Character)
    /// An arrow key.
    case up, down, left, right
    /// A key that moves far.
    case pageUp, pageDown, home, end
    /// Return, the key that deletes backwards, tabulator, escape.
    case enter, backspace, tab, escape
    /// Control-C, control-Z and control-L.
    case interrupt, suspend, redraw
}

/// Turns the bytes of a terminal into keys.
///
/// It knows UTF-8, control characters and the escape sequences of cursor keys (ECMA-48 and xterm, both `ESC [` and
/// `ESC O`). What it does not know is dropped whole.
public struct KeyDecoder: Sendable {
    /// Bytes that are not yet a key.
    private var waiting: [UInt8] = []
    /// Sequences longer than this are noise.
    private static let longestSequence = 16

    /// A decoder that has seen nothing.
    public init() {}

    /// Whether an escape was read of which nobody can tell yet whether it is a key or begins a sequence.
    public var isUndecided: Bool { !waiting.isEmpty }

    /// The keys that are complete with these bytes.
    ///
    /// - Parameter bytes: The bytes that were read.
    /// - Returns: The keys, in order.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> [Key] {
        waiting += bytes
        var keys: [Key] = []
        while let (key, length) = Self.first(in: waiting) {
            waiting.removeFirst(length)
            if let key { keys.append(key) }
        }
        return keys
    }

    /// The keys of bytes to which nothing more came: a lone escape is the escape key, any other rest is dropped.
    ///
    /// - Returns: The keys.
    public mutating func settle() -> [Key] {
        defer { waiting = [] }
        return waiting == [0x1b] ? [.escape] : []
    }

    /// The first key and its length in bytes, the key `nil` for one to be dropped; `nil` where more bytes are needed.
    private static func first(in bytes: [UInt8]) -> (Key?, Int)? {
        guard let byte = bytes.first else { return nil }
        switch byte {
        case 0x1b: return sequence(bytes)
        case 0x03: return (.interrupt, 1)
        case 0x1a: return (.suspend, 1)
        case 0x0c: return (.redraw, 1)
        case 0x09: return (.tab, 1)
        case 0x0a, 0x0d: return (.enter, 1)
        case 0x08, 0x7f: return (.backspace, 1)
        case 0x20..<0x7f: return (.character(Character(Unicode.Scalar(byte))), 1)
        case 0xc2...0xf4: return scalar(bytes, length: byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4)
        default: return (nil, 1)
        }
    }

    private static func scalar(_ bytes: [UInt8], length: Int) -> (Key?, Int)? {
        let isTail = { (byte: UInt8) in byte & 0xc0 == 0x80 }
        let tail = bytes.dropFirst().prefix(length - 1)
        if let bad = tail.firstIndex(where: { !isTail($0) }) { return (nil, bad) }
        guard tail.count == length - 1 else { return nil }
        guard let character = String(validating: bytes.prefix(length), as: UTF8.self)?.first else {
            return (nil, length)
        }
        return (.character(character), length)
    }

    private static func sequence(_ bytes: [UInt8]) -> (Key?, Int)? {
        guard bytes.count > 1 else { return nil }
        guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else {
            // An escape, then a key of its own.
            return (.escape, 1)
        }
        guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7e).contains($0) }) else {
            return bytes.count > longestSequence ? (nil, bytes.count) : nil
        }
        let number = bytes[2..<end].prefix { $0 != UInt8(ascii: ";") }
        return (named(bytes[end], number: String(decoding: number, as: UTF8.self)), end + 1)
    }

    private static func named(_ final: UInt8, number: String) -> Key? {
        switch (final, number) {
        case (UInt8(ascii: "A"), _): .up
        case (UInt8(ascii: "B"), _): .down
        case (UInt8(ascii: "C"), _): .right
        case (UInt8(ascii: "D"), _): .left
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): .home
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): .end
        case (UInt8(ascii: "~"), "5"): .pageUp
        case (UInt8(ascii: "~"), "6"): .pageDown
        case (UInt8(ascii: "~"), "3"): .backspace
        default: nil
        }
    }
}
