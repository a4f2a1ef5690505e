import Signals
import Testing

@testable import Policy

@Suite("Ladder: random runs keep every promise")
struct LadderSimulationTests {
    /// A run: a ladder to which anything happens in any tick, and what was seen of it.
    private struct Run {
        var bed: LadderBed
        var random: SplitMix64
        var checker = LadderChecker()
        var late: [Intent] = []
        var findings: [Finding] = []
        var log: [Intent] = []
    }

    @Test("2,000 random runs keep every promise, whatever is blamed and answered, and end with everybody free")
    func random() {
        var counts: [String: Int] = [:]
        for seed in 0..<2_000 {
            let run = run(seed: UInt64(seed))
            #expect(run.checker.broken == [:], "seed \(seed)")
            if !run.checker.broken.isEmpty { return }
            counts.merge(run.checker.counts) { $0 + $1 }
        }
        // A run in which nothing happens would prove nothing.
        for (what, least) in [
            ("new", 2_000), ("step", 2_000), ("release expired", 800), ("release no-effect", 20), ("release calm", 100),
            ("release disarmed", 100), ("release policy", 100), ("handed over", 50), ("failed", 500), ("person", 300),
            ("disk quarantine", 20), ("llc suspend", 5), ("memory throttle", 100), ("network throttle", 100),
        ] {
            #expect(counts[what, default: 0] > least, "\(what): \(counts[what, default: 0])")
        }
    }

