import Attribution
import Signals
import Testing

@Suite("Why a candidate is not to blame, and what missing readings do")
struct RejectionTests {
    /// A host of 4 CPUs whose VM in row 2 turns noisy, after the given change to it.
    private func noisy(_ change: (inout Frame) -> Void = { _ in }) -> Stage {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002)
        change(&stage.frame)
        stage.play(3, use: [0.7, 0.5, 2.75], delay: 0.3)
        return stage
    }

    @Test("a VM under a job, or paused, is not blamed")
    func busyWithJob() {
        #expect(noisy { $0[record: VMSlot(2)]?.activity = .migration }.rejection(2) == .busyWithJob)
        #expect(noisy { $0[record: VMSlot(2)]?.running = false }.findings.first?.outcome == .nobody)
        #expect(noisy().rejection(2) == nil)
    }

    @Test("a VM seen for fewer than eight ticks is not blamed")
    func tooFewReadings() {
        for calm in 5...7 {
            var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
            stage.play(calm, use: [0.8, 0.5, 0.4], delay: 0.002)
            stage.play(2, use: [0.7, 0.5, 2.75], delay: 0.3)
            #expect(stage.rejection(2) == (calm == 5 ? .tooFewReadings : nil))
        }
    }

    @Test("a VM whose use is not known in this tick is not blamed")
    func missingUse() {
        var stage = noisy()
        #expect(stage.play(use: [0.7, 0.5, nil], delay: 0.3, pressure: 0.9) == .nobody)
        #expect(stage.rejection(2) == .tooFewReadings)
        #expect(stage.play(use: [0.7, 0.5, 2.75], delay: 0.3) == .blamed(VMSlot(2)))
    }

    @Test("a victim whose use or suffering is not known blames nobody")
    func missingVictim() {
        var stage = noisy()
        #expect(stage.play(use: [nil, 0.5, 2.75], delay: 0.3) == .nobody)
        stage.blind = true
        #expect(stage.play(use: [0.7, 0.5, 2.75], delay: nil) == .nobody)
        #expect(stage.findings.map(\.confidence) == [0])
    }

    @Test("a small share is not blamed however well it moves")
    func smallShare() {
        var stage = Stage(cpus: 16, vcpus: [2, 2, 12, 16])
        stage.play(40, use: [1, 0.1, 9, 0.1], delay: 0.002)
        stage.play(3, use: [1, 1.2, 9, 4], delay: 0.2)
        #expect(stage.rejection(1) == .smallShare)
        #expect(stage.rejection(3) == .withinEntitlement)
    }

    @Test("a VM within its entitlement is not blamed, one beyond the slack is")
    func entitlement() {
        // Three VMs of 4 vCPUs on 4 CPUs: 1.333 each, and slack 0.05.
        for (use, blamed) in [(1.3, false), (1.5, true)] {
            var stage = Stage(cpus: 4, vcpus: [4, 4, 4])
            stage.play(40, use: [1, 1.1, 0.3], delay: 0.002)
            stage.play(3, use: [1, 1.1, use], delay: 0.05, pressure: 0.9)
            #expect(stage.rejection(2) == (blamed ? nil : .withinEntitlement))
        }
    }

    @Test("a heavier VM is entitled to more")
    func weight() {
        let stage = noisy { $0[record: VMSlot(2)]?.weight = 16 }
        #expect(stage.rejection(2) == .withinEntitlement)
    }

    @Test("a weight that is no number counts as 1 and shifts nobody's entitlement", arguments: [Double.nan, .infinity])
    func nonsenseWeight(_ weight: Double) {
        let stage = noisy { $0[record: VMSlot(1)]?.weight = weight }
        #expect(abs((stage.candidate(2)?.excess ?? 0) - 1.417) < 0.1)
    }

    @Test("a VM that is hurt itself and gained nothing is not blamed")
    func alsoHurt() {
        var stage = Stage(cpus: 8, vcpus: [1, 4, 8, 1, 1, 1])
        stage.play(40, use: [0.6, 3.6, 0.3, 0.3, 0.3, 0.3], delay: 0.002)
        stage.play(3, use: [0.5, 3, 3.5, 0.3, 0.3, 0.3], delay: 0.2, alsoHurt: [1])
        #expect(stage.rejection(1) == .alsoHurt)
        #expect(stage.findings.first?.outcome == .blamed(VMSlot(2)))
    }

    @Test("another VM in the culprit's row inherits no blame")
    func reusedRow() {
        var stage = noisy()
        stage.frame[record: VMSlot(2)] = Stage.record(2, vcpus: 4, generation: 2)
        #expect(stage.play(use: [0.7, 0.5, 2.75], delay: 0.3) == .nobody)
        #expect(stage.rejection(2) == .tooFewReadings)
    }

    @Test("hostile verdicts and readings give no finding and no crash")
    func hostile() {
        var stage = noisy()
        let good = Rule(name: "r", signal: .cpuRunDelay, role: .victim)
        let suspect = Rule(name: "s", signal: .cpuRunDelay, role: .suspect)
        let verdicts = [
            Stage.verdict(99, signal: .cpuRunDelay, value: 1), Stage.verdict(-1, signal: .cpuRunDelay, value: 1),
            Stage.verdict(0, signal: .qemuFDs, value: 1),
            Stage.verdict(0, signal: .cpuRunDelay, value: 1, phase: .cleared),
        ]
        #expect(stage.attributor.assess(stage.frame, verdicts: verdicts, rules: [good]) == [])
        let one = [Stage.verdict(0, signal: .cpuRunDelay, value: 1)]
        #expect(stage.attributor.assess(stage.frame, verdicts: one, rules: []) == [])
        #expect(stage.attributor.assess(stage.frame, verdicts: one, rules: [suspect]) == [])
        for value in [Double.nan, .infinity, -5, 1e300] {
            stage.frame[VMSlot(2), .cpuUsage] = Reading(value)
            stage.frame[record: VMSlot(1)]?.weight = value
            stage.frame[record: VMSlot(0)]?.vcpus = 0
            _ = stage.attributor.assess(stage.frame, verdicts: one, rules: [good])
        }
    }

    @Test("suffering over anything but the CPU is told with nobody to blame")
    func otherContention() {
        var stage = noisy()
        let rule = Rule(name: "r", signal: .ioPressureSome, role: .victim)
        stage.frame[VMSlot(0), .ioPressureSome] = Reading(0.5)
        let findings = stage.attributor.assess(
            stage.frame,
            verdicts: [Stage.verdict(0, signal: .ioPressureSome, value: 0.5)],
            rules: [rule]
        )
        #expect(findings.map(\.contention) == [.disk])
        #expect(findings.map(\.outcome) == [.nobody])
    }
}
