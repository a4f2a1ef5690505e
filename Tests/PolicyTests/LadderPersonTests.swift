import Signals
import Testing

@testable import Policy

@Suite("Ladder: holds of a person and of another host")
struct LadderPersonTests {
    @Test("A person's hold is shown, gets no step, no verdict and no calm, and ends with its lease")
    func leftAlone() {
        var bed = LadderBed.every()
        _ = bed.tick()
        bed.note(.granted(bed.order(1, .throttle(0.5), term: 100), lease: 7))
        #expect(bed.ladder.holds.map(\.origin) == [.person])
        #expect(bed.ladder.holds.map(\.step) == [.throttle(0.5)])
        #expect(bed.ladder.holds.first?.victim == nil)
        #expect(bed.run(50, [bed.finding()]).isEmpty)
        #expect(bed.ladder.refusals.map(\.reason) == ["held by a person already"])
        let intents = bed.run(60, [], usage: 0, throttled: 0)
        #expect(intents.map(\.intent) == [.release(bed.key(1), .expired)])
        #expect(intents.map(\.second) == [50])
    }

    @Test("It counts for every limit, and is itself never let go for one")
    func counts() {
        var bed = LadderBed.every(limits: BlastLimits(heldVMs: 1, heldVCPUShare: 1, actionsPerMinute: 99)) {
            $0.limits.quarantinedVMs = 1
        }
        bed.note(.granted(bed.order(1, .quarantine), lease: 7))
        #expect(bed.run(10, [bed.finding(by: 2)]).isEmpty)
        #expect(bed.ladder.refusals.map(\.reason) == ["no more VMs may be held at once"])
        var policy = bed.ladder.policy
        policy.limits.heldVMs = 0
        policy.limits.quarantinedVMs = 0
        bed.ladder.adopt(policy: policy)
        #expect(bed.run(10).isEmpty && bed.ladder.holds.count == 1)
        policy.limits.heldVMs = 2
        bed.ladder.adopt(policy: policy)
        #expect(bed.run(20, [bed.finding(by: 2)]).map(\.intent).steps == [0.6, 0.35, 0.2].map(HoldStep.throttle))
    }

    @Test("One that comes on top has the ladder's latest hold let go")
    func onTop() {
        var bed = LadderBed.every(limits: BlastLimits(heldVMs: 1, heldVCPUShare: 1, actionsPerMinute: 99))
        _ = bed.tick([bed.finding(by: 1)])
        bed.note(.granted(bed.order(2, .throttle(0.5)), lease: 7))
        #expect(bed.tick([bed.finding(by: 1)]) == [.release(bed.key(1), .policy)])
        #expect(bed.ladder.holds.map(\.vm) == [bed.vm(2)])
    }

    @Test("Dry run, another mode and a policy that knows no such rule do not end it")
    func policies() {
        for mode in PolicySet.Mode.allCases {
            var bed = LadderBed.every(mode: mode)
            bed.note(.granted(bed.order(1, .throttle(0.5), over: .disk), lease: 7))
            #expect(bed.ladder.holds.map(\.isVirtual) == [false])
            #expect(bed.run(3).isEmpty)
            bed.ladder.adopt(policy: PolicySet(mode: mode == .dryRun ? .enforce : .dryRun))
            #expect(bed.run(3).isEmpty)
            #expect(bed.ladder.holds.count == 1)
        }
    }

    @Test("It ends where its VM becomes protected or is gone, and a window does not end it")
    func ends() {
        var bed = LadderBed.every { policy in
            policy.windows = [MaintenanceWindow(name: "w", from: 0, to: 1_440, effect: .release)]
        }
        bed.circumstances.wall = 0
        bed.note(.granted(bed.order(1, .throttle(0.5)), lease: 7))
        #expect(bed.run(5).isEmpty)
        var policy = bed.ladder.policy
        policy.protectedVMs = ["culprit"]
        bed.ladder.adopt(policy: policy)
        #expect(bed.tick() == [.release(bed.key(1), .policy)])
        bed.note(.granted(bed.order(2, .throttle(0.5)), lease: 8))
        let key = bed.key(2)
        bed.frame.remove(VMSlot(2))
        #expect(bed.run(10).map(\.intent) == [.release(key, .gone)])
    }

