/// Holding one VM back did not help another: it was not what hurt it.
public struct Acquittal: Equatable, Sendable {
    /// The VM that was held back.
    public var culprit: VMIdentity
    /// The VM that it did not help.
    public var victim: VMIdentity

    /// An acquittal.
    ///
    /// - Parameters:
    ///   - culprit: The VM that was held back.
    ///   - victim: The VM that it did not help.
    public init(culprit: VMIdentity, victim: VMIdentity) {
        self.culprit = culprit
        self.victim = victim
    }
}
