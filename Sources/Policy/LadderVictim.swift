internal import Signals

/// A VM that suffers at the hands of a held VM, and what became of it since.
struct HeldFor: Equatable, Sendable {
    /// The share of its value at onset at which a victim counts as no better, 0 to 1.
    static let noBetterThan = 0.8
    /// Seconds for which a reading tells that its rule is calm, where its source is asked more seldom than that.
    static let toldFor = 60.0

    /// The victim.
    var vm: VMIdentity
    /// Its name.
    var name: String
    /// The rule that found it hurt.
    var rule: String
    /// The signal that it suffers on.
    var signal: Signal
    /// Whether lower values are worse (the rule has a `below`).
    var lowerIsWorse: Bool
    /// The value when its culprit was first ordered to be held for it.
    var onset: Double
    /// When it was seen hurt and no better for the first time at the last step; `nil` when it has been better since.
    var unmovedSince: MonotonicTime?
    /// When its signal was last read; `nil` while it has not been since it is followed.
    var readAt: MonotonicTime?

    /// Whether holding its culprit back has helped: the value is at most 80 % as bad as at onset.
    ///
    /// - Parameter value: The value now.
    /// - Returns: Whether it is better.
    func isBetter(_ value: Double) -> Bool {
        lowerIsWorse ? value * Self.noBetterThan > onset : value < onset * Self.noBetterThan
    }

    /// Whether it is better than when its culprit was first held for it.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: Whether it is; `nil` where that cannot be read.
    func isBetter(in frame: Frame) -> Bool? {
        guard let slot = frame.slot(of: vm) else { return nil }
        return frame[slot, signal].trusted.map { isBetter($0) }
    }

    /// Whether nothing is known against its being calm, where no rule says that it is hurt.
    ///
    /// A signal that is read more seldom than every tick is stale in between, and what its rule says holds for as long.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: Whether it is calm.
    mutating func isCalm(in frame: Frame) -> Bool {
        guard let slot = frame.slot(of: vm), let isRunning = frame.isRunning(slot), isRunning else { return true }
        switch frame[slot, signal].quality {
        case .ok:
            readAt = frame.time
            return true
        case .stale: return readAt.map { frame.time.seconds(since: $0) < Self.toldFor } ?? false
        case .reset, .notObservable, .missing: return false
        }
    }
}
