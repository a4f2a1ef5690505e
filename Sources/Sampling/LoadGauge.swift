/// Whether the agent is under load itself and should shed what is worth least for its cost.
///
/// Three late ticks in a row say so; a minute of ticks in time takes it back, so that it does not flap.
public struct LoadGauge: Sendable, Equatable {
    /// Seconds by which a tick may begin late.
    public static let tolerance = 0.1
    /// Late ticks in a row that mean load.
    static let late = 3
    /// Ticks in time, in a row, that end it.
    static let calm = 60

    /// Whether it is under load.
    public private(set) var isUnderLoad = false
    private var run = 0

    /// A gauge that has seen no tick.
    public init() {}

    /// Takes the next tick.
    ///
    /// - Parameter lag: Seconds by which it began late; `nil` where that is not known, which changes nothing.
    /// - Returns: Whether ``isUnderLoad`` has changed.
    public mutating func note(_ lag: Double?) -> Bool {
        guard let lag else { return false }
        let isSign = isUnderLoad ? lag <= Self.tolerance : lag > Self.tolerance
        run = isSign ? run + 1 : 0
        guard run >= (isUnderLoad ? Self.calm : Self.late) else { return false }
        isUnderLoad.toggle()
        run = 0
        return true
    }
}
