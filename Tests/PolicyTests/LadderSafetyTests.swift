import Signals
import Testing

@testable import Policy

@Suite("Ladder: what is never acted on")
struct LadderSafetyTests {
    @Test("A finding acts from a confidence of a half on, and not below or without one")
    func confidence() {
        for (confidence, acts) in [(0.5, true), (0.49, false), (Double.nan, false)] {
            var bed = LadderBed()
            #expect(!bed.tick([bed.finding(confidence: confidence)]).isEmpty == acts)
        }
    }

    @Test("A rule without a ladder, with an unknown one, or of a suspect never acts")
    func rulesWithoutLadder() {
        for change in [
            { $0.rules[0].ladder = nil }, { $0.rules[0].ladder = "none" }, { $0.rules[0].role = .suspect },
            { $0.ladders["cpu"]?.contention = .disk }, { $0.ladders["cpu"]?.steps = [] }, { $0.rules = [] },
        ] as [(inout PolicySet) -> Void] {
            var bed = LadderBed(adjust: change)
            #expect(bed.tick([bed.finding()]) == [])
        }
    }

    @Test("A self-inflicted, a cleared or an unblamed finding never acts")
    func outcomes() {
        var bed = LadderBed()
        var own = bed.finding()
        own.outcome = .selfInflicted(.ownQuota)
        #expect(bed.tick([own]) == [])
        #expect(bed.tick([bed.finding(phase: .cleared)]) == [])
        #expect(bed.tick([bed.finding(by: nil)]) == [])
        #expect(bed.tick([bed.finding(by: 0)]) == [], "nobody is held for hurting itself")
    }

    @Test("Rows and rules that do not exist are passed over")
    func badIndexes() {
        var bed = LadderBed()
        bed.begin()
        for finding in [
            bed.finding(99), bed.finding(-1), bed.finding(by: 99), bed.finding(by: -1), bed.finding(rule: 7),
            bed.finding(rule: -1), bed.finding(value: .nan),
        ] {
            #expect(bed.decide([finding]) == [])
        }
    }

    @Test("A protected VM is never held: by name, by UUID in either case, by tenant, by one tenant of several")
    func protected() {
        for change in [
            { $0.protectedVMs = ["culprit"] },
            { $0.protectedVMs = ["00000000-0000-000A-0000-000000000001"] },
            { $0.protectedTenants = ["t1"] },
        ] as [(inout PolicySet) -> Void] {
            var bed = LadderBed(adjust: change)
            #expect(bed.run(20, [bed.finding()]).isEmpty)
        }
        var bed = LadderBed { $0.protectedTenants = ["t1"] }
        bed.frame[record: VMSlot(1)]?.tenant = .conflicting(["t8", "t1"])
        #expect(bed.tick([bed.finding()]) == [])
        bed.frame[record: VMSlot(1)]?.tenant = .known("t8")
        #expect(bed.tick([bed.finding()]).caps == [0.6])
    }

    @Test("A VM that becomes protected while it is held is released")
    func protectedLater() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        bed.frame[record: VMSlot(1)]?.tenant = .known("vip")
        var policy = bed.ladder.policy
        policy.protectedTenants = ["vip"]
        bed.ladder.adopt(policy: policy)
        #expect(bed.tick([bed.finding()]) == [.release(bed.key(1), .policy)])
        #expect(bed.tick([bed.finding()]) == [])
    }

    @Test("A victim's or a culprit's reading that is not whole never acts", arguments: Quality.allCases)
    func quality(_ quality: Quality) {
        for (slot, signal) in [(VMSlot(0), Signal.cpuRunDelay), (VMSlot(1), .cpuUsage)] {
            var bed = LadderBed()
            let finding = bed.finding()
            bed.begin([finding])
            bed.frame[slot, signal].quality = quality
            #expect(bed.decide([finding]).isEmpty == (quality != .ok))
        }
    }

    @Test("Missing readings and absent VMs never cause a step down or an acquittal")
    func missingData() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        for _ in 0..<10 {
            let finding = bed.finding()
            bed.begin([finding])
            bed.frame[VMSlot(0), .cpuRunDelay] = .missing
            #expect(bed.decide([finding]) == [])
        }
        #expect(bed.ladder.holds.map(\.step) == [.throttle(0.6)])
        bed = LadderBed()
        _ = bed.run(8, [bed.finding()])
        for _ in 0..<60 {
            let finding = bed.finding()
            bed.begin([finding])
            bed.frame[VMSlot(0), .cpuRunDelay].quality = .stale
            #expect(bed.decide([finding]) == [])
        }
    }

    @Test("Readings that are missing are no calm either")
    func missingIsNotCalm() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        for _ in 0..<60 {
            bed.begin([], usage: 0.1, throttled: 0)
            bed.frame[VMSlot(0), .cpuRunDelay] = .missing
            #expect(bed.decide([]) == [])
        }
        for _ in 0..<60 {
            bed.begin([])
            bed.frame[VMSlot(1), .cpuUsage] = .missing
            bed.frame[VMSlot(1), .cpuThrottled] = .missing
            #expect(bed.decide([]) == [])
        }
    }

    @Test("A hardware counter alone never acts; with the run delay beside it it does")
    func counters() {
        var bed = LadderBed { policy in
            var rule = Rule(name: "cpi", signal: .perfCPI, role: .victim)
            rule.above = 3
            rule.ladder = "cpu"
            policy.rules.append(rule)
        }
        let cpi = bed.finding(signal: .perfCPI, rule: 1)
        #expect(bed.tick([cpi]) == [])
        let delay = bed.finding(value: 0.01, confidence: 0.1)
        #expect(bed.tick([cpi, delay]).caps == [0.6])
    }

    @Test("A paused VM, or one under a job, is left as it is and its lease still ends")
    func holdOff() {
        for activity in [VMActivity.migration, .backup, .save] {
            var bed = LadderBed()
            bed.frame[record: VMSlot(1)]?.activity = activity
            #expect(bed.run(5, [bed.finding()]).isEmpty)
            bed.frame[record: VMSlot(1)]?.activity = .balloon
            _ = bed.tick([bed.finding()])
            bed.frame[record: VMSlot(1)]?.activity = activity
            let intents = bed.run(300, [bed.finding()])
            #expect(intents.map(\.intent) == [.release(bed.key(1), .expired)])
            #expect(intents.map(\.second) == [300])
        }
        var bed = LadderBed()
        bed.frame[record: VMSlot(1)]?.running = false
        #expect(bed.run(5, [bed.finding()]).isEmpty)
        bed.frame[record: VMSlot(1)]?.running = true
        _ = bed.tick([bed.finding()])
        bed.frame[record: VMSlot(1)]?.running = false
        #expect(bed.run(60, [], usage: 0, throttled: 0).isEmpty)
    }

    @Test("Of two that hurt each other only the one with the greater excess is held; of equals neither")
    func mutualBlame() {
        for (mine, theirs, held) in [(1.5, 1.0, true), (1.0, 1.0, false), (0.5, 1.0, false)] {
            var bed = LadderBed()
            let findings = [
                bed.finding(0, by: 1, excess: mine), bed.finding(1, by: 2, confidence: 0.3, excess: theirs),
            ]
            #expect(bed.tick(findings).caps == (held ? [0.6] : []))
        }
    }

    @Test("A held VM that is found hurt by another one is not stepped down further")
    func heldVictim() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        let findings = [bed.finding(by: nil), bed.finding(1, by: 2, confidence: 0.3)]
        #expect(bed.run(10, findings).isEmpty)
    }
}
