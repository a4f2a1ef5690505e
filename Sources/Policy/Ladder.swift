public import Signals

/// Decides what is done to those who are to blame, for how long, and when it is undone.
///
/// A hold is of a VM over one contention, and each goes its own way: an order is out (`requested`), a step is in force
/// (`inForce`) and followed by stricter ones while its victim is still hurt, then, once victim and culprit have been
/// calm, it is let up slowly (`raising`) until the release. A culprit at the last step whose victim is no better was not
/// the culprit: it is let go and acquitted of that victim for a while. A hold never outlives the lease that it began
/// with: later orders carry only what is left of it. A person's holds are followed, since they count, and left alone.
///
/// It is pure: time comes with the frame, the hour with the circumstances, and the same calls give the same intents in
/// the same order. What is not known (a VM that is not in the frame, a reading that is not ``Quality/ok``) is never
/// taken for suffering or for calm. `Docs/Ladder.md` tells it whole.
public struct Ladder: Sendable {
    /// Seconds after which an order that nobody answered is given up.
    static let answerWithin = 30.0
    /// Seconds for which a held VM may be out of the frame before it counts as gone.
    static let goneAfter = 5.0

    /// The policy in force.
    public private(set) var policy: PolicySet
    /// Why nothing was done in the last tick about those who are blamed and not held for it, the surest finding first.
    public internal(set) var refusals: [Refusal] = []
    /// Those held or about to be, in the order in which they were asked for.
    var entries: [LadderEntry] = []
    /// New holds and steps down of the last minute.
    var actions = ActionWindow()
    /// Those left alone for a while.
    var standOff = StandOff()
    /// Until when a culprit is acquitted of a victim.
    private(set) var acquittals: [Pair: MonotonicTime] = [:]
    /// Whether there may be too many holds: the limits have changed, or something is in force that was not asked for.
    var mustTrim = false

    /// A hold and a victim.
    struct Pair: Hashable {
        var culprit: HoldKey
        var victim: VMIdentity
    }

    /// A ladder that holds nobody.
    ///
    /// - Parameter policy: The policy to follow.
    public init(policy: PolicySet) {
        self.policy = policy
    }

    /// Those held or about to be, in the order in which they were asked for, for display.
    public var holds: [LadderHold] { entries.map(\.display) }

    /// Calls a closure with each VM that is held or about to be; with one that is held over several things so often.
    ///
    /// - Parameter body: Given the VM.
    public func forEachHeld(_ body: (VMIdentity) -> Void) {
        for index in entries.indices { body(entries[index].vm) }
    }

    /// Follows another policy from the next tick on; holds that it does not allow are released then, but a person's.
    ///
    /// - Parameter policy: The policy to follow.
    public mutating func adopt(policy: PolicySet) {
        self.policy = policy
        mustTrim = true
        for index in entries.indices {
            let plan = plan(ofRule: entries[index].rule, entries[index].contention, origin: entries[index].origin)
            if let plan {
                entries[index].plan = plan
                entries[index].workloadClass = nil
            } else {
                entries[index].mustEnd = entries[index].mustEnd ?? .policy
            }
        }
    }

    /// The plan that a hold follows under the policy in force; `nil` where there is none for it.
    ///
    /// Who holds a VM by hand, or held it on another host, knows nothing of this policy's rules: any ladder that
    /// answers the contention will do, and the usual one where none does.
    func plan(ofRule name: String, _ contention: Contention, origin: HoldOrder.Origin) -> LadderPlan? {
        let rule = policy.rules.first { $0.name == name }
        if let plan = rule?.ladder.flatMap({ policy.ladders[$0] }), plan.contention == contention, !plan.steps.isEmpty {
            return plan
        }
        if origin == .ladder { return nil }
        let others = policy.ladders.filter { $0.value.contention == contention && !$0.value.steps.isEmpty }
        if let plan = others.min(by: { $0.key < $1.key })?.value { return plan }
        var plan = LadderPlan(name: "")
        plan.contention = contention
        return plan
    }

    /// Decides what is to be done after a tick.
    ///
    /// Each intent is answered by one ``LeaseEvent``, to be handed to ``note(_:at:)``; until then nothing more is
    /// asked of that hold.
    ///
    /// - Parameters:
    ///   - findings: Who is hurt and by whom in this tick.
    ///   - frame: The frame that they speak of.
    ///   - circumstances: What hour it is, and whether it may act at all.
    /// - Returns: What is to be done, in order.
    public mutating func decide(
        _ findings: [Finding],
        frame: Frame,
        circumstances: LadderCircumstances
    ) -> [Intent] {
        let now = frame.time
        let tick = LadderTick(findings, policy: policy, frame: frame, circumstances: circumstances)
        standOff.prune(at: now)
        if !acquittals.isEmpty { acquittals = acquittals.filter { now < $0.value } }
        refusals.removeAll(keepingCapacity: true)

        var intents: [Intent] = []
        var isAnyOver = false
        for index in entries.indices {
            var entry = entries[index]
            switch advance(&entry, tick: tick, frame: frame) {
            case .wait: break
            case .ask(let intent): intents.append(intent)
            case .drop:
                entry.isOver = true
                isAnyOver = true
            }
            entries[index] = entry
        }
        if isAnyOver { entries.removeAll(where: \.isOver) }
        if mustTrim { intents += trim(frame: frame) }
        for complaint in tick.complaints {
            switch request(complaint, tick: tick, frame: frame) {
            case .none: break
            case .order(let order): intents.append(.hold(order))
            case .refused(let refusal): if !refusals.contains(refusal) { refusals.append(refusal) }
            }
        }
        for refusal in tick.unanswerable where !refusals.contains(refusal) { refusals.append(refusal) }
        return intents
    }

    /// Whether a VM was found not to be what hurts another one over a contention, not long ago.
    func isAcquitted(_ culprit: HoldKey, of victim: VMIdentity, at now: MonotonicTime) -> Bool {
        acquittals.isEmpty
            ? false : acquittals[Pair(culprit: culprit, victim: victim)].map { now < $0 } ?? false
    }

    /// Whom it did not help that another VM was held back, for as long as that holds: what attribution must know to look
    /// for the next suspect.
    public var acquitted: [Acquittal] {
        acquittals.isEmpty
            ? []
            : acquittals.keys.map {
                Acquittal(culprit: $0.culprit.vm, victim: $0.victim, over: $0.culprit.contention)
            }
    }

    /// Notes that holding a VM back over a contention did not help another one.
    mutating func acquit(_ culprit: HoldKey, of victim: VMIdentity, until: MonotonicTime) {
        acquittals[Pair(culprit: culprit, victim: victim)] = until
    }

    /// Begins a release.
    static func release(_ entry: inout LadderEntry, _ reason: ReleaseReason, at now: MonotonicTime) -> Intent {
        entry.phase = .releasing
        entry.releaseReason = reason
        entry.askedAt = now
        entry.unanswered = entry.change?.step ?? entry.unanswered
        entry.change = nil
        entry.againAt = now.advanced(bySeconds: answerWithin)
        return .release(entry.key, reason)
    }
}
