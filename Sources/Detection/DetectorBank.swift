public import Signals

/// All detectors of all VMs: holds every rule against every row of a frame, and tells when each begins and ends to fire.
///
/// State is kept in flat arrays by row and rule, and by row and signal, so that a warm tick allocates nothing. A stream's
/// baseline is shared by all rules on its signal. The semantics, all by the time of the frame:
///
/// - A rule fires at the first trusted breach at or after `sustain` seconds from the first one, with no trusted calm
///   reading between. It clears after `clearAfter` seconds of readings inside the bounds by `clearAt`; a reading in
///   between neither fires nor clears it. Onset and cleared are told once, ongoing in every tick between.
/// - A learned condition needs a warm baseline: until then a rule with `deviation` does not breach. A rule with fixed
///   bounds alone acts from the first tick, so neither a hurt from boot nor a slow ramp escapes it.
/// - A rule with a detector of its own (``Rule/Detector``) breaches while that finds what it looks for and the fixed bounds
///   hold; a rule with companions, only while each of them is known to be at its bound. For `rest` seconds after it cleared
///   a rule does not fire.
/// - What is usual lies within reach of the mean of a day (``Anchor``), so that a slow ramp is not learned.
/// - A reading is learned unless a rule on its signal is breached or fires, or crosses its fixed bounds while the baseline
///   is cold; nor while the VM is held by Quell, paused, or under a job. After ``Tuning/freezeLimit`` seconds of unbroken
///   suspicion, with no rule of fixed bounds alone in breach, it is learned at ``Tuning/relearnPace``.
/// - A reading that is not `ok`, and any of a paused VM, is neither breach nor calm. Up to ``Tuning/gapTicks`` of them in
///   a row are bridged; a firing rule goes on with confidence 0 and the last value known. A longer gap ends a breach that
///   has not fired, and clears a firing rule once `clearAfter` has passed since the gap grew too long.
/// - A source that is read at a pace of its own tells `stale` in between. As many ticks of it as there were between the
///   two readings before, and as many again, are no gap: a breach or a calm goes on from one reading to the next.
/// - Another VM in a row begins anew: what fired there is cleared, under the rule's number and the last value known.
///
/// Rules on signals of the host are passed over: a verdict speaks of a VM.
public struct DetectorBank: Sendable {
    /// The times and counts that are no part of a rule.
    public struct Tuning: Equatable, Sendable {
        /// How baselines learn.
        public var learning: RobustLevel.Tuning
        /// Missing readings in a row that are bridged.
        public var gapTicks: Int
        /// Seconds of suspicion after which a stream is learned again, slowly.
        public var freezeLimit: Double
        /// The share of the usual gain at which it then learns.
        public var relearnPace: Double

        /// A tuning.
        ///
        /// - Parameters:
        ///   - learning: How baselines learn.
        ///   - gapTicks: Missing readings in a row that are bridged.
        ///   - freezeLimit: Seconds of suspicion after which a stream is learned again, slowly.
        ///   - relearnPace: The share of the usual gain at which it then learns.
        public init(
            learning: RobustLevel.Tuning = .init(),
            gapTicks: Int = 3,
            freezeLimit: Double = 600,
            relearnPace: Double = 0.25
        ) {
            self.learning = learning
            self.gapTicks = max(0, gapTicks)
            self.freezeLimit = freezeLimit
            self.relearnPace = relearnPace
        }
    }

    /// Where a rule is in its life on one row.
    enum Phase: UInt8, Sendable {
        case idle, pending, active
    }

    /// One rule on one row.
    struct RuleState: Sendable {
        /// Where it is.
        var phase = Phase.idle
        /// Whether the rule speaks of the VM.
        var applies: Bool
        /// When the breach began.
        var since = MonotonicTime(nanoseconds: 0)
        /// When it was first calm without a break; 0 while it is not.
        private var calmFrom = MonotonicTime(nanoseconds: 0)
        /// Until when it does not fire again.
        var restUntil: MonotonicTime

        /// When it was first calm without a break; `nil` while it is not.
        ///
        /// A moment takes half the room of an optional.
        var calmSince: MonotonicTime? {
            get { calmFrom.nanoseconds == 0 ? nil : calmFrom }
            set { calmFrom = newValue ?? MonotonicTime(nanoseconds: 0) }
        }

        /// A rule that does not fire.
        init(applies: Bool = false, restUntil: MonotonicTime = MonotonicTime(nanoseconds: 0)) {
            self.applies = applies
            self.restUntil = restUntil
        }
    }

    /// One signal of one row.
    struct Stream: Sendable {
        /// The slowest pace that is bridged, in ticks.
        static let slowest: UInt32 = 60

