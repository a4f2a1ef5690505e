public import Signals

/// Says who hurts whom: turns the verdicts on victims into findings.
///
/// A VM that is hurt over the CPU is first asked whether it did it to itself (``Finding/SelfCause``, in this order):
///
/// 1. Quell holds it.
/// 2. Its own quota binds: its use is at 95 % of it or more, or half or more of its run delay is time throttled.
/// 3. A job is under way.
/// 4. It asks for more than its entitlement (use plus unmet demand), has at least 80 % of it, and nobody else uses more
///    than theirs; or it passes every test for a culprit of its own suffering, and ranks first.
///
/// Then every other VM is looked at. Where the host's CPUs are not contended (VMs use less than 85 % of them, and the
/// host's CPU pressure is unknown or below 300 ms/s) everybody is within their entitlement, and nobody is to blame. A
/// culprit passes all of these; the first that it fails is why it is not to blame:
///
/// 1. It runs and is under no job (`busyWithJob`).
/// 2. It was read in this tick (`tooFewReadings`).
/// 3. It has 10 % or more of the CPU in use by VMs (`smallShare`); below that no correlation is worked out.
/// 4. It uses more than its entitlement by over 1 % of it and over 0.05 cores (`withinEntitlement`).
/// 5. It was read with the victim in 8 ticks of the window, 2 of them hurt and 6 not (`tooFewReadings`).
/// 6. If hurt itself, it uses more than before (`alsoHurt`).
/// 7. Its use correlates with the suffering at 0.6 or more, and 30 % or more of its use came with it (`uncorrelated`).
/// 8. Of all that VMs use more while the victim is hurt, 30 % or more is its (`smallShare`).
/// 9. It ranks first (`outranked`): by correlation × mean of its shares of use and of excess, ties by share and row.
///
/// Correlation of use with suffering is from CPI² (Zhang et al., EuroSys'13); the rise keeps out a VM that was
/// always busy, and its share a rise of everybody at once. What was once shown holds for as long as this victim goes on
/// firing and the VM stays at 70 % of its use then, or is held by Quell: its use is capped, so that its movement tells
/// nothing. A missing reading never blames anybody.
///
/// Confidence: of a culprit, the verdict's × its correlation × (1 − ½ the second's score over the first's); of nobody, the
/// verdict's × (1 − the best score of all), 0 without readings; of a cause of its own, 1, for its own demand the verdict's.
///
/// Contention for anything but the CPU is told with nobody to blame in this form.
public struct Attributor: Sendable {
    /// The bounds of the tests.
    public struct Tuning: Equatable, Sendable {
        /// Ticks kept; at least 8.
        public var window = 30
        /// Ticks in which use and suffering must both be known.
        public var pairs = 8
        /// Ticks of the window in which the victim must be hurt.
        public var hurtTicks = 2
        /// Ticks of the window in which it must not be.
        public var calmTicks = 6
        /// The share of the host's CPUs in use from which it is contended.
        public var contendedUse = 0.85
        /// The host's CPU pressure from which it is contended, in seconds a second.
        public var contendedPressure = 0.3
        /// The host's memory pressure from which its memory is contended, in seconds a second.
        public var contendedMemory = 0.02
        /// The part of all memory held where a victim lies that a culprit has taken at least beyond its entitlement.
        public var leastTaken = 0.02
        /// The share of the CPU in use that a culprit has at least.
        public var share = 0.1
        /// CPU use beyond the entitlement that does not matter, as a part of it.
        public var slackPart = 0.01
        /// The same of other resources.
        public var shareSlackPart = 0.1
        /// The correlation of a culprit's use with the suffering.
        public var correlation = 0.6
        /// The part of a culprit's use that came with the suffering.
        public var rise = 0.3
        /// A culprit's part of all that VMs use more.
        public var shareOfRise = 0.3
        /// By how much a culprit's part of the rise is more than its part of the use before.
        public var outgrowth = 1.8
        /// A culprit's part of the rise of itself and of all that are not suspected.
        public var mostOfRise = 0.6
        /// The part of the rise that is always out of proportion.
        public var wholeRise = 0.8
        /// The correlation of each VM of a tenant that is tried together with others.
        public var groupCorrelation = 0.3
        /// The part of all that VMs use more that is always enough for VMs that are tried together.
        public var groupRise = 0.8
        /// The part of its score that is left to a VM that is acquitted.
        public var acquittedPart = 0.5
        /// The part of its use when shown at which a culprit is still at it.
        public var still = 0.7
        /// The share of the CPU in use below which a VM is not looked at.
        public var listed = 0.005

