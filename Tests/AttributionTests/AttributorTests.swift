import Attribution
import Signals
import Testing

@Suite("Who is to blame")
struct AttributorTests {
    /// A host of 4 CPUs: the victim, a quiet VM, and one of 4 vCPUs that may turn noisy.
    private func quiet() -> Stage {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002)
        return stage
    }

    @Test("a VM that starts to use far more than its entitlement is named within two hurt ticks")
    func detects() throws {
        var stage = quiet()
        #expect(stage.findings.isEmpty)
        #expect(stage.play(use: [0.7, 0.5, 2.75], delay: 0.3) == .nobody)
        #expect(stage.play(use: [0.7, 0.5, 2.75], delay: 0.3) == .blamed(VMSlot(2)))
        let finding = try #require(stage.findings.first)
        #expect(finding.contention == .cpu)
        #expect(finding.candidates.map(\.slot.index) == [2, 1])
        #expect(finding.candidates[0].rejection == nil)
        #expect(abs(finding.candidates[0].share - 0.7) < 0.03)
        #expect(abs(finding.candidates[0].excess - 1.417) < 0.1)
        #expect(finding.confidence > 0.9)
    }

    @Test("it stays named for as long as it goes on, past the window")
    func staysNamed() {
        var stage = quiet()
        stage.play(2, use: [0.7, 0.5, 2.75], delay: 0.3)
        for _ in 0..<100 { #expect(stage.play(use: [0.7, 0.5, 2.75], delay: 0.3) == .blamed(VMSlot(2))) }
        #expect(stage.play(10, use: [0.7, 2.75, 0.5], delay: 0.3) != .blamed(VMSlot(2)))
    }

    @Test("it stays named while held, until it is down to its entitlement")
    func held() {
        var stage = quiet()
        stage.play(35, use: [0.7, 0.5, 2.75], delay: 0.3)
        stage.frame[record: VMSlot(2)]?.heldCores = 2
        #expect(stage.play(40, use: [0.9, 0.6, 1.6], delay: 0.2, pressure: 0.5) == .blamed(VMSlot(2)))
        #expect(stage.play(5, use: [0.9, 0.6, 0.8], delay: 0.2, pressure: 0.5) == .nobody)
        #expect(stage.rejection(2) == .withinEntitlement)
    }

    @Test("a VM that was always busy is not blamed when another turns noisy")
    func alwaysBusy() {
        var stage = Stage(cpus: 8, vcpus: [1, 4, 8, 1, 1, 1])
        stage.play(40, use: [0.6, 3.4, 0.3, 0.3, 0.3, 0.3], delay: 0.002)
        #expect(stage.play(2, use: [0.5, 3.2, 3.5, 0.3, 0.3, 0.3], delay: 0.2) == .blamed(VMSlot(2)))
        #expect(stage.rejection(1) == .uncorrelated)
    }

    @Test("a busy VM that uses a little more while the victim suffers is not blamed")
    func littleMore() {
        var stage = Stage(cpus: 8, vcpus: [1, 8, 1])
        stage.play(40, use: [0.6, 6.2, 0.3], delay: 0.002)
        #expect(stage.play(5, use: [0.5, 7, 0.3], delay: 0.2) == .nobody)
        #expect(stage.rejection(1) == .uncorrelated)
        #expect((stage.candidate(1)?.correlation ?? 0) > 0.6)
    }

    @Test("a VM whose use falls while the victim suffers is not blamed")
    func falling() {
        var stage = Stage(cpus: 4, vcpus: [2, 4, 1])
        stage.play(40, use: [0.5, 3, 0.2], delay: 0.002)
        #expect(stage.play(5, use: [0.4, 2, 0.2], delay: 0.3, pressure: 0.9) == .nobody)
        #expect(stage.rejection(1) == .uncorrelated)
    }

    @Test("two noisy VMs are found in turn")
    func twoInTurn() {
        var stage = Stage(cpus: 8, vcpus: [1, 8, 8, 1])
        stage.play(40, use: [0.7, 0.3, 0.3, 0.2], delay: 0.002)
        #expect(stage.play(2, use: [0.6, 6.8, 0.3, 0.2], delay: 0.3) == .blamed(VMSlot(1)))
        stage.frame[record: VMSlot(1)]?.heldCores = 1.6
        stage.play(12, use: [0.7, 1.6, 0.3, 0.2], delay: 0.002)
        #expect(stage.play(2, use: [0.6, 1.6, 5.6, 0.2], delay: 0.3) == .blamed(VMSlot(2)))
    }

    @Test("of two that start at once both pass, the larger is named, and the other once that is held")
    func twoAtOnce() {
        var stage = Stage(cpus: 8, vcpus: [1, 6, 8, 1])
        stage.play(40, use: [0.7, 0.3, 0.3, 0.2], delay: 0.002)
        #expect(stage.play(2, use: [0.6, 3.2, 4, 0.2], delay: 0.3) == .blamed(VMSlot(2)))
        #expect(stage.rejection(1) == .outranked)
        stage.frame[record: VMSlot(2)]?.heldCores = 1.6
        #expect(stage.play(3, use: [0.6, 5.5, 1.6, 0.2], delay: 0.25) == .blamed(VMSlot(1)))
    }

    @Test("a host task that burns the CPUs gets nobody blamed")
    func hostTask() {
        var stage = quiet()
        for _ in 0..<60 { #expect(stage.play(use: [0.5, 0.3, 0.3], delay: 0.4, pressure: 0.9) == .nobody) }
    }

    @Test("on a host whose CPUs are not contended nobody is blamed, at the bound somebody is")
    func contended() {
        var stage = quiet()
        #expect(stage.play(5, use: [0.7, 0.5, 2], delay: 0.3) == .nobody)
        #expect(stage.rejection(2) == .withinEntitlement)
        #expect(stage.play(1, use: [0.7, 0.5, 2], delay: 0.3, pressure: 0.29) == .nobody)
        #expect(stage.play(1, use: [0.7, 0.5, 2], delay: 0.3, pressure: 0.3) == .blamed(VMSlot(2)))
    }

    @Test("a load that rises everywhere at once is nobody's fault")
    func everybody() {
        var stage = Stage(cpus: 4, vcpus: Array(repeating: 2, count: 7))
        stage.play(40, use: Array(repeating: 0.2, count: 7), delay: 0.002)
        #expect(stage.play(10, use: [0.2] + Array(repeating: 0.65, count: 6), delay: 0.2) == .nobody)
    }

    @Test("a victim a little over its entitlement is a victim all the same")
    func victimOver() {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.play(40, use: [1.5, 0.4, 0.4], delay: 0.002)
        #expect(stage.play(3, use: [1.4, 0.4, 2.2], delay: 0.2) == .blamed(VMSlot(2)))
    }

    @Test("several victims name the same culprit")
    func severalVictims() {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002, alsoHurt: [1])
        stage.play(2, use: [0.7, 0.4, 2.75], delay: 0.3, alsoHurt: [1])
        #expect(stage.findings.map(\.victim.index) == [0, 1])
        #expect(stage.findings.map(\.outcome) == [.blamed(VMSlot(2)), .blamed(VMSlot(2))])
    }

    @Test("of two exactly alike the lower row is named, and the confidence says that it may be the other")
    func tie() throws {
        var stage = Stage(cpus: 4, vcpus: [1, 4, 4])
        stage.wobble = 0
        stage.play(40, use: [0.5, 0.2, 0.2], delay: 0.002)
        #expect(stage.play(2, use: [0.5, 1.7, 1.7], delay: 0.3) == .blamed(VMSlot(1)))
        #expect(stage.rejection(2) == .outranked)
        #expect(abs((stage.findings.first?.confidence ?? 0) - 0.5) < 0.01)
    }

    @Test("pressure tells as run delay does", arguments: [Signal.cpuPressureSome, .cpuPressureFull])
    func pressure(_ signal: Signal) {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.signal = signal
        stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002)
        #expect(stage.play(3, use: [0.7, 0.5, 2.75], delay: 0.3) == .blamed(VMSlot(2)))
    }
}
