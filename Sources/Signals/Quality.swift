/// How far a reading may be trusted.
///
/// Only ``ok`` is ever learned from or acted on.
public enum Quality: UInt8, Sendable, CaseIterable {
    /// Read in this tick, over a whole interval.
    case ok
    /// Not read in this tick; the value is the last one known.
    case stale
    /// The counter went back, the VM was paused or the clock jumped: no rate can be told for this interval.
    case reset
    /// The host cannot see it (a passed-through device, a kernel without the file). Never to be taken for zero.
    case notObservable
    /// Expected but not there in this tick: the first tick of a counter, or a read that failed.
    case missing
}

/// One value of one signal with its quality.
public struct Reading: Equatable, Sendable {
    /// The value in the signal's base unit; 0 and meaningless where the quality is neither `ok` nor `stale`.
    public var value: Double
    /// How far it may be trusted.
    public var quality: Quality

    /// Joins a value and its quality.
    ///
    /// - Parameters:
    ///   - value: The value in the signal's base unit.
    ///   - quality: How far it may be trusted.
    public init(_ value: Double, _ quality: Quality = .ok) {
        self.value = value
        self.quality = quality
    }

    /// A reading that is expected but not there.
    public static let missing = Reading(0, .missing)
    /// A reading that this host cannot give.
    public static let notObservable = Reading(0, .notObservable)

    /// The value where it was read in this tick, else `nil`.
    public var trusted: Double? { quality == .ok ? value : nil }
}
