import Detection
import Signals
import Testing

@Suite("Ceilings, sustain and clearing")
struct DetectorBankTests {
    @Test("a ceiling fires in the first tick, once, goes on, and clears once")
    func phases() {
        var bench = Bench([rule(above: 0.05, clearAfter: 2)])
        #expect(bench.phases(0.06) == [.onset])
        #expect(bench.phases(0.09) == [.ongoing])
        #expect(bench.phases(0.01) == [.ongoing])
        #expect(bench.phases(0.01) == [.ongoing])
        #expect(bench.phases(0.01) == [.cleared])
        #expect(bench.phases(0.01) == [])
    }

    @Test("a reading below the ceiling does not fire, one at it does")
    func boundary() {
        var bench = Bench([rule(above: 0.05)])
        #expect(bench.phases(0.05.nextDown) == [])
        #expect(bench.phases(0.05) == [.onset])
    }

    @Test("a floor fires at or below it and clears above its inverse share")
    func below() {
        var bench = Bench([rule(below: 100, clearAfter: 0)])
        #expect(bench.phases(101) == [])
        #expect(bench.phases(100) == [.onset])
        #expect(bench.phases(124) == [.ongoing])
        #expect(bench.phases(126) == [.cleared])
    }

    @Test("the sustain is counted from the first breach by the time of the frame", arguments: [1.0, 2, 3])
    func sustain(_ seconds: Double) {
        var bench = Bench([rule(above: 0.05, sustain: seconds)])
        for _ in 0..<Int(seconds) { #expect(bench.phases(0.1) == []) }
        #expect(bench.phases(0.1) == [.onset])
        #expect(bench.verdicts[0].since == MonotonicTime(seconds: 1_000))
    }

    @Test("at a quicker tick the sustain is as long")
    func sustainAtQuarterSeconds() {
        var bench = Bench([rule(above: 0.05, sustain: 1)])
        for _ in 0..<4 { #expect(bench.phases(0.1, step: 0.25) == []) }
        #expect(bench.phases(0.1, step: 0.25) == [.onset])
    }

    @Test("a tick that comes a little early still ends the sustain, one that comes far too early does not")
    func sustainJitter() {
        for (step, phases) in [(0.996, [Verdict.Phase.onset]), (0.76, []), (0.81, [.onset])] {
            var bench = Bench([rule(above: 0.05, sustain: 1)])
            bench.phases(0.1, step: step)
            #expect(bench.phases(0.1) == phases, "\(step) s")
        }
    }

    @Test("a rule without sustain and a first tick need no interval")
    func sustainOfFirstTick() {
        var bench = Bench([rule(above: 0.05, sustain: 1)])
        #expect(bench.phases(0.1) == [])
    }

    @Test("a calm reading starts the sustain again")
    func sustainBroken() {
        var bench = Bench([rule(above: 0.05, sustain: 2)])
        let told = [0.1, 0.1, 0.04, 0.1, 0.1].map { bench.phases($0) }
        #expect(Array(told.joined()) == [])
        #expect(bench.phases(0.1) == [.onset])
    }

    @Test("between the bound and its clearing share a firing rule goes on and the clear time starts again")
    func hysteresis() {
        var bench = Bench([rule(above: 0.05, clearAfter: 2)])
        bench.phases(0.06)
        for value in [0.039, 0.039, 0.041, 0.039, 0.039] { #expect(bench.phases(value) == [.ongoing]) }
        #expect(bench.phases(0.039) == [.cleared])
    }

    @Test("every condition must hold")
    func band() {
        var bench = Bench([rule(above: 10, below: 20)])
        #expect(bench.phases(9) == [])
        #expect(bench.phases(21) == [])
        #expect(bench.phases(15) == [.onset])
    }

    @Test("a rule without any bound never fires")
    func noBound() {
        var bench = Bench([rule()])
        bench.warm()
        #expect(bench.phases(5) == [])
    }

    @Test("a rule on a signal of the host is passed over")
    func hostSignal() {
        var bench = Bench([rule(above: 0.1, signal: .hostCPUPressure)])
        bench.frame[host: .hostCPUPressure] = Reading(1)
        #expect(bench.tick(Reading(1), .hostCPUPressure) == [])
    }

    @Test("a selector keeps a rule from other VMs, and clears it when the VM no longer matches")
    func selector() throws {
        var picky = rule(above: 0.05)
        picky.selector = RuleSelector(classes: ["latency"])
        var bench = Bench([picky])
        #expect(bench.phases(0.1) == [])
        bench.frame[record: VMSlot(0)]?.workloadClass = "latency"
        #expect(bench.phases(0.1) == [.onset])
        bench.frame[record: VMSlot(0)]?.workloadClass = "standard"
        #expect(bench.phases(0.1) == [.cleared])
        #expect(bench.phases(0.1) == [])
    }

    @Test("verdicts come by row, then by rule, and rows do not touch each other")
    func order() {
        var bench = Bench([rule("a", above: 0.05), rule("b", above: 0.02)], vms: 3)
        bench.frame.begin(at: MonotonicTime(seconds: 1))
        for row in [0, 2] { bench.frame[VMSlot(row), .cpuRunDelay] = Reading(0.1) }
        bench.bank.observe(bench.frame, into: &bench.verdicts)
        #expect(bench.verdicts.map(\.slot.index) == [0, 0, 2, 2])
        #expect(bench.verdicts.map(\.rule) == [0, 1, 0, 1])
    }

    @Test("the storage of the verdicts is kept from tick to tick")
    func storageKept() {
        var bench = Bench([rule(above: 0.05)])
        bench.verdicts.reserveCapacity(64)
        bench.phases(0.1)
        #expect(bench.verdicts.capacity >= 64)
    }

    @Test("hostile values neither fire nor crash", arguments: [Double.nan, .infinity, -.infinity])
    func hostile(_ value: Double) {
        var bench = Bench([rule(above: 0.05, deviation: 3), rule("c", above: 0.05)])
        bench.warm()
        #expect(bench.phases(value) == [])
    }
}
