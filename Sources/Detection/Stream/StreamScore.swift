/// What the scorer says of one reading, with the evidence.
public struct StreamScore: Sendable, Equatable {
    /// The score from which on a reading is an event, for every stream.
    public static let eventThreshold = 0.5

    /// The score, 0 to 1, an event to be told at ``eventThreshold`` and above.
    ///
    /// 0 while nothing is unusual, during the rest after an
    /// event, during warm-up and for a missing reading.
    public var score = 0.0
    /// How unusual the reading is in decades, whether or not it is told: 2 means that one reading in a hundred of this
    /// stream was as unusual.
    public var surprise = 0.0
    /// The family that was surprised most.
    public var family = StreamFamily.level
    /// The decades of surprise of that family alone.
    public var familySurprise = 0.0
    /// Whether the reading lies below the usual level.
    public var isBelow = false
    /// The usual level before this reading, in the unit of the stream.
    public var level = 0.0
    /// One robust standard deviation before this reading, floored, in the unit of the stream.
    public var scale = 0.0
    /// Whether the reading was missing: not a number, infinite, or greater than any signal can be.
    public var isMissing = false

    /// Whether this is an event to be told.
    public var isEvent: Bool { score >= Self.eventThreshold }
    /// The share of the stream's readings that were as unusual, 0 to 1.
    public var tailProbability: Double { PureMath.exp2(-surprise / PureMath.log10of2) }
}

/// What is looked at in a stream.
public enum StreamFamily: UInt8, Sendable, Equatable, CaseIterable {
    /// The deviation from the usual level.
    case level
    /// The step from the reading before.
    case difference
    /// The deviation of the short mean from the usual level.
    case shortMean
    /// The short mean of the steps: rougher than usual.
    case rough
    /// The inverse of the short mean of the steps: calmer than usual, or stuck.
    case calm
    /// The cumulative sums: a shift that lasts.
    case shift
    /// The deviation from what is usual at this time of day.
    case daily
    /// The short mean of the deviations from the time of day.
    case dailyShort
    /// The longer mean of the deviations from the time of day.
    case dailyLong
    /// The distance of the shape of the last readings to every shape known.
    case pattern
}
