public import Signals

extension HoldStep {
    /// What a person may write for a step.
    public static let acceptedByHand = "a share from 10% to 99% such as 35%, quarantine or suspend"

    /// The step that a person's word means; `nil` for anything else, and for a share that holds nobody back or nearly
    /// stops them.
    ///
    /// - Parameter word: The word.
    public init?(byHand word: String) {
        guard let step = HoldStep(text: word), step.share.map({ (0.1...0.99).contains($0) }) ?? true else { return nil }
        self = step
    }
}
