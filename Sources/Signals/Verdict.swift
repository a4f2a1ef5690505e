/// What a rule says of a VM in one tick, with all that is needed to redo the sum.
public struct Verdict: Equatable, Sendable {
    /// Where in its life a verdict is.
    public enum Phase: Sendable {
        /// The rule fires from this tick on.
        case onset
        /// The rule goes on firing.
        case ongoing
        /// The rule has been calm for long enough, or its VM is gone, and fires no more.
        case cleared
    }

    /// The VM.
    public var slot: VMSlot
    /// The rule, as its place in the policy's list.
    public var rule: Int
    /// The signal that the rule watches.
    public var signal: Signal
    /// Where in its life it is.
    public var phase: Phase
    /// The value in this tick, in the signal's base unit.
    public var value: Double
    /// The bound that was crossed, in the signal's base unit: the strictest of all conditions of the rule.
    public var threshold: Double
    /// The learned level of the stream, in the signal's base unit; `nil` before it is warm.
    public var baseline: Double?
    /// Robust standard deviations from the baseline; `nil` before it is warm.
    public var sigmas: Double?
    /// When the breach began (not when it had lasted long enough).
    public var since: MonotonicTime
    /// How sure the rule is, 0 to 1.
    public var confidence: Double
    /// What its detector found beside the value; `nil` for a rule on the level, and while nothing is known.
    public var detail: Detail?

    /// A verdict.
    ///
    /// - Parameters:
    ///   - slot: The VM.
    ///   - rule: The rule's place in the policy's list.
    ///   - signal: The signal that the rule watches.
    ///   - phase: Where in its life it is.
    ///   - value: The value in this tick.
    ///   - threshold: The bound that was crossed.
    ///   - baseline: The learned level.
    ///   - sigmas: Robust standard deviations from it.
    ///   - since: When the breach began.
    ///   - confidence: How sure the rule is, 0 to 1.
    public init(
        slot: VMSlot,
        rule: Int,
        signal: Signal,
        phase: Phase,
        value: Double,
        threshold: Double,
        baseline: Double? = nil,
        sigmas: Double? = nil,
        since: MonotonicTime,
        confidence: Double = 1
    ) {
        self.slot = slot
        self.rule = rule
        self.signal = signal
        self.phase = phase
        self.value = value
        self.threshold = threshold
        self.baseline = baseline
        self.sigmas = sigmas
        self.since = since
        self.confidence = confidence
        self.detail = nil
    }
}
