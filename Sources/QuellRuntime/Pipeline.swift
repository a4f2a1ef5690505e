import Attribution
import Detection
public import Policy
public import Signals

/// From a frame to what is to be done: detectors, attribution and ladder under one policy.
///
/// Pure: the same frames and lease events under the same policy give the same verdicts, findings and intents, whatever
/// the clock says. The daemon, the demo and replay all run this.
public struct Pipeline: Sendable {
    /// The policy in force.
    public private(set) var policy: PolicySet
    /// The verdicts of the last step.
    public private(set) var verdicts: [Verdict] = []
    /// The findings of the last step.
    public private(set) var findings: [Finding] = []

    private var bank: DetectorBank
    private var attributor = Attributor()
    private var ladder: Ladder

    /// A pipeline that has seen nothing yet.
    ///
    /// - Parameter policy: The policy in force.
    public init(policy: PolicySet) {
        self.policy = policy
        self.bank = DetectorBank(rules: policy.rules)
        self.ladder = Ladder(policy: policy)
    }

    /// Why nothing was done in the last step about those who are blamed and not held for it.
    public var refusals: [Refusal] { ladder.refusals }
    /// Those held or about to be, in the order in which they were asked for.
    public var holds: [LadderHold] { ladder.holds }

    /// Calls a closure with each VM that is held or about to be.
    ///
    /// - Parameter body: Given the VM.
    public func forEachHeld(_ body: (VMIdentity) -> Void) { ladder.forEachHeld(body) }

    /// Judges a frame.
    ///
    /// - Parameters:
    ///   - frame: What every VM used and suffered in this tick.
    ///   - circumstances: What hour it is, and whether anything may be done at all; by default the hour is not known.
    /// - Returns: What the ladder wants done.
    public mutating func step(
        _ frame: Frame,
        circumstances: LadderCircumstances = LadderCircumstances()
    ) -> [Intent] {
        verdicts.removeAll(keepingCapacity: true)
        bank.observe(frame, into: &verdicts)
        findings = attributor.assess(
            frame,
            verdicts: verdicts,
            rules: policy.rules,
            acquittals: ladder.acquitted
        )
        return ladder.decide(findings, frame: frame, circumstances: circumstances)
    }

    /// Tells the ladder what became of an intent.
    ///
    /// - Parameters:
    ///   - event: What became of it.
    ///   - time: When.
    public mutating func note(_ event: LeaseEvent, at time: MonotonicTime) {
        ladder.note(event, at: time)
    }

    /// Puts another policy in force.
    ///
    /// Baselines stay warm, rules that stay go on firing, and holds that the new policy allows stay until their end.
    ///
    /// - Parameter policy: The new policy.
    /// - Returns: A cleared verdict for each rule that fired and is no more, numbered by the policy before.
    public mutating func adopt(_ policy: PolicySet) -> [Verdict] {
        self.policy = policy
        ladder.adopt(policy: policy)
        return bank.adopt(rules: policy.rules)
    }
}
