import Signals

@testable import Policy

/// Looks at what a ladder asks for and what becomes of it, from outside, and notes every promise that is broken.
///
/// It shares nothing with the ladder but the policy: what is in force it knows from the events alone.
struct LadderChecker {
    /// A promise.
    enum Promise: String, CaseIterable, Sendable {
        case protected, heldVMs, vcpuShare, quarantined, suspended, actions, lease, outlived, leftOver
        case window, disarmed, busy, ceiling, floor, use, person, longSuspended, twiceSuspended, inVain
    }

    /// A hold that is in force, or told in dry run.
    struct Held {
        var step: HoldStep
        var origin: HoldOrder.Origin
        var rule: String
        var vcpus: Int
        var since: Double
        var expires: Double
        var suspendedSince: Double?
        var wasSuspended = false
        /// When its release was last asked for, and why.
        var letGoAt: Double?
        var letGoFor: ReleaseReason?
        var isVirtual = false
    }

    /// What is broken, with the first time in words.
    private(set) var broken: [Promise: String] = [:]
    /// What is in force.
    private(set) var held: [HoldKey: Held] = [:]
    /// Orders that are out.
    private(set) var asked: [HoldKey: (step: HoldStep, vcpus: Int, at: Double)] = [:]
    /// New holds and steps down.
    private(set) var actions: [Double] = []
    /// How much was seen, so that a run in which nothing happens proves nothing.
    private(set) var counts: [String: Int] = [:]

    /// Notes a promise that was broken.
    mutating func fail(_ promise: Promise, _ text: String) {
        if broken[promise] == nil { broken[promise] = text }
    }

    /// Counts something seen.
    mutating func count(_ what: String) { counts[what, default: 0] += 1 }

    /// Looks at the intents of a tick.
    mutating func tick(
        _ intents: [Intent],
        at now: Double,
        policy: PolicySet,
        circumstances: LadderCircumstances,
        frame: Frame
    ) {
        for intent in intents {
            switch intent {
            case .release(let key, let reason):
                release(key, reason, at: now, policy: policy, circumstances: circumstances, frame: frame)
            case .hold(let order): hold(order, at: now, policy: policy, circumstances: circumstances, frame: frame)
            }
        }
        for (key, hold) in held where hold.letGoAt == nil {
            if now >= hold.expires + 1 { fail(.outlived, "\(key) at \(now), its lease ended at \(hold.expires)") }
            if circumstances.isDisarmed { fail(.disarmed, "\(key) is held at \(now)") }
            guard let record = frame.slot(of: key.vm).flatMap({ frame[record: $0] }), hold.origin != .person else {
                continue
            }
            if policy.windows.contains(where: { isOpen($0, .release, record, circumstances.wall) }) {
                fail(.window, "\(key) is held at \(now) in a window that lets go")
            }
            if let since = hold.suspendedSince, asked[key] == nil, let plan = plan(hold.rule, key, policy),
                now > since + plan.suspendFor + 35
            {
                fail(.longSuspended, "\(key) since \(since) at \(now)")
            }
        }
    }

    private mutating func release(
        _ key: HoldKey,
        _ reason: ReleaseReason,
        at now: Double,
        policy: PolicySet,
        circumstances: LadderCircumstances,
        frame: Frame
    ) {
        count("release \(reason.rawValue)")
        let hold = held[key]
        held[key]?.letGoAt = now
        held[key]?.letGoFor = reason
        // What failed is asked for again, for the same reason.
        guard let hold, hold.origin == .person, hold.letGoFor != reason else { return }
        let record = frame.slot(of: key.vm).flatMap { frame[record: $0] }
        let isRight =
            switch reason {
            case .expired: now >= hold.expires - 1e-6
            case .disarmed: circumstances.isDisarmed
            case .gone: record == nil
            case .policy: record.map { policy.protects($0) } ?? false
            case .calm, .noEffect, .shutdown, .recovered, .operatorRequest: false
            }
        if !isRight { fail(.person, "\(key) was let go, \(reason), at \(now)") }
    }

