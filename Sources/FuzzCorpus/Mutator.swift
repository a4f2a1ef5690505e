internal import Signals

/// Makes the inputs of a parser: real ones that are damaged, joined or cut, and bytes at random.
///
/// Input `n` depends on the parser's name, the seed and `n` alone, so that each can be made again by itself.
public struct Mutator {
    /// The input that ``make(_:)`` made last.
    public internal(set) var bytes: [UInt8] = []

    let parser: FuzzParser
    var random: SplitMix64
    private let start: UInt64

    /// Bytes that mean something in kernel text, XML, JSON or YAML.
    static let telling = Array("0123456789 \t\n\r:=-+.,()[]{}<>/\\\"'&#%_~maxKBEe\0\u{7f}".utf8) + [0x80, 0xC3, 0xFF]

    /// Numbers at the edges of what fits, as text.
    static let numbers: [[UInt8]] = [
        "0", "1", "-1", "00000000000000000000001", "255", "256", "65535", "65536", "2147483647", "2147483648",
        "4294967295", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "18446744073709551614", "18446744073709551615", "18446744073709551616", "18446744073709552", "1e9", "0x10",
        "99999999999999999999999999999999999999999999999999", "max", "Unavailable", "Error", "nan", "inf", "",
    ].map { Array($0.utf8) }

    /// Integers at the edges of what fits, as bits.
    static let integers: [UInt64] = [
        0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 19, 20, 32, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffc, 0xffff,
        0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000,
        .max,
    ]

    /// A maker of inputs.
    ///
    /// - Parameters:
    ///   - parser: The parser.
    ///   - seed: Any number; another gives other inputs.
    public init(_ parser: FuzzParser, seed: UInt64) {
        self.parser = parser
        // FNV-1a of the name, so that two parsers do not get the same draws.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in parser.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var first = SplitMix64(seed: seed)
        start = first.next() ^ hash
        random = first
    }

    /// Makes an input.
    ///
    /// - Parameter number: Which one.
    public mutating func make(_ number: UInt64) {
        random = SplitMix64(seed: start ^ (number &* 0xd134_2543_de82_ef95))
        bytes.removeAll(keepingCapacity: true)
        switch below(32) {
        case 0: addRandom(below(80), from: nil)
        case 1: addRandom(below(200), from: Self.telling)
        case 2: addWords(below(12))
        case 3: bytes += parser.seeds[below(parser.seeds.count)]
        case 4, 5, 6:
            splice()
            damage(below(3))
        default:
            bytes += parser.seeds[below(parser.seeds.count)]
            damage(1 + below(4))
        }
        if below(4_096) == 0 { grow(to: below(8) == 0 ? parser.longest + below(2) : 1 << 14) }
        if bytes.count > parser.longest + 1 { bytes.removeSubrange((parser.longest + 1)...) }
    }

    /// A number drawn from 0 up to, and not including, a limit; 0 where there is nothing to choose from.
    mutating func below(_ limit: Int) -> Int {
        limit > 1 ? Int(((random.next() >> 32) &* UInt64(limit)) >> 32) : 0
    }

    /// Adds bytes at random.
    private mutating func addRandom(_ count: Int, from alphabet: [UInt8]?) {
        for _ in 0..<count {
            bytes.append(alphabet.map { $0[below($0.count)] } ?? UInt8(truncatingIfNeeded: random.next() >> 24))
        }
    }

    /// Adds words of the parser and numbers, with marks between them.
    private mutating func addWords(_ count: Int) {
        for _ in 0..<count {
            bytes += below(2) == 0 ? word() : Self.numbers[below(Self.numbers.count)]
            bytes.append(Self.telling[below(Self.telling.count)])
        }
    }

    /// A word of the parser: one from its list, else a piece of a real input.
    private mutating func word() -> [UInt8] {
        if !parser.words.isEmpty, below(2) == 0 { return parser.words[below(parser.words.count)] }
        let seed = parser.seeds[below(parser.seeds.count)]
        let from = below(seed.count)
        return Array(seed[from..<min(seed.count, from + 1 + below(24))])
    }

    /// The beginning of one real input and the end of another.
    private mutating func splice() {
        let first = parser.seeds[below(parser.seeds.count)]
        let second = parser.seeds[below(parser.seeds.count)]
        bytes += first[..<below(first.count + 1)]
        bytes += second[below(second.count + 1)...]
    }

    /// Repeats the input until it has a size.
    private mutating func grow(to size: Int) {
        guard !bytes.isEmpty else { return }
        let piece = bytes
        while bytes.count < size { bytes += piece }
        bytes.removeSubrange(size...)
    }

    /// Damages the input some times over.
    private mutating func damage(_ times: Int) {
        for _ in 0..<times {
            if bytes.isEmpty { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
            if parser.isBinary { damageBinary() } else { damageText() }
        }
    }

    /// Puts a word of the parser in.
    mutating func insertWord(at place: Int) {
        let word = word()
        bytes.insert(contentsOf: word, at: place)
    }
}
