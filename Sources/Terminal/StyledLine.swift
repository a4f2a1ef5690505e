/// How a piece of text looks.
public struct Style: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// A style of bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// As it is.
    public static let plain: Style = []
    /// Bold.
    public static let bold = Style(rawValue: 1)
    /// Faint.
    public static let dim = Style(rawValue: 2)
    /// Foreground and background changed over.
    public static let reverse = Style(rawValue: 4)
    /// Red.
    public static let red = Style(rawValue: 8)
    /// Yellow.
    public static let yellow = Style(rawValue: 16)
    /// Green.
    public static let green = Style(rawValue: 32)

    /// The escape sequence that sets exactly this style (ECMA-48, "select graphic rendition").
    var sequence: String {
        var codes = ["0"]
        if contains(.bold) { codes.append("1") }
        if contains(.dim) { codes.append("2") }
        if contains(.reverse) { codes.append("7") }
        if contains(.red) { codes.append("31") }
        if contains(.yellow) { codes.append("33") }
        if contains(.green) { codes.append("32") }
        return "\u{1b}[" + codes.joined(separator: ";") + "m"
    }
}

/// A line of text, piece by piece.
public struct StyledLine: Equatable, Sendable {
    /// A piece of one style.
    public struct Piece: Equatable, Sendable {
        /// The text, without control characters.
        public var text: String
        /// How it looks.
        public var style: Style
    }

    /// The pieces, from left to right.
    public private(set) var pieces: [Piece] = []

    /// An empty line.
    public init() {}

    /// A line of one piece.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - style: How it looks.
    public init(_ text: String, _ style: Style = .plain) {
        append(text, style)
    }

    /// Adds a piece at the right.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - style: How it looks.
    public mutating func append(_ text: String, _ style: Style = .plain) {
        pieces.append(Piece(text: text, style: style))
    }

    /// Adds to the look of every piece.
    ///
    /// - Parameter style: What is added.
    public mutating func overlay(_ style: Style) {
        for index in pieces.indices { pieces[index].style.formUnion(style) }
    }

    /// The text alone.
    public var text: String { pieces.map(\.text).joined() }
}