        /// The bounds that the documentation states.
        public init() {}
    }

    /// The bounds in force.
    public let tuning: Tuning
    /// Which series the rings hold.
    var layout = Layout()
    /// The rules that the layout is for.
    private var rules: [Rule] = []
    /// Series by row: `(row × series + series) × window + tick`; ``between`` or NaN where there is no reading.
    var rings: [Float] = []
    /// The place of this tick in every ring.
    var head = 0
    /// Counts ticks.
    var tick: UInt64 = 0
    /// Who the rings of a row belong to.
    var identities: [VMIdentity?] = []
    /// What memory the VM in a row usually holds, in bytes; NaN before it is known.
    var floors: [Float] = []
    /// Who was shown to hurt the VM in a row: `row × shownPerVictim`.
    var shown: [Shown?] = []
    /// Scratch: what the VM in a row is hurt over in this tick, a bit for each ``bit(_:)``.
    var hurt: [UInt16] = []
    /// Scratch: what the VM in a row is entitled to.
    var claims: [Entitlement.Claim] = []
    /// Scratch: who did not help whom.
    private var acquittals: [Acquittal] = []

    /// An attributor that has seen nothing.
    ///
    /// - Parameter tuning: The bounds of the tests.
    public init(tuning: Tuning = Tuning()) {
        var tuning = tuning
        tuning.window = max(8, tuning.window)
        self.tuning = tuning
    }

    /// Takes in one frame and explains its verdicts.
    ///
    /// It is to be called in every tick, with no verdict too, so that the windows stay warm; such a tick allocates nothing.
    ///
    /// - Parameters:
    ///   - frame: The frame of this tick.
    ///   - verdicts: What the detectors said of it.
    ///   - rules: The rules that the verdicts number.
    ///   - acquittals: Whom it did not help that another was held back, for as long as that holds.
    /// - Returns: A finding for each verdict of a victim rule that fires, in their order; none for one whose signal has
    ///   nothing new in this tick because its source is read seldom.
    public mutating func assess(
        _ frame: Frame,
        verdicts: [Verdict],
        rules: [Rule],
        acquittals: [Acquittal] = []
    ) -> [Finding] {
        if rules != self.rules {
            self.rules = rules
            lay(out: rules)
        }
        self.acquittals = acquittals
        remember(frame)
        for verdict in verdicts where contention(of: verdict, in: frame, rules: rules) != nil {
            hurt[verdict.slot.index] |= Self.bit(verdict.signal)
        }
        review(frame)
        var arenas: [Arena] = []
        var findings: [Finding] = []
        for verdict in verdicts {
            guard let contention = contention(of: verdict, in: frame, rules: rules),
                Self.suffers(verdict, under: rules[verdict.rule], in: frame),
                frame[verdict.slot, verdict.signal].quality != .stale
            else { continue }
            findings.append(explain(verdict, contention: contention, frame: frame, arenas: &arenas))
        }
        return findings
    }

    /// The bit of what a VM suffers over by a signal.
    static func bit(_ signal: Signal) -> UInt16 {
        switch Contention(suffering: signal) {
        case .cpu: 1
        case .llc, .memoryBandwidth: 2
        case .memory: 4
        case .disk: 8
        case .network: 16
        case .gpu, .power: 32
        case .busLock: 64
        case nil: 0
        }
    }

    /// Whether holding a VM did not help a victim.
    func isAcquitted(_ culprit: VMIdentity, of victim: VMIdentity) -> Bool {
        acquittals.contains { $0.culprit == culprit && $0.victim == victim }
    }

