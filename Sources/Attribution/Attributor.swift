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
        /// The share of the CPU in use that a culprit has at least.
        public var share = 0.1
        /// Use beyond the entitlement that does not matter, in cores.
        public var slack = 0.05
        /// Use beyond the entitlement that does not matter, as a part of it.
        public var slackPart = 0.01
        /// The correlation of a culprit's use with the suffering.
        public var correlation = 0.6
        /// The part of a culprit's use that came with the suffering.
        public var rise = 0.3
        /// A culprit's part of all that VMs use more.
        public var shareOfRise = 0.3
        /// The part of its use when shown at which a culprit is still at it.
        public var still = 0.7
        /// The share of the CPU in use below which a VM is not looked at.
        public var listed = 0.005

        /// The bounds that the documentation states.
        public init() {}
    }

    /// What the rings hold of a row.
    enum Series: Int, CaseIterable {
        case use, runDelay, pressureSome, pressureFull

        /// The series of a signal that tells suffering over the CPU; `nil` for another.
        init?(suffering signal: Signal) {
            if signal == .cpuRunDelay {
                self = .runDelay
            } else if signal == .cpuPressureSome {
                self = .pressureSome
            } else if signal == .cpuPressureFull {
                self = .pressureFull
            } else {
                return nil
            }
        }
    }

    /// A VM that was shown to hurt a victim that still fires.
    struct Shown: Sendable {
        /// The VM.
        var identity: VMIdentity
        /// The correlation by which it was shown.
        var correlation: Double
        /// Its use then, in cores.
        var use: Double
    }

    /// VMs remembered for a victim.
    static let shownPerVictim = 4

    /// The bounds in force.
    public let tuning: Tuning
    /// Series by row: `(row × series + series) × window + tick`; NaN where there is no reading.
    var rings: [Double] = []
    /// The place of this tick in every ring.
    var head = 0
    /// Who the rings of a row belong to.
    var identities: [VMIdentity?] = []
    /// Who was shown to hurt the VM in a row: `row × shownPerVictim`.
    var shown: [Shown?] = []
    /// Scratch: whether the VM in a row is hurt over the CPU in this tick.
    var hurt: [Bool] = []
    /// Scratch: what the VM in a row is entitled to.
    var claims: [Entitlement.Claim] = []

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
    /// - Returns: A finding for each verdict of a victim rule that fires, in their order.
    public mutating func assess(_ frame: Frame, verdicts: [Verdict], rules: [Rule]) -> [Finding] {
        remember(frame)
        var anyHurt = false
        for verdict in verdicts where contention(of: verdict, in: frame, rules: rules) == .cpu {
            hurt[verdict.slot.index] = true
            anyHurt = true
        }
        for row in hurt.indices where !hurt[row] { forgetShown(of: row) }
        var host: HostUse?
        if anyHurt { host = measure(frame) }
        var findings: [Finding] = []
        for verdict in verdicts {
            guard let contention = contention(of: verdict, in: frame, rules: rules),
                Self.suffers(verdict, under: rules[verdict.rule], in: frame)
            else { continue }
            findings.append(explain(verdict, contention: contention, frame: frame, host: host))
        }
        return findings
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

    /// Explains one verdict.
    private mutating func explain(
        _ verdict: Verdict,
        contention: Contention,
        frame: Frame,
        host: HostUse?
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
        guard contention == .cpu, let host, let series = Series(suffering: verdict.signal),
            frame[verdict.slot, verdict.signal].trusted != nil,
            let use = frame[verdict.slot, .cpuUsage].trusted
        else { return finding }
        let victim = Victim(verdict: verdict, record: record, series: series, use: use)
        let trial = hear(victim, frame: frame, host: host)
        finding.candidates = trial.candidates
        finding.outcome = trial.outcome
        finding.confidence = trial.confidence
        return finding
    }
}
