public import Signals

/// Says who hurts whom: turns the verdicts on victims into findings.
///
/// A VM that is hurt is first asked whether it did it to itself (``Finding/SelfCause``, in this order):
///
/// 1. Quell holds it.
/// 2. Over the CPU, its own quota binds: its use is at 95 % of it, or half of its run delay is time throttled.
/// 3. A job is under way, or its balloon moves.
/// 4. It passes every test for a culprit of its own suffering, and ranks first; or, over the CPU, it asks for more than its
///    entitlement (use plus unmet demand), has at least 80 % of it, and nobody else uses more than theirs.
///
/// Then every other VM is looked at, by one measure of use after the other until somebody is to blame:
///
/// | suffers by | contends for | use of a VM | contended where | entitled to | in one |
/// |---|---|---|---|---|---|
/// | `cpu.run_delay`, `cpu.pressure.*`, `cpu.throttled`, `qemu.run_delay` | CPU | `cpu.usage` | 85 % of the CPUs in use, or host CPU pressure 300 ms/s | weighted fair share, at most its vCPUs | set of CPUs |
/// | `mem.pressure.*`, `mem.swap_in`, `mem.major_faults`, `mem.oom_events` | memory | `mem.rss` + `mem.swap_held`, less what it usually held | host memory pressure 20 ms/s or not read, and VMs hold 1 % more | by vCPUs; 6 % of all held is let pass | NUMA node |
/// | `disk.latency`, `io.pressure.*` | disk | bytes + 32 KiB a request, then `disk.flushes` | VMs use 25 % more | by vCPUs | disk |
/// | `net.drops` | network | bytes + 1,250 a packet: sent, then both ways | 25 % more | by vCPUs | bridge or uplink |
/// | `gpu.throttle_reasons` | GPU | `gpu.sm_util` or `gpu.mem_bw_util`, the larger | 25 % more | by vCPUs | GPU |
/// | the same | power | `gpu.power` of those throttled with it | 25 % more | by vCPUs | host |
/// | `perf.cpi`, `perf.llc_miss_rate` | bus lock | `bus.split_locks` | 25 % more | nothing | host |
/// | the same | LLC | `llc.occupancy`, with more misses or bandwidth | the victim lost 10 % of its cache | by vCPUs | cache |
/// | the same | memory bandwidth | `mbm.total`, else `mbm.local` | 25 % more | by vCPUs | NUMA node |
/// | the same | LLC, where it cannot be read | `perf.llc_miss_rate` | 25 % more | by vCPUs | cache |
/// | `bus.split_locks` | bus lock | `bus.split_locks` | 25 % more | nothing | host |
///
/// Package power is not attributed: no signal of a VM tells that the CPUs' frequency fell. Entitlements without a capacity are
/// parts of all that VMs use in the same place. Of a place that is not known everybody may be part.
///
/// A culprit passes all of these; the first that it fails is why it is not to blame:
///
/// 1. It runs and is under no job (`busyWithJob`), and shares the place with the victim (`elsewhere`).
/// 2. It was read in this tick (`tooFewReadings`).
/// 3. It has 10 % or more of the use (`smallShare`); below that no correlation is worked out.
/// 4. It uses more than its entitlement (`withinEntitlement`): for the CPU by over 1 % of it and over 0.05 cores, else by
///    over 10 % of it and an amount that hurts nobody.
/// 5. Over the CPU, it is not kept busy by packets that a VM of another tenant sends it (`flooded`): 500 a second or more, four
///    times what it sends, and that VM sends half as many or more and hears a quarter of that at most.
/// 6. It was read with the victim in 8 ticks of the window, 2 of them hurt and 6 well (`tooFewReadings`). What lies between
///    hurt and well is neither. After 15 hurt ticks without a culprit, nobody new is shown.
/// 7. If hurt itself, it uses more than before (`alsoHurt`).
/// 8. Its use correlates with the suffering at 0.65 or more, 0.8 where somebody there has been hurt for over 5 ticks without
///    a culprit, and 30 % or more of its use came with it (`uncorrelated`).
/// 9. Of all that VMs use more while the victim is hurt 30 % or more is its, of what those do who are not suspected 70 %, and
///    that is twice its part of the use before or 88 % (`smallShare`): who rises as everybody does is not to blame. And
///    what others lost, suspects gained at least half of, where it can only go to them.
/// 10. Holding it did not help before (`acquitted`): its score is halved, its part of the rise left out, and the next
///    suspect is blamed.
/// 11. It ranks first (`outranked`): by correlation × mean of its shares of use and of excess, ties by share and row.
///
/// Over the CPU, what the host's own processes use more while the victim is hurt (`host.cpu_usage` less what VMs use) counts in
/// test 9 as the rise of somebody who is not suspected: where the host itself takes as much, no VM is to blame.
///
/// VMs of one known tenant of which none passes by itself are tried as one (``Candidate/together``). Others that pass are
/// in ``Finding/alsoGuilty``; one of them is blamed once the first is down to its entitlement or acquitted.
///
/// Correlation of use with suffering is from CPI² (Zhang et al., EuroSys'13). What was once shown holds while the VM stays at
/// 70 % of its use then, or is held by Quell, and for 120 ticks without suffering: a pause clears nobody. Three ticks at
/// it while the victim is well do. A missing or stale reading never blames anybody; a rate that comes after ticks without
/// news stands for these too.
///
/// Confidence: of a culprit, the verdict's × its correlation × (1 − ½ the second's score over the first's); of nobody, the
/// verdict's × (1 − the best score of all), 0 without readings; of a cause of its own, 1, for its own demand the verdict's.
/// Suffering that performance counters alone tell is never surer than 0.5, and 0.4 where they tell the use too.
///
/// It keeps 30 ticks of each series that the rules in force need, 120 bytes each: about 2 KB a VM under the shipped policy.
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
        /// Ticks for which a victim has been hurt after which nobody new is shown to hurt it.
        public var newWithin = 15
        /// The share of the host's CPUs in use from which it is contended.
        public var contendedUse = 0.85
        /// The host's CPU pressure from which it is contended, in seconds a second.
        public var contendedPressure = 0.3
        /// The host's memory pressure from which its memory is contended, in seconds a second.
        public var contendedMemory = 0.02
        /// The part of all memory held where a victim lies that a culprit has taken at least beyond its entitlement.
        public var leastTaken = 0.06
        /// The share of the CPU in use that a culprit has at least.
        public var share = 0.1
        /// CPU use beyond the entitlement that does not matter, as a part of it.
        public var slackPart = 0.01
        /// The same of other resources.
        public var shareSlackPart = 0.1
        /// The correlation of a culprit's use with the suffering.
        public var correlation = 0.65
        /// The same of one that nobody thought of in the first ticks of the suffering, when a culprit shows best.
        public var lateCorrelation = 0.8
        /// How many ticks these are.
        public var soon = 5
        /// The part of a culprit's use that came with the suffering.
        public var rise = 0.3
        /// A culprit's part of all that VMs use more.
        public var shareOfRise = 0.3
        /// By how much a culprit's part of the rise is more than its part of the use before.
        public var outgrowth = 2.0
        /// A culprit's part of the rise of itself and of all that are not suspected.
        public var mostOfRise = 0.7
        /// The part of the rise that is always out of proportion.
        public var wholeRise = 0.88
        /// The correlation of each VM of a tenant that is tried together with others.
        public var groupCorrelation = 0.3
        /// The part of what VMs that are tried together rise by on average that each rises by at least.
        public var groupPart = 0.5
        /// The part of all that VMs use more that is always enough for VMs that are tried together.
        public var groupRise = 0.8
        /// The part of its score that is left to a VM that is acquitted.
        public var acquittedPart = 0.5
        /// The part of its use when shown at which a culprit is still at it.
        public var still = 0.7
        /// The part of its cache that a victim has lost at least to whoever holds more of it.
        public var cacheLost = 0.1
        /// The part of the best score that a suspect has at least to be remembered with the culprit.
        public var near = 0.5
        /// The packets a second from which a VM that receives them may be kept busy by them.
        public var flood = 500.0
        /// How many times more than the other way there are of packets that go one way.
        public var oneWay = 4.0
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
    /// The same for what no VM uses of the host's CPUs, in cores.
    var hostRing: [Float] = []
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
    /// For how many ticks it has been, less those in which it was not, at most two windows: `row × kinds + bit`.
    var hurtFor: [UInt32] = []
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
        hostRing = [Float](repeating: .nan, count: tuning.window)
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
        let longest = UInt32(2 * tuning.window)
        for row in hurt.indices {
            for kind in 0..<Self.kinds {
                let place = row * Self.kinds + kind
                // A lull makes little of a long time: what is calm in it is not how it usually is.
                let isHurt = hurt[row] & 1 << UInt16(kind) != 0
                hurtFor[place] = isHurt ? min(hurtFor[place] + 1, longest) : hurtFor[place] - min(hurtFor[place], 1)
            }
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

    /// How many bits ``bit(_:)`` knows.
    static let kinds = 7

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

    /// Whether holding a VM back over a contention did not help a victim.
    func isAcquitted(_ culprit: VMIdentity, of victim: VMIdentity, over contention: Contention) -> Bool {
        acquittals.contains {
            $0.culprit == culprit && $0.victim == victim && ($0.contention ?? contention) == contention
        }
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
        victim.isBlind = isBlind(verdict, frame: frame)
        victim.isLate = isHurt(verdict, forMoreThan: tuning.soon)
        victim.isAfterBurst = isAfterBurst(victim.row, frame: frame)
        for resource in Resource.all(suffering: verdict.signal) {
            guard let trial = hear(resource, &victim, frame: frame, arenas: &arenas) else { continue }
            if finding.outcome != .nobody {
                // Another measure only adds suspects to a culprit that is found.
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
        // Where others there have been hurt for a while without a culprit, it is no more new than for them.
        let isNew = !victim.isLate
        victim.isLate = victim.isLate || isAnyHurt(victim.verdict, in: arenas[index], forMoreThan: tuning.soon)
        defer { victim.isLate = !isNew }
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
