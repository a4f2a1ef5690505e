import Attribution
import Signals

/// A host of scripted readings: row 0 is the victim, and is hurt where its run delay is 50 ms/s or more.
struct Stage {
    /// The attributor on trial.
    var attributor = Attributor()
    /// Its frame.
    var frame: Frame
    /// The signal by which the victim suffers.
    var signal = Signal.cpuRunDelay
    /// Whether a verdict is given in ticks without a reading too.
    var blind = false
    /// How far readings wobble, as a part of them.
    var wobble = 0.01
    /// Writes what else is read in a tick.
    var also: (inout Frame) -> Void = { _ in }
    /// The findings of the last tick.
    var findings: [Finding] = []
    /// The time of the next tick, in seconds.
    private var now = 500.0
    /// Moves the readings.
    private var jitter = SplitMix64(seed: 1)

    /// A host with the given CPUs and VMs of the given vCPUs.
    init(cpus: Int, vcpus: [Int]) {
        frame = Frame(hostCPUs: cpus)
        for (index, count) in vcpus.enumerated() { _ = frame.place(Self.record(index, vcpus: count)) }
    }

    /// A VM by number.
    static func record(_ index: Int, vcpus: Int, generation: UInt64 = 1) -> VMRecord {
        VMRecord(
            identity: VMIdentity(uuid: VMUUID(high: 9, low: UInt64(index)), generation: generation),
            name: "vm\(index)",
            vcpus: vcpus
        )
    }

    /// Plays ticks in which each VM uses the given cores, and the victim waits; `nil` for a reading that is missing.
    @discardableResult
    mutating func play(
        _ ticks: Int = 1,
        use: [Double?],
        delay: Double?,
        throttled: Double? = nil,
        pressure: Double? = nil,
        alsoHurt: [Int] = []
    ) -> Finding.Outcome? {
        var rule = Rule(name: "hurt", signal: signal, role: .victim)
        rule.above = 0.05
        for _ in 0..<ticks {
            frame.begin(at: MonotonicTime(seconds: now))
            now += 1
            for (row, value) in use.enumerated() where frame[record: VMSlot(row)] != nil {
                if let value { frame[VMSlot(row), .cpuUsage] = Reading(value * (1 + wobble * jitter.normal())) }
            }
            if let delay { frame[VMSlot(0), signal] = Reading(delay * (1 + wobble * jitter.normal())) }
            if let throttled { frame[VMSlot(0), .cpuThrottled] = Reading(throttled) }
            if let pressure { frame[host: .hostCPUPressure] = Reading(pressure) }
            also(&frame)
            var verdicts: [Verdict] = []
            for row in [0] + alsoHurt {
                if row > 0, let delay { frame[VMSlot(row), signal] = Reading(delay) }
                guard blind || delay ?? 0 >= 0.05 else { continue }
                verdicts.append(Self.verdict(row, signal: signal, value: delay ?? 0))
            }
            findings = attributor.assess(frame, verdicts: verdicts, rules: [rule])
        }
        return findings.first?.outcome
    }

    /// A firing verdict of full confidence.
    static func verdict(_ row: Int, signal: Signal, value: Double, phase: Verdict.Phase = .ongoing) -> Verdict {
        Verdict(
            slot: VMSlot(row),
            rule: 0,
            signal: signal,
            phase: phase,
            value: value,
            threshold: 0.05,
            since: MonotonicTime(seconds: 0)
        )
    }

    /// Why the VM in a row was not to blame in the last tick's first finding.
    func rejection(_ row: Int) -> Candidate.Rejection? { candidate(row)?.rejection }

    /// The VM in a row as a candidate of the last tick's first finding.
    func candidate(_ row: Int) -> Candidate? { findings.first?.candidates.first { $0.slot.index == row } }
}
