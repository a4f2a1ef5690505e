internal import Signals

/// What the ladder keeps of a hold.
struct LadderEntry: Sendable {
    /// A change of step that is ordered and not yet answered.
    struct Change: Equatable, Sendable {
        /// The step ordered.
        var step: HoldStep
        /// The phase that follows.
        var phase: LadderHold.Phase
    }

    /// Which hold it is.
    let key: HoldKey
    /// The VM's name.
    var name: String
    /// Its vCPUs.
    var vcpus: Int
    /// What it used when it was blamed.
    var use = HoldUse()
    /// Who wants it.
    var origin = HoldOrder.Origin.ladder
    /// The rule that asked for it.
    var rule: String
    /// The ladder that it stands on.
    var plan: LadderPlan
    /// The class that the steps are for; `nil` until they are looked up.
    var workloadClass: String?
    /// The steps that are there for it.
    var rungs = LadderRungs.none
    /// Those it is held back for; the first one is told.
    var victims: [HeldFor]
    /// The victim that is told, also after all have been taken off; `nil` where there never was one.
    var lastVictim: HeldFor?
    /// Where in its life the hold is.
    var phase: LadderHold.Phase
    /// The step that the ladder ordered last of those in force, or ordered first while `requested`.
    var rung: HoldStep
    /// The step in force as it was told, or ordered while `requested`.
    var step: HoldStep
    /// When the lease ends.
    var expires: MonotonicTime
    /// When the last intent went out.
    var askedAt: MonotonicTime
    /// Since when the step in force has been judged.
    var stepSince: MonotonicTime
    /// The change that is ordered and not yet answered.
    var change: Change?
    /// A step that was ordered and never answered: it may be in force.
    var unanswered: HoldStep?
    /// Since when it has been suspended; `nil` while it is not.
    var suspendedSince: MonotonicTime?
    /// Whether it has been suspended once, which is all that a hold may.
    var wasSuspended = false
    /// Whether it is stricter than the limits now allow and must come up.
    var isCrowdedOut = false
    /// How much each step up takes; set when the way up begins.
    var raiseBy = 0.0
    /// Since when all victims have been calm.
    var calmSince: MonotonicTime?
    /// Since when the VM has not been in the frame.
    var absentSince: MonotonicTime?
    /// Why it is being released.
    var releaseReason: ReleaseReason?
    /// When a way up that must be and has not happened is asked for again.
    var againAt = MonotonicTime(nanoseconds: 0)
    /// Seconds from one that failed until it is asked for again; doubles each time.
    var retry = 1.0
    /// Whether it is told only (dry run).
    var isVirtual = false
    /// Why it must end, as soon as it can; `nil` while it need not.
    var mustEnd: ReleaseReason?
    /// Whether it is to be forgotten.
    var isOver = false

    /// The VM.
    var vm: VMIdentity { key.vm }
    /// What it is held back over.
    var contention: Contention { key.contention }

    /// The strictest step that may be in force now or soon: what the limits count.
    var strictest: HoldStep {
        var strictest = step
        if let change { strictest = max(strictest, change.step) }
        if let unanswered { strictest = max(strictest, unanswered) }
        return strictest
    }

    /// Lets every clock that judges the step in force begin anew.
    mutating func restartClocks(at now: MonotonicTime) {
        stepSince = now
        calmSince = nil
        for index in victims.indices where victims[index].unmovedSince != nil { victims[index].unmovedSince = nil }
    }

    /// Looks the steps up that are there for a VM of a class.
    mutating func takeRungs(for workloadClass: String) {
        guard workloadClass != self.workloadClass else { return }
        self.workloadClass = workloadClass
        rungs = LadderRungs(plan, workloadClass: workloadClass, throttles: use.canThrottle(contention))
    }

    /// The order for a step.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - term: Seconds until the lease ends.
    ///   - policy: The policy in force.
    /// - Returns: The order.
    func order(_ step: HoldStep, term: Double, policy: PolicySet) -> HoldOrder {
        let victim = victims.first ?? lastVictim
        var order = HoldOrder(
            vm: vm,
            name: name,
            vcpus: vcpus,
            contention: contention,
            step: step,
            term: term,
            rule: rule,
            victim: victim?.vm,
            victimName: victim?.name ?? ""
        )
        order.use = use
        order.quarantine = policy.quarantine
        order.allowsMemoryHigh = policy.allowsMemoryHigh
        order.origin = origin
        return order
    }

    /// The hold as people see it.
    var display: LadderHold {
        let victim = victims.first ?? lastVictim
        return LadderHold(
            vm: vm,
            name: name,
            contention: contention,
            step: step,
            phase: phase,
            origin: origin,
            expires: expires,
            victim: victim?.vm,
            victimName: victim?.name ?? "",
            rule: rule,
            isVirtual: isVirtual
        )
    }
}
