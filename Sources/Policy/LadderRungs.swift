internal import Signals

/// The steps of a ladder as they are there for one VM: each stricter than the one before, none beyond its ceiling.
struct LadderRungs: Equatable, Sendable {
    /// The steps, mildest first; empty where the VM may not be held at all.
    let steps: [HoldStep]
    /// Where the way down begins; milder steps are for the way up only.
    let first: Int

    /// No steps.
    static let none = LadderRungs(steps: [], first: 0)

    private init(steps: [HoldStep], first: Int) {
        self.steps = steps
        self.first = first
    }

    /// The steps of a plan for a VM of a class.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - workloadClass: The VM's class.
    ///   - throttles: Whether a throttle can do anything: `false` where what it would be a share of is not known.
    init(_ plan: LadderPlan, workloadClass: String, throttles: Bool = true) {
        var steps: [HoldStep] = []
        let ceiling = plan.ceilings[workloadClass]
        let last = ceiling == nil ? HoldStep.suspend : ceiling?.sound
        for step in plan.steps {
            guard let step = step.sound, let last, step <= last, throttles || step.share == nil else { continue }
            if let before = steps.last, step <= before { continue }
            steps.append(step)
        }
        self.steps = steps
        let start = plan.starts[workloadClass]?.sound
        first =
            start.flatMap { start in steps.firstIndex { $0 >= start } } ?? (start == nil ? 0 : max(0, steps.count - 1))
    }

    /// The first step on the way down; `nil` where there is none.
    var start: HoldStep? { steps.isEmpty ? nil : steps[first] }

    /// The strictest throttle; `nil` where there is none.
    var lastThrottle: HoldStep? { steps.last { $0.share != nil } }

    /// The next step down from one.
    ///
    /// - Parameters:
    ///   - step: Where the hold is.
    ///   - suspends: Whether it may be suspended.
    /// - Returns: The step; `nil` where there is none.
    func below(_ step: HoldStep, suspends: Bool) -> HoldStep? {
        steps[min(first, steps.count)...].first { $0.isStricter(than: step) && (suspends || $0 != .suspend) }
    }

    /// The step before a suspension; `nil` where there is none.
    var beforeSuspension: HoldStep? { steps.last { $0 < .suspend } }
}

extension HoldStep {
    /// The step with its share within 0.1 to 1; `nil` where that is no number.
    var sound: HoldStep? {
        guard let share else { return self }
        return share.isFinite ? .throttle(min(1, max(LadderPlan.floor, share))) : nil
    }

    /// Whether it holds back more than another, by more than rounding.
    func isStricter(than other: HoldStep) -> Bool {
        if let mine = share, let theirs = other.share { return mine < theirs - 1e-9 }
        return self > other
    }
}
