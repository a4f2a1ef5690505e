import Attribution
import Signals

/// A host of scripted readings of any resource: row 0 is the victim of a rule on one signal.
struct Scene {
    /// The attributor on trial.
    var attributor = Attributor()
    /// Its frame.
    var frame: Frame
    /// The rule: the victim is hurt from this value on.
    let rule: Rule
    /// How one row's use is written into the frame; `nil` for a reading that is missing.
    let write: (inout Frame, VMSlot, Double?) -> Void
    /// Written in each tick, for what the host tells.
    var host: (inout Frame) -> Void = { _ in }
    /// Who did not help whom.
    var acquittals: [Acquittal] = []
    /// The findings of the last tick.
    var findings: [Finding] = []
    /// The time of the next tick, in seconds.
    private var now = 500.0
    /// Moves the readings.
    private var jitter = SplitMix64(seed: 3)

    /// A host with VMs of the given vCPUs.
    init(
        _ signal: Signal,
        above bound: Double,
        vcpus: [Int] = [1, 1, 1, 1],
        write: @escaping (inout Frame, VMSlot, Double?) -> Void
    ) {
        var rule = Rule(name: "hurt", signal: signal, role: .victim)
        rule.above = bound
        self.rule = rule
        self.write = write
        frame = Frame(hostCPUs: 8)
        for (index, count) in vcpus.enumerated() { _ = frame.place(Stage.record(index, vcpus: count)) }
    }

    /// Plays ticks in which each VM uses so much and the victim suffers so much.
    @discardableResult
    mutating func play(_ ticks: Int = 1, use: [Double?], suffering: Double?, alsoHurt: [Int] = []) -> Finding.Outcome? {
        for _ in 0..<ticks {
            frame.begin(at: MonotonicTime(seconds: now))
            now += 1
            for (row, value) in use.enumerated() where frame[record: VMSlot(row)] != nil {
                write(&frame, VMSlot(row), value.map { $0 * (1 + 0.01 * jitter.normal()) })
            }
            host(&frame)
            for row in [0] + alsoHurt {
                if let suffering { frame[VMSlot(row), rule.signal] = Reading(suffering * (1 + 0.01 * jitter.normal())) }
            }
            var verdicts: [Verdict] = []
            if let suffering, suffering >= rule.above ?? 0 {
                for row in [0] + alsoHurt {
                    var verdict = Stage.verdict(row, signal: rule.signal, value: suffering)
                    verdict.threshold = rule.above ?? 0
                    verdicts.append(verdict)
                }
            }
            findings = attributor.assess(frame, verdicts: verdicts, rules: [rule], acquittals: acquittals)
        }
        return findings.first?.outcome
    }

    /// Why the VM in a row was not to blame in the last tick.
    func rejection(_ row: Int) -> Candidate.Rejection? { candidate(row)?.rejection }

    /// The VM in a row as a candidate of the last tick.
    func candidate(_ row: Int) -> Candidate? { findings.first?.candidates.first { $0.slot.index == row } }
}
