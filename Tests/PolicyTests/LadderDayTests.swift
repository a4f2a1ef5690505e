import Signals
import TestSupport
import Testing

@testable import Policy

@Suite("Ladder: days of generated hosts")
struct LadderDayTests {
    /// What many days came to.
    private struct Sum {
        var broken: [String] = []
        var counts: [String: Int] = [:]
        var steps = 0
    }

    private func sum(_ seeds: Range<UInt64>, seconds: Int = 86_400, episodes: Int = 8) -> Sum {
        var sum = Sum()
        for seed in seeds {
            var run = LadderDayRun(DayScript(seed: seed, seconds: seconds, episodes: episodes), seed: seed)
            run.run()
            sum.broken += run.checker.broken.map { "seed \(seed): \($0.key.rawValue): \($0.value)" }
            sum.counts.merge(run.checker.counts) { $0 + $1 }
            sum.steps += run.steps
        }
        return sum
    }

    @Test("1,000 hosts keep every promise through a day", arguments: 0..<20 as Range<UInt64>)
    func days(batch: UInt64) {
        let days = TestSize.part(of: 50, atLeast: 10)
        let sum = sum(batch * 50..<batch * 50 + UInt64(days))
        #expect(sum.broken == [])
        // Days on which nothing happens would prove nothing.
        for what in ["new", "step", "release calm", "release expired", "release no-effect"] {
            #expect(sum.counts[what, default: 0] > 0, "\(what)")
        }
        #expect(sum.steps > 100 * days)
    }

    @Test("Leaving out the seconds in which nothing can change changes nothing", arguments: 0..<12 as Range<UInt64>)
    func skipping(seed: UInt64) {
        let script = DayScript(seed: seed + 5_000, seconds: 2_400, episodes: 10)
        var sparse = LadderDayRun(script, seed: seed, keepsLog: true)
        var full = LadderDayRun(script, seed: seed, keepsLog: true)
        sparse.run()
        full.run(skips: false)
        #expect(full.steps > 3_900 && sparse.steps < full.steps)
        let difference = zip(sparse.log, full.log).first { $0 != $1 }
        #expect(difference == nil && sparse.log.count == full.log.count)
        #expect(sparse.checker.counts == full.checker.counts)
    }

    @Test("The same day twice gives the same, intent for intent")
    func repeatable() {
        let logs = (0..<2).map { _ in
            var run = LadderDayRun(DayScript(seed: 77, episodes: 20), seed: 77, keepsLog: true)
            run.run()
            return run.log
        }
        #expect(logs[0] == logs[1] && logs[0].count > 20)
    }

    @Test("A ladder that is broken is noticed", arguments: LadderDayRun.Fault.allCases)
    func broken(_ fault: LadderDayRun.Fault) {
        let promise: LadderChecker.Promise =
            switch fault {
            case .protection: .protected
            case .heldVMs: .heldVMs
            case .vcpuShare: .vcpuShare
            case .actions: .actions
            case .quarantined: .quarantined
            case .suspended: .suspended
            case .longLease, .longTerm: .lease
            case .windows: .window
            case .disarmed: .disarmed
            case .jobs: .busy
            case .ceilings: .ceiling
            case .floor: .floor
            case .suspendFor: .longSuspended
            case .calm, .verify: .inVain
            case .deaf: .leftOver
            case .persons: .person
            case .use: .use
            }
        for seed in UInt64(0)..<150 {
            var run = LadderDayRun(DayScript(seed: seed, seconds: 7_200, episodes: 20), seed: seed, fault: fault)
            run.run()
            if run.checker.broken[promise] != nil { return }
        }
        Issue.record("\(fault) is not noticed as \(promise)")
    }
}
