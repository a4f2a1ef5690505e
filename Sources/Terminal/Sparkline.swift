/// A series as a row of small bars.
public enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Character] = ["_", ".", ",", "-", "=", "+", "*", "#"]

    /// The last values of a series, a column each, the newest at the right.
    ///
    /// - Parameters:
    ///   - values: The values, oldest first; `nil` where there is none, which shows as a blank.
    ///   - columns: The columns; the left ones stay blank where there are fewer values.
    ///   - top: The value that fills a column, at least; 0 for the largest of the series.
    ///   - unicode: Whether characters beyond ASCII may be used.
    /// - Returns: The row.
    public static func text(_ values: [Double?], columns: Int, top: Double = 0, unicode: Bool = true) -> String {
        let steps = unicode ? bars : ascii
        let last = values.suffix(columns)
        let largest = max(top, last.compactMap { $0 }.filter(\.isFinite).max() ?? 0)
        var row = String(repeating: " ", count: columns - last.count)
        for value in last {
            guard let value, value.isFinite else {
                row.append(" ")
                continue
            }
            let share = largest > 0 ? min(1, max(0, value / largest)) : 0
            row.append(steps[min(steps.count - 1, Int(share * Double(steps.count)))])
        }
        return row
    }
}
