public import Signals

/// Decides what is done to those who are to blame, for how long, and when it is undone.
///
/// Each culprit goes its own way: an order is out (`requested`), a cap is in force (`inForce`) and lowered step by step
/// while its victim is still hurt, then, once victim and culprit have been calm, let up slowly (`raising`) until the
/// release. A culprit at the last step whose victim is no better was not the culprit: it is let go and acquitted of
/// that victim for a while. A hold never outlives the lease that it began with: later orders carry only what is left
/// of it.
///
/// It is pure: time comes with the frame and with each event, and the same calls give the same intents in the same
/// order. What is not known (a VM that is not in the frame, a reading that is not ``Quality/ok``) is never taken for
/// suffering or for calm.
public struct Ladder: Sendable {
    /// Seconds after which an order that nobody answered is given up.
    static let answerWithin = 30.0
    /// Seconds for which a held VM may be out of the frame before it counts as gone.
    static let goneAfter = 5.0

    /// The policy in force.
    public private(set) var policy: PolicySet
    /// Those held or about to be, in the order in which they were asked for.
    var entries: [LadderEntry] = []
    /// New holds and steps down of the last minute.
    var actions = ActionWindow()
    /// Those left alone for a while.
    var standOff = StandOff()
    /// Until when a culprit is acquitted of a victim.
    private var acquittals: [Pair: MonotonicTime] = [:]
    /// Whether there may be too many holds: the limits have changed, or a lease came up that was not asked for.
    var mustTrim = false

    private struct Pair: Hashable {
        var culprit: VMIdentity
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

    /// Follows another policy from the next tick on; holds that it does not allow are released then.
    ///
    /// - Parameter policy: The policy to follow.
    public mutating func adopt(policy: PolicySet) {
        self.policy = policy
        mustTrim = true
        for index in entries.indices {
            let rule = policy.rules.first { $0.name == entries[index].rule }
            if let name = rule?.ladder, let plan = policy.ladders[name], !plan.steps.isEmpty {
                entries[index].plan = plan
                entries[index].step = plan.step(of: entries[index].cap)
            } else {
                entries[index].isRevoked = true
            }
        }
    }

    /// Decides what is to be done after a tick.
    ///
    /// Each intent is answered by one ``LeaseEvent``, to be handed to ``note(_:at:)``; until then nothing more is
    /// asked of that VM.
    ///
    /// - Parameters:
    ///   - findings: Who is hurt and by whom in this tick.
    ///   - frame: The frame that they speak of.
    /// - Returns: What is to be done, in order.
    public mutating func decide(_ findings: [Finding], frame: Frame) -> [Intent] {
        let now = frame.time
        let tick = LadderTick(findings, policy: policy, frame: frame)
        standOff.prune(at: now)
        if !acquittals.isEmpty { acquittals = acquittals.filter { now < $0.value } }

        var intents: [Intent] = []
        var kept: [LadderEntry] = []
        for entry in entries {
            var entry = entry
            switch advance(&entry, tick: tick, frame: frame) {
            case .wait: kept.append(entry)
            case .ask(let intent):
                intents.append(intent)
                kept.append(entry)
            case .drop: break
            }
        }
        entries = kept
        if mustTrim { intents += trim(frame: frame) }
        for complaint in tick.complaints {
            if let intent = request(complaint, tick: tick, frame: frame) { intents.append(intent) }
        }
        return intents
    }

    /// Whether a VM was found not to be what hurts another one, not long ago.
    func isAcquitted(_ culprit: VMIdentity, of victim: VMIdentity, at now: MonotonicTime) -> Bool {
        acquittals[Pair(culprit: culprit, victim: victim)].map { now < $0 } ?? false
    }

    /// Whom it did not help that another VM was held back, for as long as that holds: what attribution must know to look
    /// for the next suspect.
    public var acquitted: [Acquittal] {
        acquittals.isEmpty ? [] : acquittals.keys.map { Acquittal(culprit: $0.culprit, victim: $0.victim) }
    }

    /// Notes that holding a VM did not help another one.
    mutating func acquit(_ culprit: VMIdentity, of victim: VMIdentity, until: MonotonicTime) {
        acquittals[Pair(culprit: culprit, victim: victim)] = until
    }

    /// Lets the latest holds go until the limits are kept again; oldest holds stay.
    private mutating func trim(frame: Frame) -> [Intent] {
        mustTrim = false
        var intents: [Intent] = []
        for index in entries.indices.reversed() where entries[index].phase != .releasing {
            let others = entries.filter { $0.phase != .releasing && $0.vm != entries[index].vm }
            let fits = fitsLimits(vcpus: entries[index].vcpus, beside: others, frame: frame)
            if fits { break }
            if entries[index].phase == .requested {
                // It is answered first; the release follows in the tick after the answer.
                entries[index].isRevoked = true
            } else {
                intents.append(Self.release(&entries[index], .policy, at: frame.time))
            }
        }
        return intents
    }

    /// Whether one more held VM keeps within the limits on holds.
    func fitsLimits(vcpus: Int, beside others: [LadderEntry], frame: Frame) -> Bool {
        guard others.count < policy.limits.heldVMs else { return false }
        if others.isEmpty { return true }
        var all = 0.0
        for record in frame.records {
            if let record, record.running { all += Double(record.vcpus) }
        }
        let held = others.reduce(Double(vcpus)) { $0 + Double($1.vcpus) }
        return held <= policy.limits.heldVCPUShare * all
    }

    /// Begins a release.
    static func release(_ entry: inout LadderEntry, _ reason: ReleaseReason, at now: MonotonicTime) -> Intent {
        entry.phase = .releasing
        entry.releaseReason = reason
        entry.askedAt = now
        entry.change = nil
        entry.releaseAgainAt = now.advanced(bySeconds: answerWithin)
        return .release(HoldKey(entry.vm, entry.plan.contention), reason)
    }
}
