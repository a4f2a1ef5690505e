import Signals
import Testing

@testable import Policy

@Suite("Ladder: several contentions")
struct LadderContentionsTests {
    @Test("A VM may be held over several things, each with steps of its own, and counts once")
    func several() {
        var bed = LadderBed.every(limits: BlastLimits(heldVMs: 1, heldVCPUShare: 0, actionsPerMinute: 99))
        _ = bed.run(3, [bed.hurt(over: .disk)])
        let intents = bed.tick([bed.hurt(over: .disk), bed.hurt(over: .cpu), bed.hurt(over: .cpu, by: 2)])
        #expect(intents.orders.map(\.key) == [bed.key(1, .disk), bed.key(1, .cpu)])
        #expect(intents.steps == [.throttle(0.35), .throttle(0.6)])
        #expect(bed.ladder.refusals.map(\.reason) == ["no more VMs may be held at once"])
    }

    @Test("Each hold has its own lease and its own end")
    func ownLease() {
        var bed = LadderBed.every { $0.ladders["disk"]?.lease = 20 }
        _ = bed.tick([bed.hurt(over: .disk), bed.hurt(over: .cpu)])
        let intents = bed.run(20)
        #expect(intents.map(\.intent) == [.release(bed.key(1, .disk), .expired)])
        #expect(intents.map(\.second) == [20])
        #expect(bed.ladder.holds.map(\.contention) == [.cpu])
    }

    @Test("A VM that is let go to keep the limits is let go of everything, the latest VM first")
    func trimsWhole() {
        var bed = LadderBed.every()
        _ = bed.tick([bed.hurt(over: .disk, by: 1)])
        _ = bed.tick([bed.hurt(over: .disk, by: 2)])
        _ = bed.tick([bed.hurt(over: .cpu, by: 1), bed.hurt(over: .cpu, by: 2)])
        var policy = bed.ladder.policy
        policy.limits.heldVMs = 1
        bed.ladder.adopt(policy: policy)
        #expect(bed.tick() == [.release(bed.key(2, .disk), .policy), .release(bed.key(2, .cpu), .policy)])
    }

    @Test("What a VM used is told with every order and stays as it was when it was blamed")
    func frozenUse() {
        var bed = LadderBed.every()
        let first = bed.tick([bed.hurt(over: .disk)])
        #expect(first.orders.first?.use == bed.use)
        bed.scaleUse(to: 3)
        let second = bed.run(3, [bed.hurt(over: .disk)]).map(\.intent)
        #expect(second.orders.map(\.use) == first.orders.map(\.use))
    }

