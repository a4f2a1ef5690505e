import Signals

@testable import Policy

/// A ladder through a generated day, event by event.
///
/// The ladder is stepped in each second in which something can change: what the script says, what the enforcer has done,
/// the second after the ladder asked for anything, and each moment at which one of the ladder's own clocks comes to its
/// end; and in the second before any of these, since clocks that stand still begin anew in every tick. In all others it
/// would decide nothing, which ``LadderDayTests`` shows by stepping it in all.
struct LadderDayRun {
    /// A ladder that is broken in one way, to see that it is noticed.
    enum Fault: CaseIterable {
        case protection, heldVMs, vcpuShare, actions, quarantined, suspended, longLease, longTerm, windows, disarmed
        case jobs, ceilings, floor, suspendFor, calm, verify, deaf, persons, use
    }

    /// Everything that was asked for and that became of it, in words, where that is wanted.
    private(set) var log: [String] = []
    /// What was seen.
    private(set) var checker = LadderChecker()
    /// Seconds in which the ladder was stepped.
    private(set) var steps = 0

    private let fault: Fault?
    private let keepsLog: Bool
    private var world: DayWorld
    private var ladder: Ladder
    /// Since when each hold has helped nobody.
    private var vain: [HoldKey: Double] = [:]

    /// A day that has not begun.
    ///
    /// - Parameters:
    ///   - script: The day.
    ///   - seed: What the enforcer's luck is drawn from.
    ///   - fault: How the ladder is broken; `nil` for not at all.
    ///   - keepsLog: Whether everything is kept in words.
    init(_ script: DayScript, seed: UInt64, fault: Fault? = nil, keepsLog: Bool = false) {
        self.fault = fault
        self.keepsLog = keepsLog
        world = DayWorld(script, seed: seed)
        ladder = Ladder(policy: Self.seen(script.policy, through: fault))
    }

    /// Runs it to its end, and on until everybody is free.
    ///
    /// - Parameter skips: Whether seconds in which nothing can change are left out.
    mutating func run(skips: Bool = true) {
        var next = 0
        var second = 0
        let items = world.script.items
        let last = (items.last?.second ?? 0) + 1_500
        while second <= last {
            var isCalm = true
            let before = world.time(second)
            while next < items.count, items[next].second <= second {
                let events = world.apply(items[next].item, second: second)
                if case .policy(let policy) = items[next].item {
                    ladder.adopt(policy: Self.seen(policy, through: fault))
                }
                for event in events { note(event, at: before) }
                next += 1
                isCalm = false
            }
            let now = world.time(second)
            while let (event, at) = world.nextEvent(upTo: now) {
                note(event, at: at)
                isCalm = false
            }
            if !isCalm { world.refresh() }
            if !step(at: now, second: second) { isCalm = false }
            let scripted = next < items.count ? items[next].second : last + 1
            second = isCalm && skips ? nextSecond(after: second, scripted: scripted) : second + 1
        }
        checker.end(at: world.time(last))
        if !ladder.holds.isEmpty { checker.fail(.leftOver, "the ladder follows \(ladder.holds)") }
    }

    /// One tick; whether nothing was asked for.
    private mutating func step(at now: Double, second: Int) -> Bool {
        steps += 1
        world.frame.restore(
            tick: UInt64(second + 1),
            time: MonotonicTime(seconds: now),
            interval: 1,
            capacity: world.frame.capacity
        )
        world.circumstances.wall = world.wall.map { $0 + Int64(now * 1e9) }
        var frame = world.frame
        if fault == .jobs { Self.hideJobs(in: &frame) }
        var intents = ladder.decide(
            world.findings,
            frame: frame,
            circumstances: Self.seen(world.circumstances, through: fault)
        )
        Self.damage(&intents, through: fault)
        if intents.isEmpty, checker.held.isEmpty { return true }
        checker.tick(
            intents,
            at: now,
            policy: world.policy,
            circumstances: world.circumstances,
            frame: world.frame
        )
        if keepsLog { log += intents.map { "\(now) \($0)" } }
        judgeVain(at: now)
        world.take(intents, at: now)
        return intents.isEmpty
    }

