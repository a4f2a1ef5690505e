extension Verdict {
    /// What a detector found beside the value, for the operator who redoes the sum.
    public enum Detail: Equatable, Sendable {
        /// The bound is reached in this many seconds at this slope, in the signal's base unit per second.
        case exhaustion(seconds: Double, slope: Double)
        /// The CUSUM has come to this many standard deviations.
        case shift(sum: Double)
        /// The reading scored this much, 0 to 1.
        case unusual(score: Double)
        /// The moving mean lies this many standard deviations from its usual level, outside its usual range.
        case boundary(sigmas: Double)
        /// The period is this many seconds, and used to be `usual`; `nil` where there is, or was, none.
        case rhythm(period: Double?, usual: Double?)
        /// These signals, the strangest first, make the VM unlike itself.
        case joint([Signal])
    }
}
