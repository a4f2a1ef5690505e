import Detection
import Signals
import Testing

@Suite("Rules on more than one signal, for each vCPU, and at rest")
struct CompanionTests {
    /// A busy VM that must also write little.
    private func profile() -> Rule {
        var busy = rule("busy", above: 0.9, signal: .cpuUsage)
        busy.perVCPU = true
        busy.companions = [Companion(.diskWriteOps, isAbove: false, bound: 20)]
        return busy
    }

    @Test("it fires while every signal is at its bound, counted for each of the two vCPUs")
    func detects() throws {
        var bench = Bench([profile()])
        let verdicts = bench.tick([.cpuUsage: Reading(1.95), .diskWriteOps: Reading(3)])
        #expect(verdicts.map(\.phase) == [.onset])
        #expect(verdicts.first?.threshold == 1.8)
    }

    @Test("it does not fire where one signal is off its bound")
    func quiet() {
        var bench = Bench([profile()])
        #expect(bench.tick([.cpuUsage: Reading(1.95), .diskWriteOps: Reading(300)]).isEmpty)
        #expect(bench.tick([.cpuUsage: Reading(1.5), .diskWriteOps: Reading(3)]).isEmpty)
    }

    @Test("at the bounds themselves it fires")
    func boundary() {
        var bench = Bench([profile()])
        #expect(bench.tick([.cpuUsage: Reading(1.8), .diskWriteOps: Reading(20)]).map(\.phase) == [.onset])
    }

    @Test("a companion that is not observable keeps it silent, one that was read a moment ago still counts")
    func missing() {
        var bench = Bench([profile()])
        #expect(bench.tick([.cpuUsage: Reading(1.9), .diskWriteOps: .notObservable]).isEmpty)
        #expect(bench.tick([.cpuUsage: Reading(1.9)]).isEmpty)
        bench.tick([.cpuUsage: Reading(0.1), .diskWriteOps: Reading(3)])
        #expect(bench.tick([.cpuUsage: Reading(1.9)]).map(\.phase) == [.onset])
    }

    @Test("a firing rule clears once a companion is known to be off its bound")
    func clears() {
        var bench = Bench([profile()])
        bench.tick([.cpuUsage: Reading(1.9), .diskWriteOps: Reading(3)])
        var cleared = false
        for _ in 0..<7 {
            cleared = bench.tick([.cpuUsage: Reading(1.9), .diskWriteOps: Reading(900)]).map(\.phase) == [.cleared]
            if cleared { break }
        }
        #expect(cleared)
    }

    @Test("a companion of the host counts for every VM")
    func hostCompanion() {
        var hog = rule("hog", above: 1, signal: .cpuUsage)
        hog.companions = [Companion(.hostPowerHeadroom, isAbove: false, bound: 10)]
        var bench = Bench([hog])
        #expect(bench.tick([.cpuUsage: Reading(2)]).isEmpty)
        bench.frame.begin(at: MonotonicTime(seconds: bench.now))
        bench.frame[VMSlot(0), .cpuUsage] = Reading(2)
        bench.frame[host: .hostPowerHeadroom] = Reading(4)
        bench.bank.observe(bench.frame, into: &bench.verdicts)
        #expect(bench.verdicts.map(\.phase) == [.onset])
    }

    @Test("a rule at rest does not fire again until its rest is over")
    func rest() {
        var restful = rule(above: 0.5, clearAfter: 2)
        restful.rest = 60
        var bench = Bench([restful])
        var onsets: [Double] = []
        for second in 0..<200 where bench.phases(second % 10 < 3 ? 0.9 : 0.1).contains(.onset) {
            onsets.append(Double(second))
        }
        #expect(onsets == [0, 70, 140])
    }
}
