/// What is wrong with a page, or with what came of it.
public struct DocProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The page.
    public var page: String
    /// The line of it, from 1.
    public var line: Int
    /// What is wrong.
    public var text: String

    /// A problem.
    ///
    /// - Parameters:
    ///   - page: The page.
    ///   - line: The line of it, from 1.
    ///   - text: What is wrong.
    public init(page: String, line: Int, text: String) {
        self.page = page
        self.line = line
        self.text = text
    }

    /// The problem as a line that editors understand.
    public var description: String { "\(page):\(line): \(text)" }
}
