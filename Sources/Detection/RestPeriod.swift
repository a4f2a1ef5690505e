/// One incident is one event: after an event nothing is told for a while, unless it is clearly stronger.
public struct RestPeriod: Sendable, Equatable {
    /// Readings left of the rest.
    public private(set) var left: UInt32 = 0
    private var bar = 0.0

    /// At rest from nothing.
    public init() {}

    /// Whether an event would have to be stronger than one before.
    public var isResting: Bool { left > 0 }

    /// Takes one reading's strength.
    ///
    /// - Parameters:
    ///   - strength: How strong the deviation is, in any unit; not a number is no event.
    ///   - floor: The strength at and below which there is no event.
    ///   - length: Readings to rest after an event, this one too.
    ///   - breakthrough: How many times the strength of the last event told a new one must exceed within the rest, at
    ///     least 1.
    /// - Returns: Whether this is an event to be told.
    public mutating func admit(_ strength: Double, floor: Double, length: UInt32, breakthrough: Double) -> Bool {
        if left > 0 { left -= 1 }
        guard strength > floor else { return false }
        if left > 0 && !(strength > bar) { return false }
        bar = strength * max(1, breakthrough)
        left = length
        return true
    }
}
