import Attribution
import Signals
import Testing

@Suite("Culprits that hide, come together or are victims too")
struct CulpritTests {
    /// A disk of six VMs of one vCPU; rows 2 to 5 belong to the given tenants.
    private func disk(_ tenants: [String?]) -> Scene {
        var scene = Scene(.ioPressureFull, above: 0.2, vcpus: [1, 1, 1, 1, 1, 1]) { frame, slot, value in
            frame[slot, .diskWriteBytes] = value.map { Reading($0) } ?? .missing
            for signal in [Signal.diskReadBytes, .diskReadOps, .diskWriteOps, .diskFlushes] {
                frame[slot, signal] = .notObservable
            }
        }
        for (row, tenant) in tenants.enumerated() {
            scene.frame[record: VMSlot(row + 2)]?.tenant = tenant.map { .known($0) } ?? .unknown
        }
        return scene
    }

    @Test("VMs of one tenant that are too small by themselves are blamed together, the largest for all")
    func together() throws {
        let usual: [Double?] = [20e6, 20e6, 20e6, 20e6, 20e6, 20e6]
        let noisy: [Double?] = [20e6, 20e6, 130e6, 120e6, 110e6, 125e6]
        var scene = disk(["a", "a", "a", "a"])
        scene.play(40, use: usual, suffering: 0.01)
        #expect(scene.play(3, use: noisy, suffering: 0.6) == .blamed(VMSlot(2)))
        let culprit = try #require(scene.candidate(2))
        #expect(Set(culprit.together.map(\.index)) == [3, 4, 5])
        #expect(scene.findings.first?.alsoGuilty.count == 3)
    }

    @Test("a VM that only stirs beside one of its tenant is not blamed for it", arguments: [false, true])
    func bystander(_ isHeld: Bool) {
        var scene = disk(["a", "a", "b", "c"])
        scene.play(40, use: [20e6, 20e6, 20e6, 1e6, 20e6, 20e6], suffering: 0.01)
        if isHeld { scene.frame[record: VMSlot(2)]?.heldOver = [.disk] }
        scene.play(3, use: [20e6, 20e6, 150e6, 2e6, 20e6, 20e6], suffering: 0.6)
        #expect(scene.findings.first?.outcome != .blamed(VMSlot(3)))
        #expect(scene.candidate(3)?.together.isEmpty != false)
    }

    @Test("half of what they rise by on average is enough to be one of them", arguments: [(53e6, true), (46e6, false)])
    func leastPart(_ last: Double, _ isOne: Bool) throws {
        var scene = disk(["a", "a", "a", "a"])
        scene.play(40, use: [20e6, 20e6, 20e6, 20e6, 20e6, 20e6], suffering: 0.01)
        // Three rise by 70 MB/s each: the fourth is one of them from 30 on, which is half of the mean of 60.
        scene.play(3, use: [20e6, 20e6, 90e6, 90e6, 90e6, last], suffering: 0.6)
        let together = try #require(scene.findings.first?.candidates.first { !$0.together.isEmpty })
        #expect(together.together.contains(VMSlot(5)) == isOne)
    }

    @Test("VMs of several tenants, of none that is known, or that do not move are not put together")
    func notTogether() {
        let usual: [Double?] = [20e6, 20e6, 20e6, 20e6, 20e6, 20e6]
        let noisy: [Double?] = [20e6, 20e6, 130e6, 120e6, 110e6, 125e6]
        for tenants in [["a", "b", "c", "d"], [nil, nil, nil, nil]] {
            var scene = disk(tenants)
            scene.play(40, use: usual, suffering: 0.01)
            #expect(scene.play(3, use: noisy, suffering: 0.6) == .nobody)
        }
        var scene = disk(["a", "a", "a", "a"])
        scene.play(40, use: noisy, suffering: 0.01)
        #expect(scene.play(3, use: noisy, suffering: 0.6) == .nobody)
    }

