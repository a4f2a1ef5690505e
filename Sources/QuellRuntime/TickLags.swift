/// How late the latest ticks began, so that `quell status` can tell how steady the beat is.
///
/// A ring of fixed size: noting a tick allocates nothing.
struct TickLags: Sendable {
    /// Ticks that are kept.
    static let window = 300

    /// How late the ticks kept began, in seconds.
    struct Summary: Codable, Sendable, Equatable {
        /// The ticks kept, at most ``TickLags/window``.
        var ticks: Int
        /// Half of them began at most so late.
        var median: Double
        /// 99 of 100 began at most so late.
        var p99: Double
        /// The latest.
        var worst: Double
    }

    private var ring = [Double](repeating: 0, count: window)
    private var count = 0

    /// Notes a tick.
    ///
    /// - Parameter lag: Seconds between the moment when it was due and its beginning; below 0 counts as 0.
    mutating func note(_ lag: Double) {
        ring[count % Self.window] = max(0, lag)
        count += 1
    }

    /// What the ticks kept were like; `nil` before the first.
    var summary: Summary? {
        let kept = ring.prefix(min(count, Self.window)).sorted()
        guard let worst = kept.last else { return nil }
        // The nearest rank: the least value that is not exceeded by that part of all.
        let rank = { (part: Double) in kept[max(0, Int((part * Double(kept.count)).rounded(.up)) - 1)] }
        return Summary(ticks: kept.count, median: rank(0.5), p99: rank(0.99), worst: worst)
    }
}