    @Test("The same run twice gives the same intents in the same order")
    func replay() {
        for seed in UInt64(0)..<50 { #expect(run(seed: seed).log == run(seed: seed).log) }
    }

    private func run(seed: UInt64) -> Run {
        var random = SplitMix64(seed: seed)
        let limits = BlastLimits(
            heldVMs: .random(in: 0...4, using: &random),
            heldVCPUShare: .random(in: 0...1, using: &random),
            actionsPerMinute: .random(in: 0...12, using: &random)
        )
        let bed = LadderBed.every(vms: (0..<8).map { "vm\($0)" }, limits: limits) { Self.adjust(&$0, &random) }
        var run = Run(bed: bed, random: random)
        for _ in 0..<30 { tick(&run) }
        // Nothing more happens, and what is asked for is done: the leases are over in half a minute.
        run.bed.circumstances.isDisarmed = false
        for _ in 0..<70 {
            run.bed.begin([], usage: 0.05, throttled: 0)
            decide(&run, [])
            while let intent = run.late.first {
                run.late.removeFirst()
                carryOut(intent, &run)
            }
        }
        run.checker.end(at: run.bed.now)
        if !run.bed.ladder.holds.isEmpty { run.checker.fail(.leftOver, "the ladder follows \(run.bed.ladder.holds)") }
        return run
    }

    /// Ladders with short leases and any steps, a window, and VMs that are protected.
    private static func adjust(_ policy: inout PolicySet, _ random: inout SplitMix64) {
        policy.protectedVMs = ["vm6"]
        policy.protectedTenants = ["t7"]
        policy.limits.quarantinedVMs = .random(in: 0...2, using: &random)
        policy.limits.suspendedVMs = .random(in: 0...2, using: &random)
        var window = MaintenanceWindow(name: "w", from: 60, to: 120, effect: random.chance(0.5) ? .observe : .release)
        if random.chance(0.5) { window.vms = ["vm1", "vm2", "vm3"] }
        policy.windows = random.chance(0.5) ? [window] : []
        for name in policy.ladders.keys.sorted() {
            guard var plan = policy.ladders[name] else { continue }
            plan.lease = .random(in: 4...30, using: &random)
            plan.steps = (0..<3).map { _ in .throttle(.random(in: -0.2...1.2, using: &random)) }
            if random.chance(0.5) { plan.steps += [.quarantine, .suspend] }
            if random.chance(0.2) { plan.starts["standard"] = .quarantine }
            if random.chance(0.2) { plan.ceilings["standard"] = .throttle(.random(in: 0...1, using: &random)) }
            plan.stepAfter = .random(in: 0...3, using: &random)
            plan.verify = .random(in: 0...15, using: &random)
            plan.calm = .random(in: 0...5, using: &random)
            plan.suspendFor = .random(in: 0...5, using: &random)
            policy.ladders[name] = plan
        }
    }

    /// A second in which anything happens.
    private func tick(_ run: inout Run) {
        if run.random.chance(0.2) {
            let minute = Int64.random(in: 50...130, using: &run.random)
            run.bed.circumstances.wall = run.random.chance(0.8) ? minute * WeekMinute.minuteLength : nil
        }
        if run.random.chance(0.1) { run.bed.circumstances.isDisarmed = run.random.chance(0.3) }
        // Mostly who suffered goes on to suffer.
        if !run.random.chance(0.75) { run.findings = findings(&run) }
        let isIdle = run.random.chance(0.5)
        run.bed.scaleUse(to: isIdle ? 0.05 : 1)
        run.bed.begin(run.findings, usage: isIdle ? 0.05 : 1.9, throttled: isIdle ? 0 : 0.5)
        for index in 0..<8 {
            let slot = VMSlot(index)
            for signal in [Signal.cpuRunDelay, .diskReadBytes, .netTxBytes, .ioPressureSome]
            where run.random.chance(0.05) {
                run.bed.frame[slot, signal].quality = run.random.chance(0.5) ? .missing : .stale
            }
            run.bed.frame[record: slot]?.activity = run.random.chance(0.02) ? .migration : []
            run.bed.frame[record: slot]?.running = !run.random.chance(0.02)
        }
        people(&run)
        decide(&run, run.findings)
        while let intent = run.late.first, run.random.chance(0.8) {
            run.late.removeFirst()
            answer(intent, &run)
        }
    }

    /// Whoever may suffer at the hands of whomever.
    private func findings(_ run: inout Run) -> [Finding] {
        (0..<Int.random(in: 0...4, using: &run.random)).map { _ in
            var finding = run.bed.hurt(
                over: Contention.allCases.randomElement(using: &run.random) ?? .cpu,
                .random(in: 0...7, using: &run.random),
                by: run.random.chance(0.9) ? .random(in: 0...7, using: &run.random) : nil,
                value: .random(in: 0...0.4, using: &run.random),
                excess: .random(in: -1...2, using: &run.random)
            )
            finding.confidence = .random(in: 0...1, using: &run.random)
            return finding
        }
    }

    /// What people do, at times.
    private func people(_ run: inout Run) {
        let slot = Int.random(in: 0...5, using: &run.random)
        if run.random.chance(0.03), !run.bed.circumstances.isDisarmed {
            let step = LadderBed.allSteps.randomElement(using: &run.random) ?? .quarantine
            let origin: HoldOrder.Origin = run.random.chance(0.7) ? .person : .arrived
            let contention = Contention.allCases.randomElement(using: &run.random) ?? .cpu
            let order = run.bed.order(slot, step, over: contention, term: 10, origin: origin)
            // What arrives is not here yet, and a person is not overtaken by an order that is out.
            guard origin == .person || run.checker.held[order.key] == nil else { return }
            run.late.removeAll { $0.key == order.key }
            note(run.checker.held[order.key] == nil ? .granted(order, lease: 1) : .adjusted(order, lease: 1), &run)
        }
        if run.random.chance(0.01) {
            for key in run.checker.held.keys.filter({ $0.vm == run.bed.vm(slot) }).sorted(by: { "\($0)" < "\($1)" }) {
                note(.released(key, name: "", lease: 1, .operatorRequest), &run)
            }
        }
    }

    private func decide(_ run: inout Run, _ findings: [Finding]) {
        let intents = run.bed.decide(findings, answer: false)
        run.checker.tick(
            intents,
            at: run.bed.now,
            policy: run.bed.ladder.policy,
            circumstances: run.bed.circumstances,
            frame: run.bed.frame
        )
        run.log += intents
        run.late += intents
    }

    /// Answers as an enforcer with bad luck: mostly as asked, at times with a failure, a hand-over or not as asked.
    private func answer(_ intent: Intent, _ run: inout Run) {
        switch intent {
        case .hold(let order) where run.random.chance(0.1): note(.failed(order.key, name: "", "bad luck"), &run)
        case .release(let key, _) where run.checker.held[key] != nil && run.random.chance(0.2):
            note(.failed(key, name: "", "bad luck"), &run)
        case .release(let key, _) where run.checker.held[key] != nil && run.random.chance(0.1):
            note(.handedOver(key, name: "", lease: 1, found: "a person's"), &run)
        case .hold, .release: carryOut(intent, &run)
        }
    }

    /// Does what is asked for.
    private func carryOut(_ intent: Intent, _ run: inout Run) {
        switch intent {
        case .hold(let order):
            note(run.checker.held[order.key] == nil ? .granted(order, lease: 1) : .adjusted(order, lease: 1), &run)
        case .release(let key, let reason): note(.released(key, name: "", lease: 1, reason), &run)
        }
    }

    private func note(_ event: LeaseEvent, _ run: inout Run) {
        run.checker.note(event, at: run.bed.now)
        run.bed.note(event)
    }
}
