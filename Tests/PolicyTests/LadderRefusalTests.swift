import Signals
import Testing

@testable import Policy

@Suite("Ladder: why nothing is done")
struct LadderRefusalTests {
    private func reasons(_ bed: inout LadderBed, _ findings: [Finding]) -> [String] {
        _ = bed.tick(findings)
        return bed.ladder.refusals.map(\.reason)
    }

    @Test("A refusal names who is blamed, who is hurt and the rule; what is done is no refusal")
    func named() {
        var bed = LadderBed { $0.protectedVMs = ["culprit"] }
        _ = bed.tick([bed.finding(0, by: 1), bed.finding(0, by: 2)])
        #expect(
            bed.ladder.refusals == [
                Refusal(culprit: bed.vm(1), victim: bed.vm(0), rule: "steal", reason: "protected by the policy")
            ]
        )
        _ = bed.tick([bed.finding(0, by: 2)])
        #expect(bed.ladder.refusals == [], "it is held for it")
        _ = bed.tick()
        #expect(bed.ladder.refusals == [])
    }

    @Test("Each thing that stands against it is told, the first that does")
    func each() {
        for (change, reason) in [
            ({ $0.rules[0].ladder = nil }, "its rule has no ladder"),
            ({ $0.rules[0].ladder = "no" }, "the ladder of its rule does not answer this"),
            ({ $0.ladders["cpu"]?.contention = .disk }, "the ladder of its rule does not answer this"),
            ({ $0.ladders["cpu"]?.steps = [] }, "its ladder has no step for it"),
            ({ $0.ladders["cpu"]?.ceilings["standard"] = .throttle(0.8) }, "its class is held no further than 80%"),
            ({ $0.protectedTenants = ["t1"] }, "protected by the policy"),
            ({ $0.limits.heldVMs = 0 }, "no more VMs may be held at once"),
            ({ $0.limits.actionsPerMinute = 0 }, "no more actions may be taken within a minute"),
        ] as [((inout PolicySet) -> Void, String)] {
            var bed = LadderBed(adjust: change)
            #expect(reasons(&bed, [bed.finding()]) == [reason])
        }
    }

    @Test("What is wrong with the finding or the VM is told too")
    func findings() {
        var bed = LadderBed()
        #expect(reasons(&bed, [bed.finding(confidence: 0.4)]) == ["not sure enough"])
        #expect(reasons(&bed, [bed.finding(value: 0.01)]) == ["the victim is within its bounds again"])
        #expect(
            reasons(&bed, [bed.finding(excess: 1), bed.finding(1, by: 2, confidence: 0.1, excess: 2)]).contains(
                "is hurt itself by one that takes as much"
            )
        )
        bed.frame[record: VMSlot(1)]?.activity = .migration
        #expect(reasons(&bed, [bed.finding()]) == ["paused or under a job"])
        bed.frame[record: VMSlot(1)]?.activity = []
        let finding = bed.finding()
        bed.begin([finding])
        bed.frame[VMSlot(0), .cpuRunDelay].quality = .stale
        _ = bed.decide([finding])
        #expect(bed.ladder.refusals.map(\.reason) == ["what the victim suffers was not read in this tick"])
        bed.begin([finding])
        bed.frame[VMSlot(1), .cpuUsage].quality = .reset
        _ = bed.decide([finding])
        #expect(bed.ladder.refusals.map(\.reason) == ["not read in this tick"])
    }

    @Test("A hardware counter alone is told as such")
    func counters() {
        var bed = LadderBed.every()
        #expect(
            reasons(&bed, [bed.finding(signal: .perfCPI, rule: 1, contention: .llc)]) == [
                "only hardware counters say so"
            ]
        )
    }

    @Test("An acquitted VM and one that is left alone are told as such")
    func afterwards() {
        var bed = LadderBed()
        _ = bed.run(23, [bed.finding()])
        #expect(reasons(&bed, [bed.finding()]) == [Candidate.Rejection.acquitted.rawValue])
        bed = LadderBed()
        _ = bed.tick([bed.finding()], answer: false)
        bed.note(.failed(bed.key(1), name: "", "no"))
        #expect(
            reasons(&bed, [bed.finding()]) == [
                "left alone for a while, since an action on it failed or a person took it in hand"
            ]
        )
    }

    @Test("Too many vCPUs are told as such")
    func vcpus() {
        var bed = LadderBed(limits: BlastLimits(heldVMs: 9, heldVCPUShare: 0.5, actionsPerMinute: 9))
        #expect(reasons(&bed, [bed.finding(0, by: 1), bed.finding(0, by: 2)]) == ["no more vCPUs may be held at once"])
    }

    @Test("What nobody is blamed for, what a VM does to itself, dry run and rows that are not there are no refusals")
    func none() {
        var bed = LadderBed(mode: .dryRun)
        var own = bed.finding(2, by: 0)
        own.outcome = .selfInflicted(.ownQuota)
        #expect(
            reasons(&bed, [bed.finding(by: nil), own, bed.finding(by: 0), bed.finding(by: 99)]) == []
        )
        #expect(reasons(&bed, [bed.finding()]) == [])
        #expect(reasons(&bed, [bed.finding(phase: .cleared)]) == [])
    }

    @Test("One that is being let go, and one that is held for others, are told as such")
    func held() {
        var bed = LadderBed { $0.ladders["cpu"]?.lease = 5 }
        _ = bed.run(5, [bed.finding()])
        _ = bed.tick([bed.finding()], answer: false)
        #expect(bed.ladder.refusals.map(\.reason) == ["being let go"])
        bed = LadderBed()
        _ = bed.tick([bed.finding()])
        #expect(reasons(&bed, [bed.finding(2, by: 1, confidence: 0.2)]) == ["not sure enough"])
    }
}
