extension Verdict {
    /// What a detector found beside the value, for the operator who redoes the sum.
    public enum Detail: Equatable, Sendable {
        /// The bound is reached in this many seconds at this slope, in the signal's base unit per second.
        case exhaustion(seconds: Double, slope: Double)
        /// The CUSUM has come to this many standard deviations.
        case shift(sum: Double)
        /// The reading scored this much, 0 to 1.
        case unusual(score: Double)
        /// This many windows in a row lay outside the usual range.
        case boundary(windows: Int)
        /// The period is this many seconds; it used to be `usual`, or there was none.
        case rhythm(period: Double, usual: Double?)
        /// These signals, the strangest first, make the VM unlike itself.
        case joint([Signal])
    }
}
