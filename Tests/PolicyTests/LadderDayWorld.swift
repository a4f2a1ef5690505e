import Signals

@testable import Policy

/// The host of a ``DayScript`` as the ladder sees it, and the enforcer's hand on it.
struct DayWorld {
    /// A hold that the enforcer has in force, or told in dry run.
    struct Held {
        var order: HoldOrder
        var expires: Double
        var isVirtual: Bool
    }

    /// Something that the enforcer will have done.
    struct Job {
        var due: Double
        var intent: Intent
        /// Never done, and never answered.
        var isLost: Bool
    }

    let script: DayScript
    var frame = Frame(hostCPUs: 8)
    var policy: PolicySet
    var circumstances = LadderCircumstances()
    /// Nanoseconds since 1970 at second 0; `nil` where not known.
    var wall: Int64?
    var active: Set<Int> = []
    var findings: [Finding] = []
    var held: [HoldKey: Held] = [:]
    var jobs: [Job] = []
    var random: SplitMix64
    /// Seconds that the host was asleep.
    var asleep = 0.0
    /// When something last went wrong that makes it no surprise that a VM is held for longer.
    var disturbed = -Double.infinity

    private var slots: [VMSlot?] = []
    private var records: [VMRecord]
    private var qualities: [Quality]
    private var isPaused: [Bool]

    init(_ script: DayScript, seed: UInt64) {
        self.script = script
        policy = script.policy
        wall = script.wall
        random = SplitMix64(seed: seed ^ 0xdead)
        records = script.vms
        qualities = script.vms.map { _ in .ok }
        isPaused = script.vms.map { _ in false }
        for record in script.vms { slots.append(frame.place(record)) }
    }

    /// The moment of a second, in seconds.
    func time(_ second: Int) -> Double { 1_000 + Double(second) + asleep }

    /// The identity of a VM that is there.
    func identity(_ vm: Int) -> VMIdentity? { slots[vm] == nil ? nil : records[vm].identity }

    /// What happens at a second; the events are those of people, at once.
    mutating func apply(_ item: DayScript.Item, second: Int) -> [LeaseEvent] {
        let now = time(second)
        switch item {
        case .noise(let index, let isOn):
            if isOn { active.insert(index) } else { active.remove(index) }
        case .paused(let vm, let isOn): isPaused[vm] = isOn
        case .job(let vm, let activity): records[vm].activity = activity
        case .quality(let vm, let quality): qualities[vm] = quality
        case .reboot(let vm):
            guard let slot = slots[vm] else { return [] }
            frame.remove(slot)
            let identity = records[vm].identity
            let next = VMIdentity(uuid: identity.uuid, generation: identity.generation + 1)
            records[vm].identity = next
            (isPaused[vm], records[vm].activity, qualities[vm]) = (false, [], .ok)
            slots[vm] = frame.place(records[vm])
        case .gone(let vm):
            if let slot = slots[vm] { frame.remove(slot) }
            slots[vm] = nil
        case .policy(let next):
            let isSwitched = next.mode != policy.mode
            policy = next
            disturbed = now
            return isSwitched ? releaseAll(.policy) { $0.order.origin != .person } : []
        case .disarmed(let isOn): circumstances.isDisarmed = isOn
        case .wall(let seconds): wall = seconds.map { (wall ?? script.wall) + $0 * 1_000_000_000 }
        case .asleep(let seconds):
            asleep += seconds
            disturbed = max(disturbed, time(second))
        case .person(let vm, let contention, let step, let term):
            return hold(vm, contention, step, term, .person, at: now)
        case .arrived(let vm, let contention, let step, let term):
            return hold(vm, contention, step, term, .arrived, at: now)
        case .letGo(let vm):
            guard let identity = identity(vm) else { return [] }
            return releaseAll(.operatorRequest) { $0.order.vm == identity }
        case .end: break
        }
        return []
    }