    @Test("a tenant with most VMs is not to blame for what all do")
    func largeTenant() {
        var scene = disk(["a", "a", "a", "b"])
        scene.play(40, use: [20e6, 20e6, 20e6, 20e6, 20e6, 20e6], suffering: 0.01)
        #expect(scene.play(5, use: [80e6, 80e6, 80e6, 80e6, 80e6, 80e6], suffering: 0.6) == .nobody)
    }

    @Test("a VM of the group that cannot be read is no part of it, and blames nobody")
    func missingMember() {
        var scene = disk(["a", "a", "b", "c"])
        scene.play(40, use: [20e6, 20e6, 20e6, 20e6, 20e6, 20e6], suffering: 0.01)
        #expect(scene.play(3, use: [20e6, 20e6, 150e6, nil, 110e6, 125e6], suffering: 0.6) == .nobody)
    }

    @Test("a culprit that hides between bursts is named in the first tick of the next, until it does no harm")
    func alternates() {
        var scene = disk(["a", "b", "c", "d"])
        let usual: [Double?] = [20e6, 20e6, 20e6, 20e6, 20e6, 20e6]
        var noisy = usual
        noisy[3] = 500e6
        scene.play(40, use: usual, suffering: 0.01)
        scene.play(3, use: noisy, suffering: 0.6)
        for _ in 0..<5 {
            scene.play(50, use: usual, suffering: 0.01)
            #expect(scene.play(use: noisy, suffering: 0.6) == .blamed(VMSlot(3)))
        }
        // It is at it again and nobody is hurt: that clears it.
        scene.play(40, use: noisy, suffering: 0.01)
        #expect(scene.play(use: noisy, suffering: 0.6) == .nobody)
    }

    @Test("a pause of more than two minutes is too long to be held against it at once")
    func longPause() {
        for (pause, blamed) in [(110, true), (125, false)] {
            var scene = disk(["a", "b", "c", "d"])
            let usual: [Double?] = [20e6, 20e6, 20e6, 20e6, 20e6, 20e6]
            var noisy = usual
            noisy[3] = 500e6
            scene.play(40, use: usual, suffering: 0.01)
            scene.play(3, use: noisy, suffering: 0.6)
            scene.play(pause, use: usual, suffering: 0.01)
            #expect(scene.play(use: noisy, suffering: 0.6) == (blamed ? .blamed(VMSlot(3)) : .nobody))
        }
    }

    @Test("a victim over the disk can be the culprit over the CPU")
    func both() {
        var scene = disk(["a", "b", "c", "d"])
        var cpu = Rule(name: "cpu", signal: .cpuRunDelay, role: .victim)
        cpu.above = 0.05
        let rules = [scene.rule, cpu]
        var findings: [Finding] = []
        for tick in 0..<45 {
            let isOn = tick >= 40
            scene.frame.begin(at: MonotonicTime(seconds: 100 + Double(tick)))
            for row in 0..<6 {
                let wobble = 1 + 0.01 * Double((tick * 7 + row * 3) % 5)
                scene.write(&scene.frame, VMSlot(row), (row == 2 && isOn ? 500e6 : 20e6) * wobble)
                scene.frame[VMSlot(row), .cpuUsage] = Reading((row == 0 && isOn ? 7 : 0.2) * wobble)
            }
            scene.frame[record: VMSlot(0)]?.vcpus = 8
            scene.frame[VMSlot(0), .ioPressureFull] = Reading(isOn ? 0.6 : 0.01)
            scene.frame[VMSlot(1), .cpuRunDelay] = Reading(isOn ? 0.3 : 0.001)
            var verdicts: [Verdict] = []
            if isOn {
                var disk = Stage.verdict(0, signal: .ioPressureFull, value: 0.6)
                disk.threshold = 0.2
                var cpu = Stage.verdict(1, signal: .cpuRunDelay, value: 0.3)
                cpu.rule = 1
                verdicts = [disk, cpu]
            }
            findings = scene.attributor.assess(scene.frame, verdicts: verdicts, rules: rules)
        }
        #expect(findings.map(\.outcome) == [.blamed(VMSlot(2)), .blamed(VMSlot(0))])
        #expect(findings.map(\.contention) == [.disk, .cpu])
    }

