import Signals
import Testing

@testable import Policy

@Suite("Ladder: quarantine and suspension")
struct LadderQuarantineTests {
    /// A bed whose culprit is suspended over the disk in second 13, and reads so.
    private func suspended(adjust: (inout PolicySet) -> Void = { _ in }) -> LadderBed {
        var bed = LadderBed.every(adjust: adjust)
        _ = bed.run(13, [bed.hurt(over: .disk)])
        bed.frame[record: VMSlot(1)]?.running = false
        return bed
    }

    /// The seconds and steps of what was ordered.
    private func steps(_ intents: [(second: Int, intent: Intent)]) -> [String] {
        intents.map { second, intent in
            switch intent {
            case .hold(let order): "\(second) \(order.step)"
            case .release(_, let reason): "\(second) \(reason.rawValue)"
            }
        }
    }

    @Test(
        "Down it goes through all throttles into quarantine and suspension, each after its time",
        arguments: Contention.allCases
    )
    func down(_ contention: Contention) {
        var bed = LadderBed.every { $0.quarantine.links = .isolate }
        let intents = bed.run(13, [bed.hurt(over: contention)])
        #expect(steps(intents) == ["1 60%", "4 35%", "7 20%", "10 quarantine", "13 suspend"])
        let orders = intents.map(\.intent).orders
        #expect(orders.allSatisfy { $0.contention == contention && $0.quarantine.links == .isolate })
        #expect(bed.ladder.holds.map(\.step) == [.suspend])
    }

    @Test("A quarantine is judged as the last step where nothing follows it")
    func lastQuarantine() {
        var bed = LadderBed.every(steps: [.throttle(0.2), .quarantine])
        #expect(steps(bed.run(40, [bed.hurt(over: .disk)])) == ["1 20%", "4 quarantine", "20 no-effect"])
    }

    @Test("A suspension that did not help is over with the verdict")
    func suspensionJudged() {
        var bed = suspended()
        #expect(steps(bed.run(20, [bed.hurt(over: .disk)])) == ["16 no-effect"])
    }

    @Test("A suspension ends after its time whatever the victim says, and none follows in the same hold")
    func suspensionEnds() {
        var bed = suspended()
        // Better, so that it is not acquitted, and hurt all the same.
        let hurt = bed.hurt(over: .disk, value: 0.15)
        #expect(bed.run(29, [hurt]).isEmpty)
        #expect(bed.tick([hurt]).steps == [.quarantine])
        bed.frame[record: VMSlot(1)]?.running = true
        #expect(bed.run(100, [hurt]).isEmpty)
        #expect(bed.ladder.holds.map(\.step) == [.quarantine])
    }

    @Test("Neither a job nor readings that are missing keep it suspended")
    func suspensionEndsBlind() {
        var bed = suspended()
        bed.use = nil
        bed.frame[record: VMSlot(1)]?.activity = .backup
        #expect(steps(bed.run(31)) == ["30 quarantine"])
    }

    @Test("Once its victims are calm for twice the time it comes up to the last throttle, and on from there")
    func suspensionCalm() {
        var bed = suspended { $0.ladders["disk"]?.suspendFor = 60 }
        #expect(bed.run(20).isEmpty)
        #expect(bed.tick().steps == [.throttle(0.2)])
        bed.frame[record: VMSlot(1)]?.running = true
        bed.scaleUse(to: 0.1)
        let up = bed.run(20).map(\.intent)
        #expect(up.caps.count == 9 && up.reasons == [.calm])
        #expect(abs((up.caps.first ?? 0) - 0.28) < 1e-9)
    }

    @Test("From quarantine it comes up to the last throttle, and where there is none it is let go")
    func quarantineCalm() {
        for (steps, expected) in [
            ([.throttle(0.6), .quarantine], "21 60%"), ([.quarantine], "21 calm"),
        ] as [([HoldStep], String)] {
            var bed = LadderBed.every(steps: steps)
            _ = bed.run(10, [bed.hurt(over: .llc)])
            #expect(bed.ladder.holds.map(\.step) == [.quarantine])
            #expect(self.steps(bed.run(21)) == [expected])
        }
    }