    private mutating func hold(
        _ order: HoldOrder,
        at now: Double,
        policy: PolicySet,
        circumstances: LadderCircumstances,
        frame: Frame
    ) {
        let before = held[order.key]
        count(before == nil ? "new" : "step")
        count("\(order.contention) \(order.step.share == nil ? order.step.description : "throttle")")
        guard let record = frame.slot(of: order.vm).flatMap({ frame[record: $0] }) else {
            return fail(.busy, "\(order.key) is not there at \(now)")
        }
        if order.origin == .person || before?.origin == .person { fail(.person, "\(order.key) at \(now)") }
        if circumstances.isDisarmed { fail(.disarmed, "\(order.key) at \(now)") }
        if policy.protects(record) { fail(.protected, "\(order.key) at \(now)") }
        if let share = order.step.share {
            if !(share >= 0.1 && share <= 1) { fail(.floor, "\(share)") }
            let isUsed =
                switch order.contention {
                case .disk: (order.use.diskBytes ?? 0) > 0 || (order.use.diskOps ?? 0) > 0
                case .network: (order.use.receive ?? 0) > 0 || (order.use.transmit ?? 0) > 0
                case .memory: (order.use.usable ?? 0) > 0
                case .cpu, .llc, .memoryBandwidth, .gpu, .power, .busLock: true
                }
            if !isUsed { fail(.use, "\(order.key) at \(now)") }
        }
        let plan = plan(order.rule, order.key, policy)
        if order.origin == .ladder, let ceiling = plan?.ceilings[record.workloadClass], order.step > ceiling {
            fail(.ceiling, "\(order.key) to \(order.step) at \(now)")
        }
        let end = before?.expires ?? now + (plan?.lease ?? 0)
        if now + order.term > end + 1e-6 { fail(.lease, "\(order.key) for \(order.term) at \(now)") }
        if before.map({ order.step.isStricter(than: $0.step) }) ?? true {
            down(order, record, at: now, policy: policy, circumstances: circumstances, frame: frame)
        }
        asked[order.key] = (order.step, record.vcpus, now)
    }

    /// A new hold or a step down.
    private mutating func down(
        _ order: HoldOrder,
        _ record: VMRecord,
        at now: Double,
        policy: PolicySet,
        circumstances: LadderCircumstances,
        frame: Frame
    ) {
        if !record.running || !record.activity.isDisjoint(with: [.migration, .backup, .save]) {
            fail(.busy, "\(order.key) to \(order.step) at \(now)")
        }
        for effect in MaintenanceWindow.Effect.allCases
        where policy.windows.contains(where: { isOpen($0, effect, record, circumstances.wall) }) {
            fail(.window, "\(order.key) to \(order.step) at \(now)")
        }
        actions.removeAll { now - $0 >= 60 }
        actions.append(now)
        if actions.count > policy.limits.actionsPerMinute { fail(.actions, "\(actions.count) at \(now)") }

        let others = self.others(than: order.vm, at: now)
        let isHeld = held.keys.contains { $0.vm == order.vm } || isAsked(order.vm, at: now)
        if !isHeld {
            if others.count + 1 > policy.limits.heldVMs { fail(.heldVMs, "\(others.count + 1) at \(now)") }
            let vcpus = others.values.reduce(record.vcpus) { $0 + $1.vcpus }
            let all = frame.records.reduce(0) { $0 + ($1?.running == true ? $1?.vcpus ?? 0 : 0) }
            if !others.isEmpty, Double(vcpus) > policy.limits.heldVCPUShare * Double(all) {
                fail(.vcpuShare, "\(vcpus) of \(all) at \(now)")
            }
        }
        for (step, promise, most) in [
            (HoldStep.quarantine, Promise.quarantined, policy.limits.quarantinedVMs),
            (.suspend, .suspended, policy.limits.suspendedVMs),
        ] where order.step >= step {
            let there = others.values.count { $0.step >= step }
            if there + 1 > most { fail(promise, "\(there + 1) at \(now)") }
        }
    }