    @Test("A person may take a hold of the ladder's over, and renew their own")
    func takesOver() {
        var bed = LadderBed.every()
        _ = bed.tick([bed.finding()])
        bed.note(.adjusted(bed.order(1, .throttle(0.3), term: 500), lease: 7))
        #expect(bed.ladder.holds.map(\.origin) == [.person])
        #expect(bed.run(400, [bed.finding()]).isEmpty)
        bed.note(.adjusted(bed.order(1, .throttle(0.3), term: 500), lease: 7))
        #expect(bed.run(499).isEmpty)
        #expect(bed.tick().reasons == [.expired])
    }

    @Test("A person may take over what the ladder is letting go")
    func takesOverRelease() {
        var bed = LadderBed.every { $0.ladders["cpu"]?.lease = 5 }
        _ = bed.run(5, [bed.finding()])
        #expect(bed.tick([bed.finding()], answer: false).reasons == [.expired])
        bed.note(.adjusted(bed.order(1, .throttle(0.3), term: 500), lease: 7))
        #expect(bed.ladder.holds.map(\.phase) == [.inForce])
        #expect(bed.run(400, [bed.finding()]).isEmpty)
    }

    @Test("A person's hold that they or Quell released leaves the VM alone")
    func released() {
        var bed = LadderBed.every()
        bed.note(.granted(bed.order(1, .throttle(0.5)), lease: 7))
        bed.note(.released(bed.key(1), name: "", lease: 7, .operatorRequest))
        #expect(bed.run(599, [bed.finding()]).isEmpty)
        #expect(!bed.tick([bed.finding()]).isEmpty)
    }

    @Test("A hold that came with a VM is let up once it was calm here, from quarantine too")
    func arrived() {
        var bed = LadderBed.every()
        bed.note(.granted(bed.order(1, .quarantine, over: .disk, origin: .arrived), lease: 7))
        bed.note(.granted(bed.order(2, .throttle(0.5), origin: .arrived), lease: 8))
        #expect(bed.ladder.holds.map(\.origin) == [.arrived, .arrived])
        let up = bed.run(40)
        #expect(up.first?.second == 11)
        #expect(up.map(\.intent).orders.allSatisfy { $0.origin == .arrived })
        #expect(up.first { $0.intent.key == bed.key(2) }?.intent != nil)
        #expect(up.map(\.intent).reasons == [.calm, .calm])
    }

    @Test("One that came is let go in dry run, and ends with what was left of its lease")
    func arrivedEnds() {
        var bed = LadderBed.every(mode: .dryRun)
        bed.note(.granted(bed.order(1, .throttle(0.5), origin: .arrived), lease: 7))
        #expect(bed.tick() == [.release(bed.key(1), .policy)])
        bed = LadderBed.every()
        bed.note(.granted(bed.order(1, .throttle(0.5), term: 5, origin: .arrived), lease: 7))
        #expect(bed.run(6).map(\.intent) == [.release(bed.key(1), .expired)])
    }

    @Test("One that came is stepped down for who is hurt by it here")
    func arrivedHurts() {
        var bed = LadderBed.every(steps: [0.6, 0.35].map(HoldStep.throttle))
        bed.note(.granted(bed.order(1, .throttle(0.6), origin: .arrived), lease: 7))
        #expect(bed.run(4, [bed.finding()]).map(\.intent).steps == [.throttle(0.35)])
    }
}

extension Intent {
    /// Which hold it speaks of.
    var key: HoldKey {
        switch self {
        case .hold(let order): order.key
        case .release(let key, _): key
        }
    }
}