    @Test("A victim that hurts again on the way up brings it back by one step, into quarantine too")
    func backIntoQuarantine() {
        var bed = LadderBed.every(steps: [.throttle(0.2), .quarantine])
        _ = bed.run(4, [bed.hurt(over: .llc)])
        #expect(steps(bed.run(22)) == ["21 20%", "22 28%"])
        #expect(bed.tick([bed.hurt(over: .llc)]).steps == [.throttle(0.2)])
        #expect(steps(bed.run(3, [bed.hurt(over: .llc)])) == ["3 quarantine"])
    }

    @Test("A way up from suspension that fails is tried again after 1, 2 and 4 seconds")
    func wakeFails() {
        var bed = suspended()
        var seconds: [Int] = []
        let hurt = bed.hurt(over: .disk, value: 0.15)
        for second in 1...40 where !bed.tick([hurt], answer: false).isEmpty {
            bed.note(.failed(bed.key(1, .disk), name: "", "no"))
            seconds.append(second)
        }
        #expect(seconds == [30, 31, 33, 37])
    }

    @Test("Where nothing is before suspension it is let go after it, and left alone as long as the lease would last")
    func onlySuspension() {
        var bed = LadderBed.every(steps: [.suspend]) { $0.ladders["cpu"]?.lease = 60 }
        #expect(steps(bed.run(60, [bed.hurt(over: .cpu, value: 0.2)], usage: 0)) == ["1 suspend", "17 no-effect"])
        bed = LadderBed.every(steps: [.suspend]) { $0.ladders["cpu"]?.lease = 60 }
        _ = bed.tick([bed.hurt(over: .cpu)])
        bed.frame[record: VMSlot(1)]?.running = false
        #expect(steps(bed.run(30, [bed.hurt(over: .cpu, value: 0.15)])) == ["30 expired"])
        bed.frame[record: VMSlot(1)]?.running = true
        #expect(steps(bed.run(31, [bed.hurt(over: .cpu, value: 0.3)])) == ["30 suspend"])
    }

