public import HostReaders

/// One parser, with real input to be damaged and the promises that it must keep on any bytes.
///
/// A parser joins the fuzz run with one entry in ``all``, or in a list that ``all`` adds up.
public struct FuzzParser: Sendable, CustomStringConvertible {
    /// Its name on the command line, such as `cpu.stat`.
    public let name: String
    /// Real inputs, each of which the parser takes.
    public let seeds: [[UInt8]]
    /// Words that mean something to the parser, to be put in at random.
    public let words: [[UInt8]]
    /// Whether its input is binary, with integers to be overwritten, rather than lines of text.
    public let isBinary: Bool
    /// Its part of a run, relative to the other parsers: 1,000 for one that needs about a microsecond.
    public let weight: Int
    /// The longest input that it is given, in bytes.
    public let longest: Int
    /// Its name.
    public var description: String { name }
    /// Feeds it one input.
    public let feed: @Sendable ([UInt8]) -> FuzzOutcome

    /// A parser of any shape.
    ///
    /// - Parameters:
    ///   - name: Its name on the command line.
    ///   - seeds: Real inputs.
    ///   - words: Words that mean something to it.
    ///   - isBinary: Whether its input is binary.
    ///   - weight: Its part of a run.
    ///   - longest: The longest input that it is given, in bytes.
    ///   - feed: Feeds it one input.
    public init(
        _ name: String,
        seeds: [[UInt8]],
        words: [String] = [],
        isBinary: Bool = false,
        weight: Int = 1_000,
        longest: Int = 1 << 20,
        feed: @escaping @Sendable ([UInt8]) -> FuzzOutcome
    ) {
        self.name = name
        self.seeds = seeds
        self.words = words.map { Array($0.utf8) }
        self.isBinary = isBinary
        self.weight = weight
        self.longest = longest
        self.feed = feed
    }

    /// A parser of a whole kernel file, which throws ``Malformed`` where the file makes no sense.
    ///
    /// Kept promises: the place named is within the file, and every number told was whole in it.
    ///
    /// - Parameters:
    ///   - name: Its name on the command line.
    ///   - seeds: Real files.
    ///   - weight: Its part of a run.
    ///   - read: Parses the file and tells the witness each number that it found there.
    /// - Returns: The parser.
    public static func file(
        _ name: String,
        _ seeds: [String],
        weight: Int = 1_000,
        _ read: @escaping @Sendable (Span<UInt8>, inout Witness) throws(Malformed) -> Void
    ) -> FuzzParser {
        FuzzParser(name, seeds: seeds.map { Array($0.utf8) }, weight: weight) { bytes in
            var seen = Witness(bytes.count)
            do throws(Malformed) {
                try read(bytes.span, &seen)
                return seen.judge(bytes, malformed: nil)
            } catch {
                return seen.judge(bytes, malformed: error)
            }
        }
    }

    /// A parser that hands out a kernel file line by line and notes the first line that makes no sense.
    ///
    /// Kept promises: those of ``file(_:_:weight:_:)``, and it ends after at most as many lines as the file has.
    ///
    /// - Parameters:
    ///   - name: Its name on the command line.
    ///   - seeds: Real files.
    ///   - weight: Its part of a run.
    ///   - read: Goes through the file for as long as ``Witness/line()`` says; returns what made no sense.
    /// - Returns: The parser.
    public static func lines(
        _ name: String,
        _ seeds: [String],
        weight: Int = 1_000,
        _ read: @escaping @Sendable (Span<UInt8>, inout Witness) -> Malformed?
    ) -> FuzzParser {
        FuzzParser(name, seeds: seeds.map { Array($0.utf8) }, weight: weight) { bytes in
            var seen = Witness(bytes.count)
            let malformed = read(bytes.span, &seen)
            return seen.judge(bytes, malformed: malformed)
        }
    }

    /// A parser of text that is set up rarely, so that it may take a `String`.
    ///
    /// - Parameters:
    ///   - name: Its name on the command line.
    ///   - seeds: Real texts.
    ///   - words: Words that mean something to it.
    ///   - weight: Its part of a run.
    ///   - take: Whether the parser made sense of it.
    /// - Returns: The parser.
    public static func text(
        _ name: String,
        _ seeds: [String],
        words: [String] = [],
        weight: Int = 500,
        _ take: @escaping @Sendable (String) -> Bool
    ) -> FuzzParser {
        FuzzParser(name, seeds: seeds.map { Array($0.utf8) }, words: words, weight: weight, longest: 1 << 16) {
            take(String(decoding: $0, as: UTF8.self)) ? .taken : .refused
        }
    }

    /// A parser of a binary message, such as a netlink dump or a perf group.
    ///
    /// - Parameters:
    ///   - name: Its name on the command line.
    ///   - seeds: Real messages.
    ///   - weight: Its part of a run.
    ///   - take: Feeds it one message.
    /// - Returns: The parser.
    public static func binary(
        _ name: String,
        _ seeds: [[UInt8]],
        weight: Int = 1_000,
        _ take: @escaping @Sendable (Span<UInt8>) -> FuzzOutcome
    ) -> FuzzParser {
        FuzzParser(name, seeds: seeds, isBinary: true, weight: weight, longest: 1 << 16) { take($0.span) }
    }
}