    private mutating func note(_ event: LeaseEvent, at now: Double) {
        checker.note(event, at: now)
        if keepsLog { log.append("\(now) \(event)") }
        var event = event
        if fault == .persons, case .granted(var order, let lease, _) = event {
            order.origin = .ladder
            order.rule = Contention.cpu.rawValue
            event = .granted(order, lease: lease)
        }
        ladder.note(event, at: MonotonicTime(seconds: now))
    }

    /// Notes who is held though nobody is hurt by it and it wants no more than it may have, or though holding it does not
    /// help: for longer than the plan's calm and steps up take, or its steps down and the verdict, it must not be.
    private mutating func judgeVain(at now: Double) {
        for (key, hold) in checker.held {
            guard let plan = world.policy.ladders[key.contention.rawValue] else { continue }
            let bound: Double
            switch vanity(of: key, hold, at: now) {
            case nil:
                vain[key] = nil
                continue
            case .calm?: bound = 2 * plan.calm + (1 / plan.raise + 4) * (plan.raiseEvery + 2) + 5
            case .innocent?: bound = Double(plan.steps.count + 1) * (plan.stepAfter + 2) + plan.verify + 10
            }
            // Of another hold than the one in force, or before something went wrong, nothing counts.
            let since = max(vain[key] ?? now, world.disturbed, hold.since)
            vain[key] = since
            if now - since > bound {
                checker.fail(.inVain, "\(key) since \(since) at \(now), \(bound) s are enough")
            }
        }
    }

    private enum Vanity { case calm, innocent }

    /// Why it does no good to hold a VM; `nil` where it does, or where it cannot be known.
    private func vanity(of key: HoldKey, _ hold: LadderChecker.Held, at now: Double) -> Vanity? {
        let script = world.script
        guard
            hold.origin == .ladder, !hold.isVirtual,
            let vm = script.vms.indices.first(where: { world.identity($0) == key.vm }), world.isPlain(vm)
        else { return nil }
        let near = world.active.filter { script.noises[$0].contention == key.contention }
        if near.isEmpty {
            let isNoisy = world.active.contains { script.noises[$0].culprit == vm }
            let all = script.vms.indices.allSatisfy { world.identity($0) == nil || world.isPlain($0) }
            return all && !isNoisy ? .calm : nil
        }
        guard near.count == 1, let index = near.first, world.active.count == 1 else { return nil }
        let noise = script.noises[index]
        guard
            noise.culprit == vm, noise.cure == nil, noise.isBlamed, noise.confidence >= 0.5,
            world.isPlain(noise.victim),
            !ladder.refusals.contains(where: { $0.culprit == key.vm && !$0.reason.contains("at once") }),
            // A quarantine or suspension that may hang on others' room is judged wherever it stays.
            checker.held.keys.filter({ $0.vm == key.vm }).count == 1
        else { return nil }
        return .innocent
    }

    /// The next second in which anything can change, or the one before it.
    private func nextSecond(after second: Int, scripted: Int) -> Int {
        var best = scripted - 1
        let now = world.time(second)
        func consider(_ time: Double) {
            // What has just come to its end is looked at once more, whatever rounding made of it.
            guard time > now - 1 else { return }
            best = min(best, Int((time - 1_000 - world.asleep - 1e-6).rounded(.up)) - 1)
        }
        if let due = world.nextDue { consider(due) }
        for end in ladder.ends { consider(end.seconds) }
        if !world.policy.windows.isEmpty, let wall = world.circumstances.wall,
            !(ladder.entries.isEmpty && world.findings.isEmpty)
        {
            let minute = WeekMinute.minuteLength
            consider(now + Double(minute - (wall % minute + minute) % minute) / 1e9)
        }
        return max(second + 1, best)
    }
}

