import Detection
import Signals

/// A bank, its frame and a clock that goes on by one second a tick.
struct Bench {
    /// The bank on trial.
    var bank: DetectorBank
    /// Its frame.
    var frame: Frame
    /// The verdicts of the last tick.
    var verdicts: [Verdict] = []
    /// The time of the next tick, in seconds.
    var now = 1_000.0

    /// A bench of the given rules and one VM for each name.
    init(_ rules: [Rule], vms: Int = 1, tuning: DetectorBank.Tuning = .init()) {
        bank = DetectorBank(rules: rules, tuning: tuning)
        frame = Frame(hostCPUs: 4)
        for index in 0..<vms { _ = frame.place(Self.record(index)) }
    }

    /// A VM by number.
    static func record(_ index: Int, generation: UInt64 = 1) -> VMRecord {
        VMRecord(
            identity: VMIdentity(uuid: VMUUID(high: 7, low: UInt64(index)), generation: generation),
            name: "vm\(index)",
            vcpus: 2
        )
    }

    /// One tick in which row 0 reads the given value.
    @discardableResult
    mutating func tick(_ reading: Reading, _ signal: Signal = .cpuRunDelay, row: Int = 0, step: Double = 1) -> [Verdict]
    {
        tick(row: row, [signal: reading], step: step)
    }

    /// One tick in which a row reads the given values.
    @discardableResult
    mutating func tick(row: Int = 0, _ readings: [Signal: Reading], step: Double = 1) -> [Verdict] {
        frame.begin(at: MonotonicTime(seconds: now))
        now += step
        for (signal, reading) in readings where frame[record: VMSlot(row)] != nil {
            frame[VMSlot(row), signal] = reading
        }
        bank.observe(frame, into: &verdicts)
        return verdicts
    }

    /// The phases told in a tick with the given value.
    @discardableResult
    mutating func phases(_ value: Double?, step: Double = 1) -> [Verdict.Phase] {
        tick(value.map { Reading($0) } ?? .missing, step: step).map(\.phase)
    }

    /// Many ticks of a stream about a level.
    mutating func warm(_ level: Double = 0.01, ticks: Int = 60, wobble: Double = 0.1) {
        for index in 0..<ticks { tick(Reading(level * (1 + wobble * Double(index % 5 - 2) / 2))) }
    }
}

/// A rule on run delay.
func rule(
    _ name: String = "delay",
    above: Double? = nil,
    below: Double? = nil,
    deviation: Double? = nil,
    sustain: Double = 0,
    clearAfter: Double = 5,
    signal: Signal = .cpuRunDelay
) -> Rule {
    var rule = Rule(name: name, signal: signal, role: .victim)
    rule.above = above
    rule.below = below
    rule.deviation = deviation
    rule.sustain = sustain
    rule.clearAfter = clearAfter
    return rule
}
