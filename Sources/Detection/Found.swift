import Signals

/// What a rule's own detector says of one reading.
struct Found {
    /// It found what it looks for.
    var breach: Bool
    /// What it looks for is so far off that a firing rule counts as calm.
    var calm: Bool
    /// How sure it is, 0 to 1.
    var confidence: Double
    /// What it found, to be told.
    var detail: Verdict.Detail?
    /// The bound that it holds the signal to; `nil` where the rule's own bounds say it.
    var threshold: Double?
}
