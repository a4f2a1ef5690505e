import Attribution
import Signals
import Testing

@Suite("What a victim did to itself")
struct SelfInflictedTests {
    /// A noisy host, after the given change to the victim.
    private func outcome(
        throttled: Double? = nil,
        _ change: (inout VMRecord) -> Void = { _ in }
    ) -> Finding.Outcome? {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002)
        if var record = stage.frame[record: VMSlot(0)] {
            change(&record)
            stage.frame[record: VMSlot(0)] = record
        }
        return stage.play(3, use: [0.7, 0.5, 2.75], delay: 0.3, throttled: throttled)
    }

    @Test("a VM that Quell holds hurts by that, whatever else holds")
    func held() {
        #expect(outcome { $0.heldCores = 1 } == .selfInflicted(.held))
        #expect(
            outcome {
                $0.heldCores = 1
                $0.activity = .backup
                $0.ownQuota = 0.7
            } == .selfInflicted(.held)
        )
        #expect(outcome() == .blamed(VMSlot(2)))
    }

    @Test("a VM at its own quota hurts by that, one well below it does not")
    func ownQuota() {
        #expect(outcome { $0.ownQuota = 0.7 } == .selfInflicted(.ownQuota))
        #expect(outcome { $0.ownQuota = 0.8 } == .blamed(VMSlot(2)))
    }

    @Test("throttling that explains half of the run delay is its own quota, less is not")
    func throttled() {
        #expect(outcome(throttled: 0.2) == .selfInflicted(.ownQuota))
        #expect(outcome(throttled: 0.1) == .blamed(VMSlot(2)))
        #expect(outcome(throttled: 0) == .blamed(VMSlot(2)))
    }

    @Test("a VM under a job of its own hurts by that", arguments: [VMActivity.migration, .backup, .save, .balloon])
    func job(_ activity: VMActivity) {
        #expect(outcome { $0.activity = activity } == .selfInflicted(.job))
    }

    @Test("a VM of four vCPUs that spins alone on two CPUs waits for itself")
    func aloneOnTwo() {
        var stage = Stage(cpus: 2, vcpus: [4, 1])
        stage.play(40, use: [0.1, 0.01], delay: 0.001)
        for _ in 0..<60 { #expect(stage.play(use: [1.95, 0.01], delay: 0.5) == .selfInflicted(.ownDemand)) }
    }

    @Test("a VM that a host task keeps from its entitlement does not do it to itself")
    func notGivenItsShare() {
        var stage = Stage(cpus: 2, vcpus: [4])
        stage.play(40, use: [0.1], delay: 0.001)
        #expect(stage.play(5, use: [1.2], delay: 0.7, pressure: 0.9) == .nobody)
    }

    @Test("a VM that turns noisy itself blames neither a busy neighbour nor its victims")
    func noisyItself() {
        var stage = Stage(cpus: 8, vcpus: [8, 4, 1, 1])
        // Entitled to 3 cores each, and the neighbour has more than that all along.
        stage.play(40, use: [0.3, 3.6, 0.3, 0.3], delay: 0.002)
        #expect(stage.play(3, use: [3.9, 3.4, 0.3, 0.3], delay: 0.3) == .selfInflicted(.ownDemand))
    }

    @Test("two spinning VMs at their fair shares have nobody but themselves to blame")
    func fair() {
        var stage = Stage(cpus: 2, vcpus: [2, 2])
        stage.play(40, use: [1.9, 0.05], delay: 0.002)
        #expect(stage.play(3, use: [1, 0.98], delay: 0.5) == .selfInflicted(.ownDemand))
    }
}