    @Test(
        "No more VMs are in quarantine or suspended than may be; who does not fit stays, is judged there, and it is told"
    )
    func limits() {
        var bed = LadderBed.every(steps: [.throttle(0.2), .quarantine]) { $0.limits.quarantinedVMs = 1 }
        let both = [bed.hurt(over: .disk, by: 1), bed.hurt(over: .disk, by: 2)]
        #expect(steps(bed.run(4, both)) == ["1 20%", "1 20%", "4 quarantine"])
        #expect(
            bed.ladder.refusals.map(\.reason) == [
                "held at 20% and no further: no more VMs may be in quarantine at once"
            ]
        )
        #expect(bed.ladder.refusals.map(\.culprit) == [bed.vm(2)])
        let later = bed.run(20, both)
        #expect(later.map(\.intent).reasons == [.noEffect, .noEffect])
        #expect(later.first?.intent == .release(bed.key(2, .disk), .noEffect), "judged at the step where it stayed")
    }

    @Test("Without room for suspension quarantine is the last step, and without room for that the last throttle is")
    func noRoom() {
        for (quarantined, suspended, last) in [(1, 0, HoldStep.quarantine), (0, 9, .throttle(0.2)), (1, 1, .suspend)] {
            var bed = LadderBed.every {
                $0.limits.quarantinedVMs = quarantined
                $0.limits.suspendedVMs = suspended
            }
            #expect(bed.run(40, [bed.hurt(over: .network)]).map(\.intent).steps.last == last)
        }
    }

    @Test("A class whose first step is quarantine is not held where there is no room for it")
    func startWithoutRoom() {
        var bed = LadderBed.every {
            $0.ladders["cpu"]?.starts["standard"] = .quarantine
            $0.limits.quarantinedVMs = 0
        }
        #expect(bed.tick([bed.finding()]) == [])
        #expect(bed.ladder.refusals.map(\.reason) == ["no more VMs may be in quarantine at once"])
    }

    @Test("A VM in quarantine over two things counts once, and so does one that is on its way there")
    func countsOnce() {
        var bed = LadderBed.every(steps: [.quarantine, .suspend]) { $0.limits.quarantinedVMs = 1 }
        #expect(bed.tick([bed.hurt(over: .cpu), bed.hurt(over: .disk)]).steps == [.quarantine, .quarantine])
        bed = LadderBed.every(steps: [.quarantine]) { $0.limits.quarantinedVMs = 1 }
        #expect(bed.tick([bed.hurt(over: .cpu), bed.hurt(over: .cpu, by: 2)], answer: false).count == 1)
        #expect(bed.tick([bed.hurt(over: .cpu, by: 2)], answer: false) == [])
    }

    @Test("An order into quarantine that nobody answers counts as carried out")
    func unanswered() {
        var bed = LadderBed.every(steps: [.throttle(0.2), .quarantine]) { $0.limits.quarantinedVMs = 1 }
        _ = bed.run(3, [bed.hurt(over: .disk, by: 1)])
        #expect(bed.tick([bed.hurt(over: .disk, by: 1)], answer: false).steps == [.quarantine])
        for _ in 0..<34 { _ = bed.tick([bed.hurt(over: .disk, 1, by: 0)], answer: false) }
        #expect(bed.ladder.holds.first?.step == .throttle(0.2))
        #expect(bed.ladder.noRoom(for: bed.vm(2), at: .quarantine) != nil)
    }

    @Test("A hold that ends while a step is out is counted until that is answered, and what comes of it is let go")
    func endsWhileAsked() {
        var bed = LadderBed.every(steps: [.throttle(0.2), .quarantine]) { $0.limits.quarantinedVMs = 1 }
        _ = bed.run(3, [bed.hurt(over: .disk)])
        let asked = bed.tick([bed.hurt(over: .disk)], answer: false)
        #expect(asked.steps == [.quarantine])
        bed.note(.released(bed.key(1, .disk), name: "", lease: 1, .expired))
        #expect(bed.ladder.holds.map(\.phase) == [.requested])
        #expect(bed.ladder.noRoom(for: bed.vm(2), at: .quarantine) != nil)
        bed.note(.granted(asked.orders[0], lease: 2))
        #expect(bed.tick([bed.hurt(over: .disk)]) == [.release(bed.key(1, .disk), .expired)])
        #expect(bed.ladder.holds.isEmpty)
    }

    @Test("A policy with less room has the latest come up to its last throttle; the oldest stays")
    func reload() {
        var bed = LadderBed.every(steps: [.throttle(0.2), .quarantine])
        let both = [bed.hurt(over: .llc, by: 1), bed.hurt(over: .llc, by: 2)]
        _ = bed.run(4, both)
        var policy = bed.ladder.policy
        policy.limits.quarantinedVMs = 1
        bed.ladder.adopt(policy: policy)
        let intents = bed.tick(both) + bed.tick(both)
        #expect(intents.orders.map(\.vm) == [bed.vm(2)] && intents.steps == [.throttle(0.2)])
        #expect(bed.ladder.holds.map(\.step) == [.quarantine, .throttle(0.2)])
    }

    @Test("A policy whose steps end before the one in force brings it up at once; one that ends no sooner does not")
    func milderPolicy() {
        for (ceiling, expected) in [(HoldStep.throttle(0.35), [HoldStep.throttle(0.35)]), (.throttle(0.2), [])] {
            var bed = LadderBed.every(steps: [.throttle(0.6), .throttle(0.35), .throttle(0.2)])
            _ = bed.run(7, [bed.finding()])
            var policy = bed.ladder.policy
            policy.ladders["cpu"]?.ceilings["standard"] = ceiling
            bed.ladder.adopt(policy: policy)
            #expect(bed.tick([bed.finding(value: 0.15)]).steps == expected)
        }
    }
}
