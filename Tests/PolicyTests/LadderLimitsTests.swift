import Signals
import Testing

@testable import Policy

@Suite("Ladder: limits, failures, dry run and reload")
struct LadderLimitsTests {
    private static let many = ["a", "b", "c", "d", "e", "f", "g", "h"]

    @Test("No more VMs are held at once than the policy allows, counting those only asked for")
    func heldVMs() {
        var bed = LadderBed(vms: Self.many, limits: BlastLimits(heldVMs: 2, heldVCPUShare: 1, actionsPerMinute: 99))
        let findings = (1...4).map { bed.finding(0, by: $0) }
        #expect(bed.tick(findings, answer: false).count == 2)
        #expect(bed.tick(findings, answer: false) == [])
        bed = LadderBed(limits: BlastLimits(heldVMs: 0, heldVCPUShare: 1, actionsPerMinute: 99))
        #expect(bed.tick([bed.finding()]) == [])
    }

    @Test("No greater share of the running vCPUs is held than allowed, but one VM always may be")
    func vcpuShare() {
        var bed = LadderBed(vms: Self.many, limits: BlastLimits(heldVMs: 9, heldVCPUShare: 0.25, actionsPerMinute: 99))
        #expect(bed.tick((1...4).map { bed.finding(0, by: $0) }).count == 2, "4 of 16 vCPUs")
        bed = LadderBed(vms: Self.many, limits: BlastLimits(heldVMs: 9, heldVCPUShare: 0.25, actionsPerMinute: 99))
        bed.frame[record: VMSlot(7)]?.running = false
        #expect(bed.tick((1...4).map { bed.finding(0, by: $0) }).count == 1, "4 of 14 would be too many")
        bed = LadderBed(limits: BlastLimits(heldVMs: 9, heldVCPUShare: 0, actionsPerMinute: 99))
        #expect(bed.tick([bed.finding()]).count == 1)
    }

    @Test("No more holds and steps down are ordered within 60 seconds than allowed; the next comes when one is over")
    func actions() {
        var bed = LadderBed(limits: BlastLimits(heldVMs: 9, heldVCPUShare: 1, actionsPerMinute: 2))
        #expect(bed.run(60, [bed.finding()]).map(\.second) == [1, 4])
        #expect(bed.tick([bed.finding()]).caps == [0.2])
    }

    @Test("Steps up and releases are not limited")
    func stepsUpFree() {
        var bed = LadderBed(limits: BlastLimits(heldVMs: 9, heldVCPUShare: 1, actionsPerMinute: 1))
        _ = bed.tick([bed.finding()])
        #expect(bed.run(30, [], usage: 0.1, throttled: 0).map(\.intent).reasons == [.calm])
    }

    @Test("The surest finding goes first where only one may be held")
    func ranking() {
        var bed = LadderBed(vms: Self.many, limits: BlastLimits(heldVMs: 1, heldVCPUShare: 1, actionsPerMinute: 9))
        let intents = bed.tick([
            bed.finding(0, by: 1, confidence: 0.6), bed.finding(0, by: 2, confidence: 0.8),
            bed.finding(0, by: 3, confidence: 0.7),
        ])
        guard case .hold(let order)? = intents.first else {
            Issue.record("nothing was ordered")
            return
        }
        #expect(order.name == "c")
    }

    @Test("Failures double the time until the next try, and a success forgets them")
    func backOff() {
        var bed = LadderBed()
        var gaps: [Int] = []
        var last = 0
        for second in 1...200 where !bed.tick([bed.finding()], answer: false).isEmpty {
            bed.note(.failed(bed.key(1), name: "", "no"))
            gaps.append(second - last)
            last = second
        }
        #expect(gaps == [1, 5, 10, 20, 40, 80])
        bed = LadderBed()
        _ = bed.tick([bed.finding()], answer: false)
        bed.note(.failed(bed.key(1), name: "", "no"))
        _ = bed.run(6, [bed.finding()])
        #expect(bed.ladder.holds.map(\.phase) == [.inForce])
        _ = bed.run(40, [], usage: 0, throttled: 0)
        _ = bed.tick([bed.finding()], answer: false)
        bed.note(.failed(bed.key(1), name: "", "no"))
        #expect(bed.run(5, [bed.finding()]).map(\.second) == [5])
    }

    @Test("A step that failed leaves the cap as it was and is tried again later")
    func failedStep() {
        var bed = LadderBed()
        _ = bed.run(3, [bed.finding()])
        #expect(bed.tick([bed.finding()], answer: false).caps == [0.35])
        bed.note(.failed(bed.key(1), name: "", "no"))
        #expect(bed.ladder.holds.map(\.step) == [.throttle(0.6)])
        #expect(bed.run(5, [bed.finding()]).map(\.second) == [5])
    }

