import Signals

/// The detectors of those rules that have one of their own, for all VMs.
struct Families: Sendable {
    /// What a detector needs to know beside the value.
    struct Context {
        /// The moment, in seconds.
        var time: MonotonicTime
        /// Seconds since the tick before.
        var interval: Double
        /// What is usual of the stream; `nil` while cold.
        var baseline: Baseline?
        /// Whether nothing may be learned.
        var frozen: Bool
    }

    mutating func observe(_ value: Double, rule: Int, row: Int, of rules: borrowing Rule, context: Context) -> Found? {
        nil
    }
}
