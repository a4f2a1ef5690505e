import Signals

/// The detectors of those rules that have one of their own, for all VMs: an array for each family, by row and place.
struct Families: Sendable {
    /// What a detector needs to know beside the value.
    struct Context {
        /// The moment.
        var time: MonotonicTime
        /// Seconds since the stream's reading before; 0 for its first.
        var interval: Double
        /// What is usual of the stream; `nil` while cold.
        var baseline: Baseline?
        /// The floor of the stream's unit.
        var floor: ScaleFloor
        /// Whether nothing may be learned: the VM is held, paused, or under a job.
        var frozen: Bool

        /// How many scales a reading is from what is usual; `nil` while that is not known.
        func deviation(of value: Double) -> Double? { baseline.map { (value - $0.level) / $0.scale } }
    }

    /// What makes a search the same under another policy.
    private struct Key: Equatable, Sendable {
        /// The rule's name.
        var name: String
        /// Its signal.
        var signal: Signal
        /// The family.
        var detector: Rule.Detector
    }

    /// What one rule looks for, and where its detectors are; plain numbers, for it is copied at each reading.
    struct Search: Sendable {
        /// The family.
        var detector: Rule.Detector
        /// What the rule says of its VM.
        var role: Rule.Role
        /// The bound, for a leak what must not be reached.
        var above: Double?
        var below: Double?
        /// The seconds in which a leak must reach it.
        var within: Double
        /// The standard deviations that the family looks for: a boundary's half width, a shift's decision interval.
        var width: Double
        /// The probability under which a reading is in the tail.
        var risk: Double
        /// The score from which a reading is unusual.
        var score: Double
        /// How far inside its bounds a firing rule counts as calm.
        var clearAt: Double
        /// The place of its detectors in each row of their family.
        var place = 0

        /// The score of a rule that names none: rarer than 999 of 1,000 readings.
        static let usualScore = 0.999

        /// The search of a rule.
        init(_ rule: Rule) {
            detector = rule.detector
            role = rule.role
            above = rule.above
            below = rule.below
            within = rule.within ?? 3_600
            width = rule.deviation ?? (rule.detector == .shift ? Cusum.Tuning().interval : BoundaryBreak.Tuning().width)
            risk = rule.risk ?? Spot.Tuning().risk
            score = rule.score ?? Self.usualScore
            clearAt = min(1, max(0.01, rule.clearAt))
        }
    }

    /// The scorer of a stream, and what it said last.
    struct Scorer: Sendable {
        /// The scorer.
        var scorer = StreamScorer()
        /// What it said of the last reading.
        var said = StreamScore()
    }

    /// The searches by rule; those of rules on the level are there, and find nothing.
    private(set) var searches: [Search] = []
    private var keys: [Key] = []
    var scorers = FamilyTable(Scorer())
    var tails = FamilyTable(TailWatch())
    var shifts = FamilyTable(Cusum())
    var leaks = FamilyTable(LeakSlope())
    var boundaries = FamilyTable(BoundaryBreak())
    var rhythms = FamilyTable(PeriodBreak())

    /// Makes room for rows of detectors that have seen nothing.
    ///
    /// - Parameter count: Rows that there shall be at least.
    mutating func grow(to count: Int) {
        scorers.grow(to: count)
        tails.grow(to: count)
        shifts.grow(to: count)
        leaks.grow(to: count)
        boundaries.grow(to: count)
        rhythms.grow(to: count)
    }

    /// Makes every detector of a row forget.
    mutating func clear(_ row: Int) {
        scorers.clear(row)
        tails.clear(row)
        shifts.clear(row)
        leaks.clear(row)
        boundaries.clear(row)
        rhythms.clear(row)
    }

    /// Puts other rules in force; what was learned for a rule of the same name, signal and detector is kept.
    ///
    /// - Parameter rules: The rules.
    mutating func adopt(_ rules: [Rule]) {
        let old = zip(keys, searches).map { ($0, $1.place) }
        searches = rules.map(Search.init)
        keys = rules.map { Key(name: $0.name, signal: $0.signal, detector: $0.detector) }
        scorers.rearrange(places(of: .unusual, before: old))
        tails.rearrange(places(of: .tail, before: old))
        shifts.rearrange(places(of: .shift, before: old))
        leaks.rearrange(places(of: .leak, before: old))
        boundaries.rearrange(places(of: .boundary, before: old))
        rhythms.rearrange(places(of: .rhythm, before: old))
    }

    /// Numbers the searches of one family, and gives for each the place that it had before.
    private mutating func places(of detector: Rule.Detector, before old: [(Key, Int)]) -> [Int?] {
        var before: [Int?] = []
        for index in searches.indices where searches[index].detector == detector {
            searches[index].place = before.count
            before.append(old.first { $0.0 == keys[index] }?.1)
        }
        return before
    }
}