    @Test("Over the disk, the network or memory nobody is throttled whose use was not read")
    func useNotRead() {
        for contention in Contention.allCases {
            var bed = LadderBed.every()
            bed.use = HoldUse()
            let needsUse = [.disk, .network, .memory].contains(contention)
            #expect(bed.tick([bed.hurt(over: contention)]).isEmpty == needsUse, "\(contention)")
            #expect(
                bed.ladder.refusals.map(\.reason)
                    == (needsUse
                        ? ["what it uses was not read, so there is nothing to throttle it by"] : [])
            )
        }
    }

    @Test("A reading that is not of this tick is not read, and half of a sum is none", arguments: Quality.allCases)
    func useQuality(_ quality: Quality) {
        for (contention, signals) in [
            (.disk, [.diskWriteBytes, .diskReadOps]), (.network, [.netRxBytes, .netTxBytes]),
            (.memory, [.memBalloonUsable]),
        ] as [(Contention, [Signal])] {
            var bed = LadderBed.every()
            let finding = bed.hurt(over: contention)
            bed.begin([finding])
            for signal in signals { bed.frame[VMSlot(1), signal].quality = quality }
            #expect(bed.decide([finding]).isEmpty == (quality != .ok))
        }
    }

    @Test("One of several uses is enough, and none at all is nothing to throttle by")
    func someUse() {
        for (change, acts) in [
            ({ $0.diskOps = nil }, true), ({ $0.diskBytes = nil }, true), ({ $0.diskBytes = 0 }, true),
            ({ ($0.diskBytes, $0.diskOps) = (0, 0) }, false),
        ] as [((inout HoldUse) -> Void, Bool)] {
            var bed = LadderBed.every()
            var use = bed.use ?? HoldUse()
            change(&use)
            bed.use = use
            #expect(!bed.tick([bed.hurt(over: .disk)]).isEmpty == acts)
        }
    }

    @Test("Where nothing can be throttled a quarantine still can be, and ends in a release")
    func quarantineWithoutUse() {
        var bed = LadderBed.every { $0.ladders["memory"]?.starts["standard"] = .quarantine }
        bed.use?.usable = nil
        #expect(bed.tick([bed.hurt(over: .memory)]).steps == [.quarantine])
        #expect(bed.run(21).map(\.intent) == [.release(bed.key(1, .memory), .calm)])
    }

    @Test(
        "Over disk and network it is let up once it uses less than nine tenths of what it may",
        arguments: [
            Contention.disk, .network,
        ]
    )
    func pressesOnUse(_ contention: Contention) {
        for (part, isUp) in [(0.6, false), (0.541, false), (0.539, true), (0, true)] {
            var bed = LadderBed.every()
            _ = bed.tick([bed.hurt(over: contention)])
            bed.scaleUse(to: part)
            #expect(bed.run(30).isEmpty == !isUp, "\(part)")
        }
    }

    @Test("A use that cannot be read any more counts as pressing, and the lease still ends")
    func pressureUnread() {
        for signal in [Signal.diskReadBytes, .diskWriteOps] {
            var bed = LadderBed.every()
            _ = bed.tick([bed.hurt(over: .disk)])
            bed.scaleUse(to: 0)
            var intents: [Intent] = []
            for _ in 0..<300 {
                bed.begin()
                bed.frame[VMSlot(1), signal].quality = .stale
                intents += bed.decide([])
            }
            #expect(intents.reasons == [.expired])
        }
    }

    @Test(
        "Where it cannot be told whether it presses, the calm of its victims alone counts, for twice as long",
        arguments: [
            (Contention.memory, 21), (.llc, 21), (.memoryBandwidth, 21), (.gpu, 21), (.power, 21), (.busLock, 11),
            (.cpu, 11),
            (.disk, 11), (.network, 11),
        ]
    )
    func calmTimes(_ contention: Contention, second: Int) {
        var bed = LadderBed.every()
        _ = bed.tick([bed.hurt(over: contention)])
        bed.scaleUse(to: 0)
        #expect(bed.run(30, [], usage: 0.1, throttled: 0).first?.second == second)
    }

    @Test("A victim's signal that is read now and then tells calm for a minute, one that is missing never")
    func staleVictim() {
        for (quality, pause, isCalm) in [(Quality.stale, 60, true), (.stale, 61, false), (.missing, 2, false)] {
            var bed = LadderBed.every { $0.ladders["disk"]?.calm = 100 }
            _ = bed.tick([bed.hurt(over: .disk)])
            bed.scaleUse(to: 0)
            var up = false
            for second in 1...200 {
                bed.begin()
                if second % pause != 0 { bed.frame[VMSlot(0), .ioPressureSome].quality = quality }
                up = up || !bed.decide([]).isEmpty
            }
            #expect(up == isCalm, "\(quality) \(pause)")
        }
    }

    @Test("Who is hurt by one that takes more of the same is left alone, whoever takes more of something else")
    func hurtByMore() {
        var bed = LadderBed.every()
        let cpu = bed.hurt(over: .cpu, excess: 1)
        #expect(bed.tick([cpu, bed.hurt(over: .cpu, 1, by: 2, excess: 1)]).orders.map(\.vm) == [bed.vm(2)])
        bed = LadderBed.every()
        let bytes = bed.hurt(over: .disk, 1, by: 2, excess: 5e7)
        #expect(bed.tick([cpu, bytes]).orders.map(\.key) == [bed.key(2, .disk), bed.key(1, .cpu)])
    }

    @Test("A failure over one thing does not keep it from being held over another; a person's hand does")
    func standOff() {
        var bed = LadderBed.every()
        _ = bed.tick([bed.hurt(over: .disk)], answer: false)
        bed.note(.failed(bed.key(1, .disk), name: "", "no"))
        #expect(bed.tick([bed.hurt(over: .disk), bed.hurt(over: .cpu)]).orders.map(\.contention) == [.cpu])
        bed.note(.handedOver(bed.key(1, .cpu), name: "", lease: 1, found: "a person's"))
        #expect(bed.run(20, [bed.hurt(over: .disk), bed.hurt(over: .network)]).isEmpty)
    }

    @Test("Whom it did not help to hold a VM back over one thing may have it held over another")
    func acquittal() {
        var bed = LadderBed.every(steps: [.throttle(0.2)])
        #expect(bed.run(20, [bed.hurt(over: .disk)]).map(\.intent).reasons == [.noEffect])
        #expect(bed.ladder.acquitted == [Acquittal(culprit: bed.vm(1), victim: bed.vm(0), over: .disk)])
        #expect(bed.tick([bed.hurt(over: .disk), bed.hurt(over: .cpu)]).orders.map(\.contention) == [.cpu])
    }

    @Test("A hold that a person takes over ends; the others of the VM go no further and are let up as ever")
    func handedOver() {
        var bed = LadderBed.every()
        _ = bed.tick([bed.hurt(over: .disk), bed.hurt(over: .cpu)])
        bed.note(.handedOver(bed.key(1, .cpu), name: "", lease: 1, found: "a person's"))
        #expect(bed.ladder.holds.map(\.contention) == [.disk])
        #expect(bed.run(20, [bed.hurt(over: .disk)]).isEmpty)
        bed.scaleUse(to: 0)
        #expect(bed.run(30).map(\.intent).reasons == [.calm])
    }
}