    @Test("one who was acquitted is passed over; who acts on another victim's behalf is not")
    func acquitted() {
        var scene = disk(["a", "b", "c", "d"])
        let usual: [Double?] = [20e6, 20e6, 20e6, 20e6, 20e6, 20e6]
        var noisy = usual
        noisy[3] = 500e6
        scene.play(40, use: usual, suffering: 0.01)
        #expect(scene.play(3, use: noisy, suffering: 0.6) == .blamed(VMSlot(3)))
        let score = scene.candidate(3)?.score ?? 0
        scene.acquit(3)
        #expect(scene.play(use: noisy, suffering: 0.6) == .nobody)
        #expect(scene.rejection(3) == .acquitted)
        #expect(abs((scene.candidate(3)?.score ?? 0) - score / 2) < 0.05)
        let acquittals = scene.acquittals
        for (contention, outcome) in [(Contention.disk, Finding.Outcome.nobody), (.cpu, .blamed(VMSlot(3)))] {
            scene.acquittals = acquittals.map { Acquittal(culprit: $0.culprit, victim: $0.victim, over: contention) }
            #expect(scene.play(use: noisy, suffering: 0.6) == outcome)
        }
        scene.acquittals = acquittals.map { Acquittal(culprit: $0.culprit, victim: $0.culprit) }
        #expect(scene.play(use: noisy, suffering: 0.6) == .blamed(VMSlot(3)))
    }

    @Test("readings of a source with a pace of its own count for the ticks between")
    func paced() {
        for quality in [Quality.stale, .missing] {
            var scene = disk(["a", "b", "c", "d"])
            var tick = 0
            var paced = scene
            paced = Scene(.ioPressureFull, above: 0.2, vcpus: [1, 1, 1, 1, 1, 1]) { frame, slot, value in
                let isRead = tick % 8 == slot.index || slot.index == 3 && value ?? 0 > 100e6
                frame[slot, .diskWriteBytes] = Reading(value ?? 0, isRead || slot.index == 0 ? .ok : quality)
                for signal in [Signal.diskReadBytes, .diskReadOps, .diskWriteOps, .diskFlushes] {
                    frame[slot, signal] = .notObservable
                }
            }
            scene = paced
            for _ in 0..<40 {
                scene.play(use: [20e6, 20e6, 20e6, 20e6, 20e6, 20e6], suffering: 0.01)
                tick += 1
            }
            let outcome = scene.play(4, use: [20e6, 20e6, 20e6, 500e6, 20e6, 20e6], suffering: 0.6)
            #expect(outcome == (quality == .stale ? .blamed(VMSlot(3)) : .nobody))
        }
    }

    @Test("a VM pinned to other CPUs is elsewhere, and four CPUs can be contended on a host of many")
    func pinned() {
        for (cpus, blamed) in [([0, 1, 2, 3], true), ([4, 5, 6, 7], false)] as [([UInt32], Bool)] {
            var stage = Stage(cpus: 64, vcpus: [2, 2, 4])
            for row in 0..<3 {
                stage.frame[record: VMSlot(row)]?.scope.cpus = row == 2 ? cpus : [0, 1, 2, 3]
            }
            stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002)
            let outcome = stage.play(3, use: [0.7, 0.5, 2.75], delay: 0.3, pressure: blamed ? nil : 0.9)
            #expect(outcome == (blamed ? .blamed(VMSlot(2)) : .nobody))
            if !blamed { #expect(stage.rejection(2) == .elsewhere) }
        }
    }
}