    /// What the VM of a verdict contends for; `nil` where it is no victim that fires now.
    private func contention(of verdict: Verdict, in frame: Frame, rules: [Rule]) -> Contention? {
        guard verdict.phase != .cleared, rules.indices.contains(verdict.rule), rules[verdict.rule].role == .victim,
            identities.indices.contains(verdict.slot.index), identities[verdict.slot.index] != nil
        else { return nil }
        return Contention(suffering: verdict.signal)
    }

    /// Whether a victim suffers in this tick; it may also be calm and only wait to be called so.
    private static func suffers(_ verdict: Verdict, under rule: Rule, in frame: Frame) -> Bool {
        guard let value = frame[verdict.slot, verdict.signal].trusted else { return true }
        if rule.below != nil { return value * rule.clearAt <= verdict.threshold }
        return value >= verdict.threshold * rule.clearAt
    }

    /// Explains one verdict: by the first resource by which somebody is to blame, or else by the first.
    private mutating func explain(
        _ verdict: Verdict,
        contention: Contention,
        frame: Frame,
        arenas: inout [Arena]
    ) -> Finding {
        var finding = Finding(
            victim: verdict.slot,
            verdict: verdict,
            contention: contention,
            candidates: [],
            outcome: .nobody,
            confidence: 0
        )
        guard let record = frame[record: verdict.slot] else { return finding }
        if let cause = outsideCause(of: verdict, contention: contention, record: record, frame: frame) {
            finding.outcome = .selfInflicted(cause)
            finding.confidence = 1
            return finding
        }
        guard let column = layout.column(verdict.signal), frame[verdict.slot, verdict.signal].trusted != nil else {
            return finding
        }
        var victim = Victim(
            verdict: verdict,
            record: record,
            column: column,
            lowerIsWorse: rules[verdict.rule].below != nil,
            use: nil
        )
        for resource in Resource.all(suffering: verdict.signal) {
            // Another measure of the same thing only adds suspects to a culprit that is found.
            if finding.outcome != .nobody && finding.contention != resource.contention { break }
            guard let trial = hear(resource, &victim, frame: frame, arenas: &arenas) else { continue }
            if finding.outcome != .nobody {
                Self.add(trial, to: &finding)
                continue
            }
            // Of several without a culprit the one is told in which somebody came nearest.
            let nearest = finding.candidates.map(\.score).max() ?? -1
            let isNearer = trial.candidates.map(\.score).max() ?? -1 > nearest
            guard finding.measure == nil || trial.outcome != .nobody || isNearer else { continue }
            finding.measure = resource.use.signal
            finding.candidates = trial.candidates
            finding.outcome = trial.outcome
            finding.confidence = trial.confidence
            if trial.outcome != .nobody { finding.contention = resource.contention }
            if case .selfInflicted = trial.outcome { break }
        }
        return finding
    }

    /// Hears the case of a victim over one resource; `nil` where what it uses of it itself is not known.
    private mutating func hear(
        _ resource: Resource,
        _ victim: inout Victim,
        frame: Frame,
        arenas: inout [Arena]
    ) -> Trial? {
        guard let column = layout.column(resource.use) else { return nil }
        victim.use = present(victim.row, column)
        // What it does itself must be known before another is blamed.
        if resource.ownTold && victim.use == nil { return nil }
        let place = victim.record.scope.at(resource.place)
        let known = arenas.firstIndex { $0.resource.use == resource.use && $0.asked == place }
        let index = known ?? arenas.count
        if known == nil { arenas.append(measure(resource, column: column, place: place, frame: frame)) }
        victim.use = arenas[index].members[victim.row].use ?? victim.use
        return hear(victim, frame: frame, arena: arenas[index])
    }

    /// Adds those who pass by another measure to a finding that has a culprit already.
    private static func add(_ trial: Trial, to finding: inout Finding) {
        guard case .blamed(let culprit) = finding.outcome, case .blamed(let other) = trial.outcome else { return }
        for candidate in trial.candidates where candidate.slot == other || candidate.rejection == .outranked {
            guard candidate.slot != culprit else { continue }
            var added = candidate
            added.rejection = .outranked
            if let place = finding.candidates.firstIndex(where: { $0.slot == candidate.slot }) {
                finding.candidates[place].rejection = .outranked
            } else {
                finding.candidates.append(added)
            }
        }
    }
}
