extension StreamScorer {
    /// The one configuration.
    ///
    /// Lengths are in readings, so that a stream of a reading a second and one of a reading in five
    /// minutes are judged alike; the time of day alone is in seconds.
    enum Setting {
        /// The time constant of level and scale.
        static let levelLength = 3_000.0
        /// The time constant of the short means.
        static let shortLength = 16.0
        /// The time constant of the longer mean of the deviations from the time of day.
        static let longLength = 80.0
        /// Standard deviations beyond which an innovation is clipped before it is learned.
        static let clip = 4.0
        /// Readings in a row that are clipped until they are taken for the new usual.
        static let relearnAfter: UInt16 = 150
        /// The allowance of the cumulative sums, in standard deviations.
        static let allowance = 0.25
        /// Where the cumulative sums begin again.
        static let greatestSum = 50.0
        /// How much of the histograms is forgotten in a reading: a time constant of 3,333.
        static let forgetting = 0.000_300_09
        /// The share of the decades of a normal stream that bound a rank.
        static let normalShare = 0.6
        /// Readings over which the agreement of the families is averaged.
        static let agreementLength = 2.0
        /// Agreement, in decades, from which on learning is slowed.
        static let suspicion = 1.2
        /// The share of the usual gain while suspicious.
        static let suspiciousPace = 0.3
        /// Bins in a decade of agreement.
        static let historyBinsPerDecade = 4.0
        /// The share of the readings so far that a rest lasts.
        static let restShare = 0.04
        /// The shortest rest.
        static let leastRest = 30.0
        /// The longest rest.
        static let longestRest = 300.0
        /// How many times stronger an event within the rest must be.
        static let breakthrough = 1.4
        /// Decades at and below which nothing begins a rest.
        static let eventFloor = 1.0
        /// Decades that give a score of ``StreamScore/eventThreshold``.
        static let eventDecades = 1.4
        /// How much each event told lately takes from the next.
        static let habituation = 0.03
        /// The time constant of what was told lately.
        static let eventMemory = 3_000.0
        /// Readings before anything is told.
        static let warmUp: UInt32 = 100
        /// Readings before innovations are clipped.
        static let clipFrom: UInt32 = 12
        /// Readings before the scales of the statistics are clipped.
        static let scaleClipFrom: UInt32 = 22
    }
}
