/// The answer to a scrape.
public struct ScrapeAnswer: Sendable {
    /// What the text is, as HTTP names it.
    public var contentType: String
    /// The text.
    public var bytes: [UInt8]

    /// An answer.
    ///
    /// - Parameters:
    ///   - contentType: What the text is.
    ///   - bytes: The text.
    public init(contentType: String, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }
}