    @Test("A release that failed or went unanswered is asked for again and the VM counts as held until then")
    func failedRelease() {
        var bed = LadderBed(limits: BlastLimits(heldVMs: 1, heldVCPUShare: 1, actionsPerMinute: 99))
        _ = bed.tick([bed.finding()])
        for _ in 0..<299 { _ = bed.tick() }
        #expect(bed.tick(answer: false).reasons == [.expired])
        bed.note(.failed(bed.key(1), name: "", "no"))
        #expect(bed.tick([bed.finding(0, by: 2)], answer: false).reasons == [.expired])
        for _ in 0..<29 { #expect(bed.tick([bed.finding(0, by: 2)], answer: false) == []) }
        #expect(bed.tick([bed.finding(0, by: 2)]).reasons == [.expired])
        #expect(bed.tick([bed.finding(0, by: 2)]).caps == [0.6])
    }

    @Test("An order that nobody answers is given up after half a minute, and a late answer is still followed")
    func lateAnswer() {
        var bed = LadderBed()
        guard case .hold(let order)? = bed.tick([bed.finding()], answer: false).first else {
            Issue.record("nothing was ordered")
            return
        }
        #expect(bed.run(31).isEmpty)
        #expect(bed.ladder.holds.isEmpty)
        bed.note(.granted(order, lease: 9))
        #expect(bed.ladder.holds.map(\.phase) == [.inForce])
        #expect(bed.run(301).map(\.intent).reasons == [.expired])
    }

    @Test("A VM that an operator released or took over is left alone for the time of an acquittal")
    func operatorHand() {
        for event: (HoldKey) -> LeaseEvent in [
            { .released($0, name: "", lease: 1, .operatorRequest) }, { .handedOver($0, name: "", lease: 1, found: "") },
        ] {
            var bed = LadderBed { $0.ladders["cpu"]?.acquittal = 100 }
            _ = bed.tick([bed.finding()])
            bed.note(event(bed.key(1)))
            #expect(bed.ladder.holds.isEmpty)
            #expect(bed.run(100, [bed.finding()]).map(\.second) == [100])
        }
    }

    @Test("Dry run tells a hold once, takes no further steps, and tells the end when the victim is calm")
    func dryRun() {
        var bed = LadderBed(mode: .dryRun)
        #expect(bed.run(60, [bed.finding()]).map(\.second) == [1])
        #expect(bed.ladder.holds.map(\.isVirtual) == [true])
        let end = bed.run(11)
        #expect(end.map(\.second) == [11])
        #expect(end.map(\.intent).reasons == [.calm])
        #expect(bed.ladder.holds.isEmpty)
    }

    @Test("A virtual hold ends with its lease too")
    func dryRunExpiry() {
        var bed = LadderBed(mode: .dryRun)
        let intents = bed.run(301, [bed.finding()])
        #expect(intents.map(\.second) == [1, 301])
        #expect(intents.map(\.intent).reasons == [.expired])
    }

    @Test("From enforcing to dry run all is released; the other way virtual holds are forgotten")
    func modeChange() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        bed.ladder.adopt(policy: LadderBed.policy(mode: .dryRun))
        #expect(bed.tick([bed.finding()]).reasons == [.policy])
        bed = LadderBed(mode: .dryRun)
        _ = bed.tick([bed.finding()])
        bed.ladder.adopt(policy: LadderBed.policy(mode: .enforce))
        #expect(bed.tick() == [])
        #expect(bed.ladder.holds.isEmpty)
    }

    @Test("A policy without the rule or the ladder, or with tighter limits, releases what it does not allow")
    func reload() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        bed.ladder.adopt(policy: PolicySet(mode: .enforce))
        #expect(bed.tick() == [.release(bed.key(1), .policy)])

        bed = LadderBed()
        _ = bed.tick([bed.finding(0, by: 1), bed.finding(0, by: 2)])
        bed.ladder.adopt(policy: LadderBed.policy(limits: BlastLimits(heldVMs: 1)))
        #expect(bed.tick() == [.release(bed.key(2), .policy)], "the latest goes first")
        #expect(bed.ladder.holds.map(\.vm) == [bed.vm(1)])
    }

    @Test("A culprit that is gone is released as gone; a victim that is gone is calm")
    func gone() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        bed.frame.remove(VMSlot(1))
        let intents = bed.run(8)
        #expect(intents.map(\.intent).reasons == [.gone])
        #expect(intents.map(\.second) == [6])

        bed = LadderBed()
        _ = bed.tick([bed.finding()])
        bed.frame.remove(VMSlot(0))
        #expect(bed.run(30).map(\.intent).reasons == [.calm])
    }
}
