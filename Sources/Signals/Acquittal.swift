/// Holding one VM back did not help another: it was not what hurt it.
public struct Acquittal: Equatable, Sendable {
    /// The VM that was held back.
    public var culprit: VMIdentity
    /// The VM that it did not help.
    public var victim: VMIdentity
    /// What it was held back over; `nil` where it is cleared of hurting it over anything.
    public var contention: Contention?

    /// An acquittal.
    ///
    /// - Parameters:
    ///   - culprit: The VM that was held back.
    ///   - victim: The VM that it did not help.
    ///   - contention: What it was held back over; `nil` for anything.
    public init(culprit: VMIdentity, victim: VMIdentity, over contention: Contention? = nil) {
        self.culprit = culprit
        self.victim = victim
        self.contention = contention
    }
}
