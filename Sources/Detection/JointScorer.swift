/// One score for each VM and tick over all of its counters, and which of them are the most to blame.
///
/// With `z_j` the deviation of counter `j` from its usual level in robust scales (``UsualRange``, over
/// ``Tuning/memory`` readings), and `h` that of the score of half-space trees (``Forests``) from its own, where it is
/// strange and 0 elsewhere:
///
///     a_j = min(|z_j|, cap)        D = (a_(1) + a_(2) + a_(3) + min(max(h, 0), cap)) / 3      the three greatest
///     S = S + (D - S) / (smoothing + 1)        score = S / (S + half)
///
/// The three greatest deviations tell what is unusual in one counter or a few without being diluted by the others; the
/// robust level is moved little by an incident, so that a long one stays unusual. The trees see what no counter shows:
/// usual values in a combination that is not. They look at `u_j = 1/2 + q / (2 (1 + |q|))`, `q = z_j / spread`, so that
/// no range needs to be known. The smoothing joins the ticks of one incident.
///
/// Everything is learned as it goes, one tick after the other, and nothing is frozen but by the caller: what lasts
/// becomes usual. A step of 33 scales in three counters is below 0.3 again after about a third of the memory. A counter
/// that is missing keeps its deviation for ``Tuning/bridge`` ticks, then has none. All VMs' state is in flat arrays by
/// row.
public struct JointScorer: Sendable {
    /// The one documented configuration.
    public struct Tuning: Equatable, Sendable {
        /// Readings in which a level forgets.
        public var memory = 5_000.0
        /// Readings of a counter before it counts.
        public var warmUp = 60
        /// Ticks over which the score is smoothed.
        public var smoothing = 10.0
        /// The greatest deviation, in robust scales.
        public var cap = 1_000.0
        /// Robust scales at which a counter is half way from the middle to the edge of what the trees see.
        public var spread = 2.0
        /// The mean deviation that scores 0.5.
        public var half = 8.0
        /// Ticks for which a missing counter keeps its deviation.
        public var bridge = 10
        /// The trees.
        public var trees = HalfSpaceTrees.Tuning()

        /// The documented configuration.
        public init() {}
    }

    /// A counter and how far it is from usual.
    public struct Suspect: Equatable, Sendable {
        /// The number of the counter; -1 for none.
        public var counter = -1
        /// Its deviation, smoothed like the score, in robust scales, without a sign.
        public var deviation = 0.0
    }

    /// What a tick of a VM gave.
    public struct Outcome: Sendable {
        /// The score, 0 to 1: usual noise is about 0.2, deviations of ``Tuning/half`` scales are 0.5.
        public var score: Double
        /// The three counters that deviate most, the first the most.
        public var suspects: InlineArray<3, Suspect>
    }

    /// One counter of one VM.
    struct Stream: Sendable {
        /// What is usual.
        var usual = UsualRange()
        /// The last deviation, and the smoothed one, without a sign.
        var last: Float = 0
        var smoothed: Float = 0
        /// Ticks without a reading, saturating.
        var missed: UInt8 = .max
    }

    /// What is kept of a VM besides its counters.
    struct Whole: Sendable {
        /// The usual score of the trees.
        var usual = UsualRange()
        /// The smoothed mean deviation.
        var smoothed = 0.0
        /// Whether anything counted yet.
        var isWarm = false
    }

    /// The floor of the scale of the trees' score.
    static let treeFloor = ScaleFloor(relative: 0.05, absolute: 0.01)
    /// Larger magnitudes are no reading.
    static let largest = 1e100

    /// How it is tuned.
    public let tuning: Tuning
    /// The floors of the counters' scales.
    let floors: [ScaleFloor]
    /// The trees' masses.
    var forests: Forests
    /// The counters, by row.
    var streams: [Stream] = []
    /// The rest, by row.
    var wholes: [Whole] = []
    /// Scratch: the deviations of the tick.
    var deviations: [Double]

    /// A scorer without rows.
    ///
    /// - Parameters:
    ///   - floors: The floor of each counter's scale, 1 to 255 counters; what is beyond is passed over.
    ///   - tuning: How to score.
    public init(floors: [ScaleFloor], tuning: Tuning = .init()) {
        let floors = floors.isEmpty ? [ScaleFloor(relative: 0.05, absolute: 1)] : Array(floors.prefix(255))
        self.floors = floors
        self.tuning = tuning
        forests = Forests(shape: HalfSpaceTrees(dimensions: floors.count, tuning: tuning.trees))
        deviations = [Double](repeating: 0, count: floors.count)
    }

    /// Counters of a VM.
    public var counters: Int { floors.count }

    /// Rows there are.
    public var rows: Int { wholes.count }

    /// Bytes of state of one row.
    public var bytesPerRow: Int {
        counters * MemoryLayout<Stream>.stride + MemoryLayout<Whole>.stride + forests.bytesPerRow
    }

    /// Makes room for more rows; new ones know nothing.
    ///
    /// - Parameter count: Rows that there shall be at least.
    public mutating func grow(to count: Int) {
        guard count > rows else { return }
        streams.reserveCapacity(count * counters)
        streams.append(contentsOf: repeatElement(Stream(), count: (count - rows) * counters))
        wholes.append(contentsOf: repeatElement(Whole(), count: count - rows))
        forests.grow(to: count)
    }

    /// Forgets all of a row, for another VM.
    ///
    /// - Parameter row: The row; one that there is not is passed over.
    public mutating func reset(row: Int) {
        guard wholes.indices.contains(row) else { return }
        for index in row * counters..<(row + 1) * counters { streams[index] = Stream() }
        wholes[row] = Whole()
        forests.reset(row: row)
    }
}
