/// What can be wrong with a kernel file.
enum Spoiling: CaseIterable {
    /// Nothing in it.
    case empty
    /// One newline.
    case newline
    /// The second half is not written.
    case halfWritten
    /// The second half is zeros, as after a power cut.
    case zeros
    /// The last newline is missing, so that the last number may have been cut.
    case noLastNewline
    /// Lines that end as on other systems.
    case carriageReturns
    /// A NUL byte behind each number.
    case nulBytes
    /// A line of 1 MiB before the others.
    case longLine
    /// Numbers above 2^64.
    case tooLarge
    /// Negative numbers.
    case negative
    /// Words in place of numbers.
    case words
    /// Numbers with a fraction.
    case fractions
    /// Keys of a kernel of the future between the lines.
    case unknownKeys
    /// Every line twice.
    case doubledLines
    /// Lines in the other order.
    case reversedLines
    /// Tabs in place of blanks.
    case tabs
    /// Bytes that are no UTF-8 in every line.
    case bytes
    /// Another file's text.
    case otherFile

    /// The spoiled text of a file.
    func of(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        switch self {
        case .empty: return []
        case .newline: return [0x0A]
        case .halfWritten: return Array(bytes[..<(bytes.count / 2)])
        case .zeros: return bytes[..<(bytes.count / 2)] + [UInt8](repeating: 0, count: bytes.count - bytes.count / 2)
        case .noLastNewline: return Array(bytes.dropLast())
        case .carriageReturns: return bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
        case .nulBytes: return numbers(bytes) { $0 + [0] }
        case .longLine: return [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + [0x0A] + bytes
        case .tooLarge: return numbers(bytes) { _ in Array("18446744073709551616".utf8) }
        case .negative: return numbers(bytes) { [UInt8(ascii: "-")] + $0 }
        case .words: return numbers(bytes) { _ in Array("lots".utf8) }
        case .fractions: return numbers(bytes) { $0 + Array(".5e3".utf8) }
        case .unknownKeys: return Array(("future_key 5\n" + lines.map { $0 + "\nfuture.key 6 7\n" }.joined()).utf8)
        case .doubledLines: return Array(lines.map { "\($0)\n\($0)\n" }.joined().utf8)
        case .reversedLines: return Array(lines.reversed().map { $0 + "\n" }.joined().utf8)
        case .tabs: return bytes.map { $0 == 0x20 ? 0x09 : $0 }
        case .bytes: return bytes.flatMap { $0 == 0x0A ? [0xFF, 0xC0, 0x0A] : [$0] }
        case .otherFile: return Array("MemTotal:       24689764 kB\nMemFree:        23456 kB\n".utf8)
        }
    }

    /// Replaces every number.
    private func numbers(_ bytes: [UInt8], _ change: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var number: [UInt8] = []
        for byte in bytes {
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                number.append(byte)
                continue
            }
            if !number.isEmpty { result += change(number) }
            number = []
            result.append(byte)
        }
        return result + (number.isEmpty ? [] : change(number))
    }
}
