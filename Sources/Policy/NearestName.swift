/// The known name that somebody most likely meant.
enum NearestName {
    /// The known name with the fewest edits from a written one, or `nil` where more than a third would have to change.
    ///
    /// - Parameters:
    ///   - written: What was written.
    ///   - known: The names that would be accepted.
    /// - Returns: The nearest; of several the first.
    static func of(_ written: String, among known: some Sequence<String>) -> String? {
        let source = Array(written.lowercased().unicodeScalars.prefix(65))
        guard !source.isEmpty, source.count <= 64 else { return nil }
        var best: (name: String, edits: Int)?
        for name in known where name != written {
            let target = Array(name.lowercased().unicodeScalars)
            let edits = distance(source, target)
            guard edits * 3 <= max(source.count, target.count) else { continue }
            if let found = best, found.edits <= edits { continue }
            best = (name, edits)
        }
        return best?.name
    }

    /// Insertions, deletions, changes and swaps of neighbours that turn one text into another.
    ///
    /// The optimal string alignment distance: no part of the text is edited twice.
    private static func distance(_ source: [Unicode.Scalar], _ target: [Unicode.Scalar]) -> Int {
        guard !source.isEmpty, !target.isEmpty else { return max(source.count, target.count) }
        var before = [Int](repeating: 0, count: target.count + 1)
        var last = Array(0...target.count)
        for row in 1...source.count {
            var line = [Int](repeating: row, count: target.count + 1)
            for column in 1...target.count {
                let change = last[column - 1] + (source[row - 1] == target[column - 1] ? 0 : 1)
                var edits = min(last[column] + 1, line[column - 1] + 1, change)
                if row > 1, column > 1, source[row - 1] == target[column - 2], source[row - 2] == target[column - 1] {
                    edits = min(edits, before[column - 2] + 1)
                }
                line[column] = edits
            }
            before = last
            last = line
        }
        return last[target.count]
    }
}