    private mutating func hold(
        _ vm: Int,
        _ contention: Contention,
        _ step: HoldStep,
        _ term: Double,
        _ origin: HoldOrder.Origin,
        at now: Double
    ) -> [LeaseEvent] {
        guard let identity = identity(vm), !policy.protects(records[vm]), !circumstances.isDisarmed else { return [] }
        var order = HoldOrder(
            vm: identity,
            name: records[vm].name,
            vcpus: records[vm].vcpus,
            contention: contention,
            step: step,
            term: term,
            rule: origin == .person ? "a person's reason" : contention.rawValue,
            victim: nil,
            victimName: ""
        )
        order.origin = origin
        if origin == .arrived, random.chance(0.7) {
            (order.use.diskBytes, order.use.receive, order.use.usable) = (100e6, 5e6, 2e9)
        }
        // A VM does not arrive twice, and another host's hold does not come over one that is here.
        if origin == .arrived, held[order.key] != nil { return [] }
        jobs.removeAll { $0.intent.key == order.key }
        let isNew = held[order.key] == nil
        held[order.key] = Held(order: order, expires: now + term, isVirtual: false)
        return [isNew ? .granted(order, lease: 1) : .adjusted(order, lease: 1)]
    }

    private mutating func releaseAll(_ reason: ReleaseReason, where isMeant: (Held) -> Bool) -> [LeaseEvent] {
        var events: [LeaseEvent] = []
        for (key, hold) in held.sorted(by: { "\($0.key)" < "\($1.key)" }) where isMeant(hold) {
            held[key] = nil
            events.append(
                hold.isVirtual
                    ? .wouldRelease(key, name: "", reason) : .released(key, name: "", lease: 1, reason)
            )
        }
        return events
    }

    /// Takes what the ladder wants done.
    mutating func take(_ intents: [Intent], at now: Double) {
        for intent in intents {
            var delay = 0.1 + 0.2 * random.uniform()
            if random.chance(script.delays) { delay = .random(in: 0.3...28, using: &random) }
            let isLost = random.chance(script.failures * 0.05)
            if !isLost, random.chance(script.delays * 0.03) { delay = .random(in: 31...45, using: &random) }
            // In order for each VM.
            let last = jobs.filter { $0.intent.key.vm == intent.key.vm && !$0.isLost }.map(\.due).max() ?? 0
            if delay > 1 || isLost { disturbed = max(disturbed, now + delay) }
            jobs.append(Job(due: max(now + delay, last + 0.01), intent: intent, isLost: isLost))
        }
    }

    /// When the enforcer will next have done something, or ends a lease.
    var nextDue: Double? {
        let job = jobs.map(\.due).min()
        let end = script.expires ? held.values.map { $0.expires + 0.05 }.min() : nil
        return [job, end].compactMap(\.self).min()
    }

    /// The next thing that is done up to a moment.
    mutating func nextEvent(upTo now: Double) -> (event: LeaseEvent, at: Double)? {
        while let due = nextDue, due < now {
            if let index = jobs.indices.first(where: { jobs[$0].due == due }) {
                let job = jobs.remove(at: index)
                if !job.isLost, let event = carryOut(job.intent, at: due) { return (event, due) }
                continue
            }
            guard let key = held.filter({ $0.value.expires + 0.05 <= due }).map(\.key).min(by: { "\($0)" < "\($1)" })
            else { return nil }
            let isVirtual = held.removeValue(forKey: key)?.isVirtual == true
            let event =
                isVirtual
                ? LeaseEvent.wouldRelease(key, name: "", .expired)
                : .released(key, name: "", lease: 1, .expired)
            return (event, due)
        }
        return nil
    }

    private mutating func carryOut(_ intent: Intent, at now: Double) -> LeaseEvent? {
        let isFailure = random.chance(script.failures)
        let isForeign = random.chance(script.failures * 0.1)
        if isFailure || isForeign { disturbed = max(disturbed, now + 400) }
        switch intent {
        case .hold(let order):
            let before = held[order.key]
            guard frame.slot(of: order.vm) != nil else {
                held[order.key] = nil
                return .failed(order.key, name: "", "it is gone")
            }
            if policy.mode == .dryRun, before == nil || before?.isVirtual == true {
                held[order.key] = Held(order: order, expires: now + order.term, isVirtual: true)
                return .wouldHold(order)
            }
            if isFailure || before?.order.origin == .person { return .failed(order.key, name: "", "bad luck") }
            if isForeign, before != nil {
                held[order.key] = nil
                return .handedOver(order.key, name: "", lease: 1, found: "a person's")
            }
            held[order.key] = Held(order: order, expires: now + order.term, isVirtual: false)
            return before == nil ? .granted(order, lease: 1) : .adjusted(order, lease: 1)
        case .release(let key, let reason):
            guard let hold = held[key] else { return .released(key, name: "", lease: 1, reason) }
            let isGone = frame.slot(of: key.vm) == nil
            if isFailure, !isGone, !hold.isVirtual { return .failed(key, name: "", "bad luck") }
            held[key] = nil
            if hold.isVirtual { return .wouldRelease(key, name: "", reason) }
            if isForeign { return .handedOver(key, name: "", lease: 1, found: "a person's") }
            return .released(key, name: "", lease: 1, isGone ? .gone : reason)
        }
    }