        /// What was learned of it.
        var learned = RobustLevel()
        /// What keeps the level from being led away.
        var anchor = Anchor()
        /// The last trusted reading.
        var last = 0.0
        /// When it was read; 0 where there was none yet.
        var readAt = MonotonicTime(nanoseconds: 0)
        /// Ticks since then, saturating, without those that the source's own pace explains.
        var missed: UInt32 = 0
        /// Ticks since then, saturating, in which the source told its last reading again.
        var stale: UInt32 = 0
        /// How many there were between the two readings before.
        var pace: UInt32 = 0
        /// Since when it has been suspicious without a break; 0 while it is not.
        private var suspiciousFrom = MonotonicTime(nanoseconds: 0)

        /// Since when it has been suspicious without a break; `nil` while it is not.
        var suspiciousSince: MonotonicTime? {
            get { suspiciousFrom.nanoseconds == 0 ? nil : suspiciousFrom }
            set { suspiciousFrom = newValue ?? MonotonicTime(nanoseconds: 0) }
        }
    }

    /// One column of the streams: a signal that some rule watches.
    struct Column: Sendable {
        /// The signal.
        var signal: Signal
        /// The floor of its scale.
        var floor: ScaleFloor
        /// Scratch: suspicious in the row at hand.
        var suspicious = false
        /// Scratch: the trusted reading of the row at hand; `nil` where there is none in this tick.
        var reading: Double?
        /// Scratch: seconds from the reading before it; 0 for a first.
        var elapsed = 0.0
        /// Scratch: a rule of fixed bounds alone is breached in the row at hand.
        var ceiling = false
        /// Scratch: the row at hand has its last reading again.
        var isStale = false
        /// Scratch: its source's own pace explains that the row at hand has no reading in this tick.
        var isBetween = false
    }

    /// What a row's rules were matched against.
    struct Occupant: Sendable {
        /// Who it is.
        var identity: VMIdentity
        /// Its class.
        var workloadClass: String
        /// Its tenant.
        var tenant: Tenant
        /// Its vCPUs.
        var vcpus: Int
        /// Whether the rules in force were matched against it.
        var matched = true

        /// The VM as a record tells of it.
        init(_ record: VMRecord) {
            identity = record.identity
            workloadClass = record.workloadClass
            tenant = record.tenant
            vcpus = record.vcpus
        }
    }

    /// The times and counts in force.
    public let tuning: Tuning
    /// The rules in force, by number.
    public internal(set) var rules: [Rule] = []
    /// The bounds of each rule.
    var conditions: [Conditions] = []
    /// The column of each rule; `nil` for a signal of the host.
    var columnOfRule: [Int?] = []
    /// The columns of each rule's companions; `nil` for a signal of the host.
    var companionColumns: [[Int?]] = []
    /// The signals watched.
    var columns: [Column] = []
    /// Rules by row: `row × rules + rule`.
    var states: [RuleState] = []
    /// Streams by row: `row × columns + column`.
    var streams: [Stream] = []
    /// The VM of each row; `nil` where it is free.
    var occupants: [Occupant?] = []
    /// The detectors of those rules that have one of their own.
    var families = Families()
    /// The VMs as a whole.
    var together = Together()
    /// The column of `vm.anomaly`; `nil` where no rule watches it.
    var wholeColumn: Int?

    /// A bank that has seen nothing.
    ///
    /// - Parameters:
    ///   - rules: The rules, in the order by which verdicts number them.
    ///   - tuning: The times and counts that are no part of a rule.
    public init(rules: [Rule], tuning: Tuning = Tuning()) {
        self.tuning = tuning
        install(rules)
    }

    /// What was learned of a stream.
    ///
    /// - Parameters:
    ///   - slot: The row.
    ///   - signal: The signal.
    /// - Returns: Level and scale; `nil` while cold, and for a signal that no rule watches.
    public func baseline(_ slot: VMSlot, _ signal: Signal) -> Baseline? {
        guard occupants.indices.contains(slot.index),
            let column = columns.firstIndex(where: { $0.signal == signal })
        else { return nil }
        return baseline(row: slot.index, column: column)
    }

    /// What was learned of a stream; `nil` while cold.
    @inline(__always)
    func baseline(row: Int, column: Int) -> Baseline? {
        let learned = streams[row * columns.count + column].learned
        guard learned.isWarm(tuning.learning) else { return nil }
        return Baseline(level: learned.level, scale: learned.scale(columns[column].floor))
    }

    /// Derives the tables of a list of rules.
    mutating func install(_ rules: [Rule]) {
        self.rules = rules
        conditions = rules.map(Conditions.init)
        columns = []
        columnOfRule = rules.map { column(of: $0.signal) }
        wholeColumn = columns.firstIndex { $0.signal == .vmAnomaly }
        families.adopt(rules)
        companionColumns = rules.map { rule in rule.companions.map { column(of: $0.signal) } }
    }

    /// The column of a signal, added where it is not watched yet; `nil` for a signal of the host.
    private mutating func column(of signal: Signal) -> Int? {
        guard signal.scope == .vm else { return nil }
        if let known = columns.firstIndex(where: { $0.signal == signal }) { return known }
        columns.append(Column(signal: signal, floor: ScaleFloor(signal.unit)))
        return columns.count - 1
    }
}
