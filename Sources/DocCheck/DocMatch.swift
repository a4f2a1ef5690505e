/// Compares what a page shows with what a command printed.
///
/// A line `…` stands for any number of lines, none included, and `…` within a line for any text. White space at the end of
/// lines and empty lines at the end do not count.
public enum DocMatch {
    /// Where the two part.
    public struct Difference: Equatable, Sendable {
        /// The line of the page's output that was to come, from 0; behind the last where nothing more was.
        public var shown: Int
        /// The line that came instead; `nil` where no more came.
        public var printed: String?
    }

    private static let gap = "…"

    /// Looks for the first difference.
    ///
    /// Each set holds all lines of the page that may come next, so that a gap never takes too much or too little.
    ///
    /// - Parameters:
    ///   - shown: The lines of the page.
    ///   - printed: The lines that came.
    /// - Returns: The difference; `nil` where there is none.
    public static func difference(shown: [String], printed: [String]) -> Difference? {
        let shown = tidy(shown)
        var next = behindGaps([0], shown)
        for line in tidy(printed) {
            var after: Set<Int> = []
            for index in next where index < shown.count {
                if shown[index].trimmed == gap {
                    after.insert(index)
                } else if matches(line, shown[index]) {
                    after.insert(index + 1)
                }
            }
            guard !after.isEmpty else {
                return Difference(shown: next.max() ?? 0, printed: line)
            }
            next = behindGaps(after, shown)
        }
        return next.contains(shown.count) ? nil : Difference(shown: next.max() ?? 0, printed: nil)
    }

    /// Whether a line is as it is shown.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - shown: What is shown of it.
    /// - Returns: Whether it is.
    public static func matches(_ line: String, _ shown: String) -> Bool {
        let pieces = shown.split(separator: "…", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return line == shown }
        guard line.hasPrefix(first) else { return false }
        var rest = line.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }

    /// A gap may also be empty.
    private static func behindGaps(_ indices: Set<Int>, _ shown: [String]) -> Set<Int> {
        var all = indices
        for index in indices {
            var index = index
            while index < shown.count, shown[index].trimmed == gap {
                index += 1
                all.insert(index)
            }
        }
        return all
    }

    private static func tidy(_ lines: [String]) -> [String] {
        var lines = lines.map { line in
            var line = line[...]
            while line.last?.isWhitespace == true { line.removeLast() }
            return String(line)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
