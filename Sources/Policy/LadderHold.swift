public import Signals

/// A hold that the ladder follows, as `quell status` and `quell leases` show it.
public struct LadderHold: Equatable, Sendable {
    /// Where in its life a hold is.
    public enum Phase: String, Sendable, CaseIterable {
        /// The order is out and not yet answered.
        case requested
        /// The step is in force.
        case inForce = "in-force"
        /// The step is in force and being let up bit by bit.
        case raising
        /// The release is out and not yet answered.
        case releasing
    }

    /// The VM.
    public var vm: VMIdentity
    /// Its name, for people only.
    public var name: String
    /// What it is held back over.
    public var contention: Contention
    /// How far it is held back, or is to be while the order is out.
    public var step: HoldStep
    /// Where in its life the hold is.
    public var phase: Phase
    /// Who wants it.
    public var origin: HoldOrder.Origin
    /// When the lease ends.
    public var expires: MonotonicTime
    /// The VM that it is held back for; `nil` where a person holds it for nobody in particular.
    public var victim: VMIdentity?
    /// The victim's name, for people only.
    public var victimName: String
    /// The rule that asked for it; of a person, what they gave as the reason.
    public var rule: String
    /// Whether it is told only and nothing is in force (dry run).
    public var isVirtual: Bool

    /// Which hold it is.
    public var key: HoldKey { HoldKey(vm, contention) }
}
