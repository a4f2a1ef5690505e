import Signals
import Testing

@testable import Policy

@Suite("Ladder: the steps that are there for a VM")
struct LadderRungsTests {
    private func rungs(
        _ steps: [HoldStep] = LadderBed.allSteps,
        start: HoldStep? = nil,
        ceiling: HoldStep? = nil,
        throttles: Bool = true
    ) -> LadderRungs {
        var plan = LadderPlan(name: "")
        plan.steps = steps
        plan.starts["batch"] = start
        plan.ceilings["batch"] = ceiling
        return LadderRungs(plan, workloadClass: "batch", throttles: throttles)
    }

    @Test("Without a word on the class they are the plan's")
    func all() {
        #expect(rungs().steps == LadderBed.allSteps)
        #expect(rungs().start == .throttle(0.6))
        #expect(LadderRungs(LadderPlan(name: ""), workloadClass: "other").steps.count == 3)
    }

    @Test("The way down begins at the first step at least as strict as the class's, else at the last")
    func start() {
        #expect(rungs(start: .throttle(0.35)).start == .throttle(0.35))
        #expect(rungs(start: .throttle(0.5)).start == .throttle(0.35))
        #expect(rungs(start: .quarantine).start == .quarantine)
        #expect(rungs([.throttle(0.6)], start: .quarantine).start == .throttle(0.6))
        #expect(rungs(start: .throttle(0.35)).below(.throttle(1), suspends: true) == .throttle(0.35))
    }

    @Test("Steps beyond the ceiling of the class are not there; one milder than all leaves none")
    func ceiling() {
        #expect(rungs(ceiling: .throttle(0.35)).steps == [.throttle(0.6), .throttle(0.35)])
        #expect(rungs(ceiling: .throttle(0.34)).steps.count == 2)
        #expect(rungs(ceiling: .quarantine).steps.last == .quarantine)
        #expect(rungs(ceiling: .throttle(0.61)).steps == [] && rungs(ceiling: .throttle(0.61)).start == nil)
        #expect(rungs(ceiling: .throttle(.nan)).steps == [], "what is no number allows nothing")
        #expect(rungs(start: .suspend, ceiling: .throttle(0.35)).start == .throttle(0.35))
    }

    @Test("Shares are within a tenth and the whole, and what is no stricter or no number is passed over")
    func sound() {
        let steps: [HoldStep] = [
            .throttle(7), .throttle(.nan), .throttle(0.5), .throttle(0.6), .throttle(-1), .throttle(0),
        ]
        #expect(rungs(steps).steps == [.throttle(1), .throttle(0.5), .throttle(0.1)])
        #expect(rungs([]).start == nil)
    }

    @Test("Where nothing can be throttled only the steps beyond are there")
    func noThrottles() {
        let rungs = rungs(throttles: false)
        #expect(rungs.steps == [.quarantine, .suspend] && rungs.lastThrottle == nil)
    }

    @Test("The step below is the next stricter one, and none after the last")
    func below() {
        let rungs = rungs()
        #expect(rungs.below(.throttle(0.6), suspends: true) == .throttle(0.35))
        #expect(rungs.below(.throttle(0.5), suspends: true) == .throttle(0.35))
        #expect(rungs.below(.throttle(0.2), suspends: true) == .quarantine)
        #expect(rungs.below(.throttle(0.2 + 1e-12), suspends: true) == .quarantine, "rounding is no step")
        #expect(rungs.below(.quarantine, suspends: true) == .suspend)
        #expect(rungs.below(.quarantine, suspends: false) == nil)
        #expect(rungs.below(.suspend, suspends: true) == nil)
        #expect(rungs.lastThrottle == .throttle(0.2) && rungs.beforeSuspension == .quarantine)
    }
}