    /// Learns what became of an intent.
    mutating func note(_ event: LeaseEvent, at now: Double) {
        switch event {
        case .granted(let order, _, _), .adjusted(let order, _, _): inForce(order, isVirtual: false, at: now)
        case .wouldHold(let order): inForce(order, isVirtual: true, at: now)
        case .released(let key, _, _, _), .wouldRelease(let key, _, _): held[key] = nil
        case .handedOver(let key, _, _, _):
            count("handed over")
            held[key] = nil
            asked[key] = nil
        case .failed(let key, _, _):
            count("failed")
            asked[key] = nil
        }
    }

    private mutating func inForce(_ order: HoldOrder, isVirtual: Bool, at now: Double) {
        count(order.origin.rawValue)
        let key = order.key
        asked[key] = nil
        var hold =
            held[key]
            ?? Held(
                step: order.step,
                origin: order.origin,
                rule: order.rule,
                vcpus: order.vcpus,
                since: now,
                expires: now + order.term,
                isVirtual: isVirtual
            )
        if order.origin == .person { hold.expires = now + order.term }
        hold.step = order.step
        hold.origin = order.origin
        if order.step != .suspend {
            hold.suspendedSince = nil
        } else if hold.suspendedSince == nil {
            if hold.wasSuspended, order.origin != .person { fail(.twiceSuspended, "\(key) at \(now)") }
            hold.suspendedSince = now
            hold.wasSuspended = true
        }
        held[key] = hold
    }

    /// At the end everybody must be free.
    mutating func end(at now: Double) {
        for (key, hold) in held { fail(.leftOver, "\(key) at \(hold.step) at \(now)") }
    }

    /// Those held or asked for beside a VM, with the strictest step and their vCPUs.
    private func others(than vm: VMIdentity, at now: Double) -> [VMIdentity: (step: HoldStep, vcpus: Int)] {
        var others: [VMIdentity: (step: HoldStep, vcpus: Int)] = [:]
        func add(_ key: HoldKey, _ step: HoldStep, _ vcpus: Int) {
            guard key.vm != vm else { return }
            let before = others[key.vm]
            others[key.vm] = (max(step, before?.step ?? step), max(vcpus, before?.vcpus ?? vcpus))
        }
        for (key, hold) in held { add(key, hold.step, hold.vcpus) }
        // Whoever has not answered for half a minute is given up, and counts again once it does.
        for (key, order) in asked where now - order.at < 30 { add(key, order.step, order.vcpus) }
        return others
    }

    private func isAsked(_ vm: VMIdentity, at now: Double) -> Bool {
        asked.contains { $0.key.vm == vm && now - $0.value.at < 30 }
    }

    private func plan(_ rule: String, _ key: HoldKey, _ policy: PolicySet) -> LadderPlan? {
        policy.rules.first { $0.name == rule }?.ladder.flatMap { policy.ladders[$0] }
    }

    /// Whether a window is open for a VM, worked out minute by minute and not as the ladder does.
    private func isOpen(
        _ window: MaintenanceWindow,
        _ effect: MaintenanceWindow.Effect,
        _ record: VMRecord,
        _ wall: Int64?
    ) -> Bool {
        guard window.effect == effect else { return false }
        let isForAll = window.vms.isEmpty && window.tenants.isEmpty && window.classes.isEmpty
        guard
            isForAll || window.vms.contains(record.name) || window.tenants.contains(record.tenant.text)
                || window.classes.contains(record.workloadClass)
        else { return false }
        guard let wall else { return effect == .observe }
        let minutes = Int((Double(wall) / 60e9).rounded(.down))
        let length = window.to > window.from ? window.to - window.from : window.to - window.from + 1_440
        // It is open where it began on one of its days, at most a day ago.
        for back in 0...1 {
            let day = Int((Double(minutes) / 1_440).rounded(.down)) - back
            let begin = day * 1_440 + window.from
            let name = MaintenanceWindow.Day.allCases[((day + 3) % 7 + 7) % 7]
            if window.days.contains(name), minutes >= begin, minutes < begin + length { return true }
        }
        return false
    }
}