extension LadderDayRun {
    /// The policy as a broken ladder has it.
    private static func seen(_ policy: PolicySet, through fault: Fault?) -> PolicySet {
        var policy = policy
        func change(_ body: (inout LadderPlan) -> Void) {
            for name in policy.ladders.keys {
                if var plan = policy.ladders[name] { body(&plan); policy.ladders[name] = plan }
            }
        }
        switch fault {
        case .protection: (policy.protectedVMs, policy.protectedTenants) = ([], [])
        case .heldVMs: policy.limits.heldVMs = 99
        case .vcpuShare: policy.limits.heldVCPUShare = 1
        case .actions: policy.limits.actionsPerMinute = 999
        case .quarantined: policy.limits.quarantinedVMs = 99
        case .suspended: policy.limits.suspendedVMs = 99
        case .longLease: change { $0.lease *= 2 }
        case .windows: policy.windows = []
        case .ceilings: change { $0.ceilings = [:] }
        case .suspendFor: change { ($0.suspendFor, $0.calm, $0.verify) = (1e6, 1e6, 1e6) }
        case .calm: change { $0.calm *= 100 }
        case .verify: change { $0.verify *= 100 }
        case .longTerm, .disarmed, .jobs, .floor, .deaf, .persons, .use, nil: break
        }
        return policy
    }

    /// The circumstances as a broken ladder has them.
    private static func seen(_ circumstances: LadderCircumstances, through fault: Fault?) -> LadderCircumstances {
        var circumstances = circumstances
        if fault == .disarmed { circumstances.isDisarmed = false }
        return circumstances
    }

    private static func hideJobs(in frame: inout Frame) {
        for row in 0..<frame.capacity {
            frame[record: VMSlot(row)]?.activity = []
            frame[record: VMSlot(row)]?.running = true
        }
    }

    /// The intents as a broken ladder gives them.
    private static func damage(_ intents: inout [Intent], through fault: Fault?) {
        switch fault {
        case .deaf: intents.removeAll { if case .release = $0 { true } else { false } }
        case .longTerm: change(&intents) { $0.term += 60 }
        case .floor: change(&intents) { if let share = $0.step.share { $0.step = .throttle(share / 10) } }
        case .use: change(&intents) { $0.use = HoldUse() }
        default: break
        }
    }

    private static func change(_ intents: inout [Intent], _ body: (inout HoldOrder) -> Void) {
        for index in intents.indices {
            guard case .hold(var order) = intents[index] else { continue }
            body(&order)
            intents[index] = .hold(order)
        }
    }
}

extension Ladder {
    /// Every moment at which one of its clocks comes to its end.
    var ends: [MonotonicTime] {
        var ends: [MonotonicTime] = []
        for entry in entries {
            let plan = entry.plan
            ends += [entry.expires, entry.againAt, entry.askedAt.later(bySeconds: Self.answerWithin)]
            ends += [plan.stepAfter, plan.raiseEvery].map { entry.stepSince.later(bySeconds: $0) }
            if let calm = entry.calmSince { ends += [plan.calm, 2 * plan.calm].map { calm.later(bySeconds: $0) } }
            if let since = entry.suspendedSince { ends.append(since.later(bySeconds: plan.suspendFor)) }
            if let since = entry.absentSince { ends.append(since.later(bySeconds: Self.goneAfter)) }
            for victim in entry.victims {
                if let since = victim.unmovedSince { ends.append(since.later(bySeconds: plan.verify)) }
                if let read = victim.readAt { ends.append(read.later(bySeconds: HeldFor.toldFor)) }
            }
        }
        ends += standOff.failures.values.map(\.until) + standOff.left.values + acquittals.values
        return ends + actions.times.map { $0.later(bySeconds: ActionWindow.seconds) }
    }
}