    /// The strictest step that a VM is really held at over a contention, by this hold or by being suspended for any.
    func step(of vm: Int, over contention: Contention) -> HoldStep? {
        guard let identity = identity(vm) else { return nil }
        var strictest: HoldStep?
        for (key, hold) in held where key.vm == identity && !hold.isVirtual {
            guard key.contention == contention || hold.order.step >= .quarantine else { continue }
            strictest = max(strictest ?? hold.order.step, hold.order.step)
        }
        return strictest
    }

    /// Whether a VM's vCPUs run: nobody paused it, and no hold suspends it.
    func isRunning(_ vm: Int) -> Bool {
        guard let identity = identity(vm), !isPaused[vm] else { return false }
        return !held.contains { $0.key.vm == identity && !$0.value.isVirtual && $0.value.order.step == .suspend }
    }

    /// Whether all that is read of a VM can be trusted and nothing but Quell's own hand keeps it.
    func isPlain(_ vm: Int) -> Bool {
        identity(vm) != nil && qualities[vm] == .ok && isRunning(vm)
            && records[vm].activity.isDisjoint(with: [.migration, .backup, .save])
    }

    /// Writes the frame and the findings anew, after anything has changed.
    mutating func refresh() {
        findings.removeAll(keepingCapacity: true)
        for (vm, slot) in slots.enumerated() {
            guard let slot else { continue }
            records[vm].running = isRunning(vm)
            frame[record: slot] = records[vm]
            read(vm, slot, isNoisy: active.contains { script.noises[$0].culprit == vm })
        }
        for index in active.sorted() {
            let noise = script.noises[index]
            guard let victim = slots[noise.victim], let culprit = slots[noise.culprit], isRunning(noise.victim) else {
                continue
            }
            var value = noise.value
            if let cure = noise.cure, let step = step(of: noise.culprit, over: noise.contention) {
                if step >= cure { continue }
                value *= 0.7
            }
            let signal = noise.contention.suffering
            frame[victim, signal] = Reading(value, frame[victim, signal].quality)
            findings.append(finding(noise, victim, culprit, signal, value))
        }
    }

    private func finding(
        _ noise: DayScript.Noise,
        _ victim: VMSlot,
        _ culprit: VMSlot,
        _ signal: Signal,
        _ value: Double
    ) -> Finding {
        Finding(
            victim: victim,
            verdict: Verdict(
                slot: victim,
                rule: Contention.allCases.firstIndex(of: noise.contention) ?? 0,
                signal: signal,
                phase: .ongoing,
                value: value,
                threshold: 0.06,
                since: frame.time
            ),
            contention: noise.contention,
            candidates: noise.isBlamed
                ? [Candidate(slot: culprit, share: 0.5, excess: noise.excess, correlation: 0.9, score: 0.9)] : [],
            outcome: noise.isBlamed ? .blamed(culprit) : .nobody,
            confidence: noise.confidence
        )
    }

    private mutating func read(_ vm: Int, _ slot: VMSlot, isNoisy: Bool) {
        let quality = records[vm].running ? qualities[vm] : .reset
        let load = isNoisy ? 1.0 : 0.02
        for contention in Contention.allCases { frame[slot, contention.suffering] = Reading(0.001, quality) }
        let cap = step(of: vm, over: .cpu)?.share ?? 1
        frame[slot, .cpuUsage] = Reading(min(cap, load) * Double(records[vm].vcpus), quality)
        frame[slot, .cpuThrottled] = Reading(isNoisy && cap < 1 ? 0.5 : 0, quality)
        for (signal, contention, most) in [
            (Signal.diskReadBytes, Contention.disk, 70e6), (.diskWriteBytes, .disk, 30e6),
            (.diskReadOps, .disk, 1_000), (.diskWriteOps, .disk, 1_000), (.netRxBytes, .network, 5e6),
            (.netTxBytes, .network, 20e6),
        ] {
            let limit = step(of: vm, over: contention)?.share ?? 1
            frame[slot, signal] = Reading(most * min(limit, load), quality)
        }
        frame[slot, .memBalloonUsable] = Reading(2e9, quality)
    }
}
