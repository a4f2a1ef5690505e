import Signals
import Testing

@testable import Policy

@Suite("Ladder: random runs keep every promise")
struct LadderSimulationTests {
    /// What a run has seen; everything in it is counted from outside the ladder.
    private struct Ledger {
        var caps: [VMIdentity: Double] = [:]
        var ends: [VMIdentity: Double] = [:]
        var asked: Set<VMIdentity> = []
        var actions: [Double] = []
        var releases = 0
        var broken: [String] = []
    }

    @Test("2,000 random runs of 30 ticks stay within limits, spare the protected and end every hold with its lease")
    func random() {
        var actions = 0
        var releases = 0
        for seed in 0..<2_000 {
            let ledger = run(seed: UInt64(seed))
            #expect(ledger.broken == [], "seed \(seed)")
            if !ledger.broken.isEmpty { return }
            actions += ledger.actions.count
            releases += ledger.releases
        }
        // A run in which nothing happens would prove nothing.
        #expect(actions > 2_000)
        #expect(releases > 800)
    }

    @Test("The same run twice gives the same intents in the same order")
    func replay() {
        for seed in UInt64(0)..<50 {
            #expect(run(seed: seed).actions == run(seed: seed).actions)
        }
    }

    private func run(seed: UInt64) -> Ledger {
        var random = SplitMix64(seed: seed)
        let limits = BlastLimits(
            heldVMs: .random(in: 0...4, using: &random),
            heldVCPUShare: .random(in: 0...1, using: &random),
            actionsPerMinute: .random(in: 0...8, using: &random)
        )
        var bed = LadderBed(vms: (0..<8).map { "vm\($0)" }, limits: limits) { policy in
            policy.protectedVMs = ["vm6"]
            policy.protectedTenants = ["t7"]
            policy.ladders["cpu"]?.lease = .random(in: 4...15, using: &random)
            policy.ladders["cpu"]?.steps = (0..<3).map { _ in .throttle(.random(in: -0.2...1.2, using: &random)) }
            policy.ladders["cpu"]?.verify = .random(in: 0...15, using: &random)
            policy.ladders["cpu"]?.calm = .random(in: 0...5, using: &random)
        }
        let vcpus = 16.0
        var ledger = Ledger()
        var late: [Intent] = []
        for _ in 0..<30 {
            var findings: [Finding] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                findings.append(
                    bed.finding(
                        .random(in: 0...7, using: &random),
                        by: random.chance(0.9) ? .random(in: 0...7, using: &random) : nil,
                        value: .random(in: 0...0.4, using: &random),
                        confidence: .random(in: 0...1, using: &random),
                        excess: .random(in: -1...2, using: &random)
                    )
                )
            }
            let idle = random.chance(0.5)
            bed.begin(findings, usage: idle ? 0.05 : 1.9, throttled: idle ? 0 : 0.5)
            for index in 0..<8 where random.chance(0.05) { bed.frame[VMSlot(index), .cpuRunDelay] = .missing }
            for index in 0..<8 { bed.frame[record: VMSlot(index)]?.activity = random.chance(0.02) ? .migration : [] }
            let intents = bed.decide(findings, answer: false)
            check(intents, &ledger, bed: bed, limits: limits, vcpus: vcpus)
            late += intents
            while let intent = late.first, random.chance(0.8) {
                late.removeFirst()
                answer(intent, &ledger, &bed, &random)
            }
        }
        return ledger
    }

    /// Checks the intents of a tick against what has been in force so far.
    private func check(
        _ intents: [Intent],
        _ ledger: inout Ledger,
        bed: LadderBed,
        limits: BlastLimits,
        vcpus: Double
    ) {
        let now = bed.now
        var released: Set<VMIdentity> = []
        for intent in intents {
            switch intent {
            case .release(let key, _):
                ledger.releases += 1
                released.insert(key.vm)
            case .hold(let order):
                if order.name == "vm6" || order.name == "vm7" { ledger.broken.append("protected \(order.name)") }
                let cap = order.step.share ?? 0
                if !(cap >= 0.1 && cap <= 1) { ledger.broken.append("cap \(cap)") }
                let before = ledger.caps[order.vm]
                if before.map({ cap < $0 }) ?? true { ledger.actions.append(now) }
                if let end = ledger.ends[order.vm], now + order.term > end + 1e-6 { ledger.broken.append("lease grew") }
                ledger.asked.insert(order.vm)
            }
        }
        let held = ledger.asked.union(ledger.caps.keys)
        if held.count > limits.heldVMs { ledger.broken.append("\(held.count) VMs held") }
        if held.count > 1, Double(held.count * 2) > limits.heldVCPUShare * vcpus { ledger.broken.append("vCPU share") }
        if ledger.actions.filter({ now - $0 < 60 }).count > limits.actionsPerMinute {
            ledger.broken.append("too many actions")
        }
        for (vm, end) in ledger.ends where now >= end + 1 {
            let isLettingGo = bed.ladder.holds.contains { $0.vm == vm && $0.phase == .releasing }
            if !released.contains(vm) && !isLettingGo { ledger.broken.append("outlived its lease") }
        }
    }

    /// Answers as an enforcer with bad luck: mostly as asked, at times with a failure, a hand-over or not as asked.
    private func answer(_ intent: Intent, _ ledger: inout Ledger, _ bed: inout LadderBed, _ random: inout SplitMix64) {
        switch intent {
        case .hold(let order):
            if random.chance(0.1) {
                if ledger.caps[order.vm] == nil { ledger.asked.remove(order.vm) }
                bed.note(.failed(order.key, name: order.name, "bad luck"))
            } else if ledger.caps[order.vm] != nil {
                ledger.caps[order.vm] = order.step.share
                bed.note(.adjusted(order, lease: 1))
            } else {
                ledger.caps[order.vm] = order.step.share
                ledger.ends[order.vm] = bed.now + order.term
                bed.note(.granted(order, lease: 1))
            }
        case .release(let key, let reason):
            if random.chance(0.2) {
                bed.note(.failed(key, name: "", "bad luck"))
            } else {
                ledger.caps[key.vm] = nil
                ledger.ends[key.vm] = nil
                ledger.asked.remove(key.vm)
                bed.note(
                    random.chance(0.1)
                        ? .handedOver(key, name: "", lease: 1, found: "a person's")
                        : .released(key, name: "", lease: 1, reason)
                )
            }
        }
    }
}
