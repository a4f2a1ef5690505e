import Signals

@testable import Policy

/// A ladder with a host of small VMs and a clock that ticks once a second; every intent is answered unless told not to.
struct LadderBed {
    var frame = Frame(hostCPUs: 4)
    var ladder: Ladder
    var now = 1_000.0
    var lease: UInt64 = 0
    /// What every VM uses of disks, links and memory; not read where `nil`.
    var use: HoldUse?
    /// What hour it is, and whether the kill switch is thrown.
    var circumstances = LadderCircumstances()

    init(
        vms: [String] = ["victim", "culprit", "other"],
        mode: PolicySet.Mode = .enforce,
        limits: BlastLimits = BlastLimits(heldVMs: 4, heldVCPUShare: 1, actionsPerMinute: 100),
        adjust: (inout PolicySet) -> Void = { _ in }
    ) {
        var policy = Self.policy(mode: mode, limits: limits)
        adjust(&policy)
        ladder = Ladder(policy: policy)
        for (index, name) in vms.enumerated() {
            let identity = VMIdentity(uuid: VMUUID(high: 0xa, low: UInt64(index)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: name, tenant: .known("t\(index)"), vcpus: 2))
        }
    }

    static func policy(mode: PolicySet.Mode = .enforce, limits: BlastLimits = BlastLimits()) -> PolicySet {
        var rule = Rule(name: "steal", signal: .cpuRunDelay, role: .victim)
        rule.above = 0.06
        rule.ladder = "cpu"
        return PolicySet(mode: mode, rules: [rule], ladders: ["cpu": LadderPlan(name: "cpu")], limits: limits)
    }

    /// The identity of a VM by its place.
    func vm(_ slot: Int) -> VMIdentity {
        frame[record: VMSlot(slot)]?.identity ?? VMIdentity(uuid: VMUUID(high: 0, low: 0), generation: 0)
    }

    /// The hold of a VM, over the CPU where not told otherwise.
    func key(_ slot: Int, _ contention: Contention = .cpu) -> HoldKey { HoldKey(vm(slot), contention) }

    /// A finding that `victim` is hurt, by `culprit` where one is given.
    func finding(
        _ victim: Int = 0,
        by culprit: Int? = 1,
        value: Double = 0.2,
        confidence: Double = 0.9,
        excess: Double = 1,
        signal: Signal = .cpuRunDelay,
        rule: Int = 0,
        contention: Contention = .cpu,
        phase: Verdict.Phase = .ongoing
    ) -> Finding {
        Finding(
            victim: VMSlot(victim),
            verdict: Verdict(
                slot: VMSlot(victim),
                rule: rule,
                signal: signal,
                phase: phase,
                value: value,
                threshold: 0.06,
                since: frame.time
            ),
            contention: contention,
            candidates: culprit.map {
                [Candidate(slot: VMSlot($0), share: 0.5, excess: excess, correlation: 0.9, score: 0.9)]
            } ?? [],
            outcome: culprit.map { .blamed(VMSlot($0)) } ?? .nobody,
            confidence: confidence
        )
    }

    /// One second later: every VM uses 1.9 cores, is throttled as given and has the run delay of the findings.
    mutating func begin(_ findings: [Finding] = [], usage: Double = 1.9, throttled: Double = 0.5) {
        now += 1
        frame.begin(at: MonotonicTime(seconds: now))
        for index in 0..<frame.capacity where frame[record: VMSlot(index)] != nil {
            frame[VMSlot(index), .cpuUsage] = Reading(usage)
            frame[VMSlot(index), .cpuThrottled] = Reading(throttled)
            frame[VMSlot(index), .cpuRunDelay] = Reading(0.001)
        }
        if let use { for index in 0..<frame.capacity { read(use, VMSlot(index)) } }
        for finding in findings { frame[finding.victim, finding.verdict.signal] = Reading(finding.verdict.value) }
    }

    /// One second later; the intents, each answered as the enforcer would.
    mutating func tick(
        _ findings: [Finding] = [],
        usage: Double = 1.9,
        throttled: Double = 0.5,
        answer: Bool = true
    ) -> [Intent] {
        begin(findings, usage: usage, throttled: throttled)
        return decide(findings, answer: answer)
    }

    /// Decides in the tick that was begun.
    mutating func decide(_ findings: [Finding], answer: Bool = true) -> [Intent] {
        let intents = ladder.decide(findings, frame: frame, circumstances: circumstances)
        if answer { intents.forEach { self.answer($0) } }
        return intents
    }

    /// Answers an intent as an enforcer in the policy's mode does.
    mutating func answer(_ intent: Intent) {
        lease += 1
        let isDry = ladder.policy.mode == .dryRun
        let event: LeaseEvent
        switch intent {
        case .hold(let order):
            let isHeld = ladder.holds.contains { $0.key == order.key && $0.phase != .requested }
            event =
                isDry
                ? .wouldHold(order)
                : isHeld ? .adjusted(order, lease: lease) : .granted(order, lease: lease)
        case .release(let key, let reason):
            event =
                isDry
                ? .wouldRelease(key, name: "", reason) : .released(key, name: "", lease: lease, reason)
        }
        note(event)
    }

    /// Hands an event to the ladder at the present time.
    mutating func note(_ event: LeaseEvent) {
        ladder.note(event, at: MonotonicTime(seconds: now))
    }

    /// Ticks `seconds` times with the same findings; the intents with the second in which each came, from 1.
    mutating func run(
        _ seconds: Int,
        _ findings: [Finding] = [],
        usage: Double = 1.9,
        throttled: Double = 0.5
    ) -> [(second: Int, intent: Intent)] {
        var all: [(Int, Intent)] = []
        for second in 1...seconds {
            all += tick(findings, usage: usage, throttled: throttled).map { (second, $0) }
        }
        return all
    }
}

extension [Intent] {
    /// The orders.
    var orders: [HoldOrder] {
        compactMap { intent in
            guard case .hold(let order) = intent else { return nil }
            return order
        }
    }

    /// The steps ordered.
    var steps: [HoldStep] { orders.map(\.step) }

    /// The shares ordered.
    var caps: [Double] { steps.compactMap(\.share) }

    /// The reasons of the releases.
    var reasons: [ReleaseReason] {
        compactMap { intent in
            guard case .release(_, let reason) = intent else { return nil }
            return reason
        }
    }
}
