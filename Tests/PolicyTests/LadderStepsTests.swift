import Signals
import Testing

@testable import Policy

@Suite("Ladder: the way down and up")
struct LadderStepsTests {
    @Test("A blamed VM is ordered to the first step, once, with the whole lease")
    func firstStep() {
        var bed = LadderBed()
        let intents = bed.tick([bed.finding()], answer: false)
        #expect(
            intents == [
                .hold(
                    HoldOrder(
                        vm: bed.vm(1),
                        name: "culprit",
                        vcpus: 2,
                        step: .throttle(0.6),
                        term: 300,
                        rule: "steal",
                        victim: bed.vm(0),
                        victimName: "victim"
                    )
                )
            ]
        )
        #expect(bed.ladder.holds.map(\.phase) == [.requested])
        #expect(bed.tick([bed.finding()], answer: false) == [])
    }

    @Test("It goes down a step each time the last one has been in force for long enough and the victim is still hurt")
    func stepsDown() {
        var bed = LadderBed()
        let intents = bed.run(8, [bed.finding()])
        #expect(intents.map(\.second) == [1, 4, 7])
        #expect(intents.map(\.intent).caps == [0.6, 0.35, 0.2])
        #expect(bed.ladder.holds.map(\.step) == [.throttle(0.2)])
    }

    @Test("It stays where it is as soon as the victim is no longer in breach, though the rule has not cleared")
    func staysOnceBelow() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        #expect(bed.run(4, [bed.finding(value: 0.059)]).isEmpty)
        #expect(bed.ladder.holds.map(\.step) == [.throttle(0.6)])
    }

    @Test("It goes on down though it is no longer blamed, as long as the victim is no better")
    func downUnblamed() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding(value: 0.25)])
        #expect(bed.run(3, [bed.finding(by: nil, value: 0.2)]).map(\.intent).caps == [0.35])
    }

    @Test("It does not go on down when it is no longer blamed and the victim is better")
    func noDownUnblamedBetter() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding(value: 0.25)])
        #expect(bed.run(10, [bed.finding(by: nil, value: 0.199)]).isEmpty)
    }

    @Test("At the last step a victim that is no better acquits it: it is let go and not held again for that victim")
    func noEffect() {
        var bed = LadderBed()
        let intents = bed.run(40, [bed.finding()])
        #expect(intents.map(\.intent).reasons == [.noEffect])
        // Steps at 1, 4 and 7; judged from 8 on for 15 s.
        #expect(intents.last?.second == 23)
        #expect(bed.ladder.holds.isEmpty)
        #expect(bed.tick([bed.finding(2, by: 1)]).caps == [0.6], "another victim may still accuse it")
    }

    @Test("An acquittal ends after its time")
    func acquittalEnds() {
        var bed = LadderBed { $0.ladders["cpu"]?.acquittal = 60 }
        _ = bed.run(23, [bed.finding()])
        #expect(bed.run(59, [bed.finding()]).isEmpty)
        #expect(bed.tick([bed.finding()]).caps == [0.6])
    }

    @Test("At the last step a victim that is better keeps it held")
    func effect() {
        var bed = LadderBed()
        _ = bed.run(7, [bed.finding(value: 0.2)])
        #expect(bed.run(60, [bed.finding(value: 0.15)]).isEmpty)
        #expect(bed.ladder.holds.map(\.phase) == [.inForce])
    }

    @Test("Once all is calm it is let up a tenth of the way a second and released at the top")
    func raises() {
        var bed = LadderBed()
        _ = bed.run(7, [bed.finding()])
        let up = bed.run(40, [], usage: 0.1, throttled: 0)
        let caps = up.map(\.intent).caps
        #expect(up.first?.second == 11)
        #expect(caps.count == 9)
        for (index, cap) in caps.enumerated() { #expect(abs(cap - (0.28 + 0.08 * Double(index))) < 1e-9) }
        #expect(up.map(\.intent).reasons == [.calm])
        #expect(up.last?.second == 20)
        #expect(bed.ladder.holds.isEmpty)
    }

    @Test("Throttled time near none is enough to count as calm, and so is use below nine tenths of the cap")
    func calmEitherWay() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        #expect(!bed.run(12, [], usage: 1.19, throttled: 0).isEmpty)
        bed = LadderBed()
        _ = bed.tick([bed.finding()])
        #expect(!bed.run(12, [], usage: 1.07, throttled: 0.5).isEmpty)
        bed = LadderBed()
        _ = bed.tick([bed.finding()])
        #expect(bed.run(60, [], usage: 1.09, throttled: 0.5).isEmpty, "it presses on its cap")
    }

    @Test("A VM that still presses on its cap is held until its lease ends")
    func expires() {
        var bed = LadderBed()
        _ = bed.tick([bed.finding()])
        let intents = bed.run(320)
        #expect(intents.map(\.intent) == [.release(bed.key(1), .expired)])
        #expect(intents.map(\.second) == [300])
    }

    @Test("Orders after the first carry what is left of the lease, so it never grows")
    func leaseNeverGrows() {
        var bed = LadderBed()
        let orders = bed.run(7, [bed.finding()]).compactMap { entry -> Double? in
            guard case .hold(let order) = entry.intent else { return nil }
            return order.term
        }
        #expect(orders == [300, 297, 294])
    }

    @Test("When the victim hurts again on the way up it steps back once, not from the top")
    func stepsBack() {
        var bed = LadderBed()
        _ = bed.run(7, [bed.finding()])
        _ = bed.run(14, [], usage: 0.1, throttled: 0)
        #expect(bed.ladder.holds.map(\.phase) == [.raising])
        #expect(abs((bed.ladder.holds.first?.step.share ?? 0) - 0.52) < 1e-9)
        #expect(bed.tick([bed.finding()]).caps == [0.35])
        #expect(bed.ladder.holds.map(\.phase) == [.inForce])
        #expect(bed.run(2, [bed.finding()]).isEmpty)
        #expect(bed.tick([bed.finding()]).caps == [0.2])
    }

    @Test("A second victim keeps it held after the first is calm")
    func secondVictim() {
        var bed = LadderBed()
        _ = bed.run(7, [bed.finding(0), bed.finding(2)])
        #expect(bed.run(14, [bed.finding(2, value: 0.1)], usage: 0.1, throttled: 0).isEmpty)
        #expect(!bed.run(12, [], usage: 0.1, throttled: 0).isEmpty)
    }

    @Test("A cap is never below a tenth and never above the whole, whatever the ladder says")
    func capFloor() {
        var bed = LadderBed { $0.ladders["cpu"]?.steps = [7, 0.5, 0.01, -3].map(HoldStep.throttle) }
        #expect(bed.run(30, [bed.finding()]).map(\.intent).caps == [1, 0.5, 0.1])
    }
}
