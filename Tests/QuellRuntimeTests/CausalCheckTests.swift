import Policy
import QuellRuntime
import Signals
import Testing

@Suite("A throttle that does not help is withdrawn, and the next suspect is tried")
struct CausalCheckTests {
    /// A host of 8 CPUs: row 1 and row 2 get busy together, and only row `culprit` is what hurts row 0.
    private struct Bed {
        var pipeline: Pipeline
        var frame = Frame(hostCPUs: 8)
        var lease: UInt64 = 0
        var log: [String] = []
        let culprit: Int?

        init(culprit: Int?, large: Int = 8) {
            var rule = Rule(name: "starved", signal: .cpuRunDelay, role: .victim)
            rule.above = 0.05
            rule.deviation = 4
            rule.ladder = "cpu"
            let limits = BlastLimits(heldVMs: 2, heldVCPUShare: 1, actionsPerMinute: 100)
            let policy = PolicySet(
                mode: .enforce,
                rules: [rule],
                ladders: ["cpu": LadderPlan(name: "cpu")],
                limits: limits
            )
            pipeline = Pipeline(policy: policy)
            self.culprit = culprit
            for (row, vcpus) in [1, large, 6, 1].enumerated() {
                let identity = VMIdentity(uuid: VMUUID(high: 5, low: UInt64(row)), generation: 1)
                _ = frame.place(VMRecord(identity: identity, name: "vm\(row)", vcpus: vcpus))
            }
        }

        mutating func tick(_ second: Int) {
            frame.begin(at: MonotonicTime(seconds: 1_000 + Double(second)))
            let isOn = second >= 60
            for (row, want) in [0.5, isOn ? 5.5 : 0.3, isOn ? 3.5 : 0.3, 0.2].enumerated() {
                let wobble = 1 + 0.01 * Double((second * 7 + row * 3) % 5)
                let cap = frame[record: VMSlot(row)]?.heldCores ?? .infinity
                frame[VMSlot(row), .cpuUsage] = Reading(min(want * wobble, cap))
                frame[VMSlot(row), .cpuThrottled] = Reading(want > cap ? 0.5 : 0)
            }
            let isHeld = culprit.map { frame[record: VMSlot($0)]?.heldCores != nil } ?? false
            frame[VMSlot(0), .cpuRunDelay] = Reading(isOn && !isHeld ? 0.3 + 0.01 * Double(second % 3) : 0.002)
            frame[host: .hostCPUPressure] = Reading(isOn ? 0.9 : 0.02)
            for intent in pipeline.step(frame) { answer(intent, second) }
        }

        private mutating func answer(_ intent: Intent, _ second: Int) {
            lease += 1
            switch intent {
            case .hold(let order):
                guard let slot = frame.slot(of: order.vm) else { return }
                let isNew = frame[record: slot]?.heldCores == nil
                frame[record: slot]?.hold(order)
                if isNew { log.append("hold \(order.name)") }
                pipeline.note(isNew ? .granted(order, lease: lease) : .adjusted(order, lease: lease), at: frame.time)
            case .release(let key, let reason):
                guard let slot = frame.slot(of: key.vm) else { return }
                frame[record: slot]?.letGo(key.contention)
                log.append("release \(frame[record: slot]?.name ?? "") \(reason.rawValue)")
                pipeline.note(.released(key, name: "", lease: lease, reason), at: frame.time)
            }
        }
    }

    @Test("the larger of two suspects is tried first, let go as no cause, and the smaller one held")
    func nextSuspect() {
        // A fifth of 20 vCPUs is more than the 3 cores that it is entitled to, so that it stays the first suspect.
        var bed = Bed(culprit: 2, large: 20)
        for second in 0..<130 { bed.tick(second) }
        #expect(bed.log.prefix(3) == ["hold vm1", "release vm1 no-effect", "hold vm2"])
        // Let go once all is calm it begins again, and is known at once; the one acquitted is left alone.
        #expect(bed.log.count { $0 == "hold vm1" } == 1)
        #expect(bed.log.count { $0 == "hold vm2" } > 1)
    }

    @Test("one that is held down to its entitlement is suspected no more, and the next one is held beside it")
    func downToEntitlement() {
        var bed = Bed(culprit: 2)
        for second in 0..<75 { bed.tick(second) }
        #expect(bed.log == ["hold vm1", "hold vm2"])
    }

    @Test("where neither is the cause both are let go, and nobody is left to blame")
    func neither() {
        var bed = Bed(culprit: nil, large: 20)
        for second in 0..<240 { bed.tick(second) }
        #expect(bed.log == ["hold vm1", "release vm1 no-effect", "hold vm2", "release vm2 no-effect"])
        #expect(bed.pipeline.findings.map(\.outcome) == [.nobody])
        #expect(bed.pipeline.findings.first?.candidates.filter { $0.rejection == .acquitted }.count == 2)
    }

    @Test("the one that helps stays held, and nobody else is tried")
    func right() {
        var bed = Bed(culprit: 1)
        for second in 0..<100 { bed.tick(second) }
        #expect(bed.log.first == "hold vm1")
        #expect(!bed.log.contains("hold vm2"))
        #expect(!bed.log.contains { $0.hasSuffix("no-effect") })
    }
}
