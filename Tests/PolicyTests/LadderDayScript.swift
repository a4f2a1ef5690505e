import Signals

@testable import Policy

/// A generated day of a generated host: its VMs, its policy, and what happens to them when.
struct DayScript {
    /// What happens at one second.
    enum Item {
        /// Somebody begins to suffer, or is well again.
        case noise(Int, Bool)
        /// A VM is paused, or goes on.
        case paused(Int, Bool)
        /// A job begins on a VM, or all end.
        case job(Int, VMActivity)
        /// A VM starts anew, with another identity.
        case reboot(Int)
        /// A VM leaves the host.
        case gone(Int)
        /// What is read of a VM has this quality from now on.
        case quality(Int, Quality)
        /// Another policy.
        case policy(PolicySet)
        /// The kill switch is thrown, or armed again.
        case disarmed(Bool)
        /// The wall clock is set ahead, or back, by so many seconds; not known where `nil`.
        case wall(Int64?)
        /// The host was asleep for so many seconds.
        case asleep(Double)
        /// A person holds a VM, for so many seconds.
        case person(Int, Contention, HoldStep, Double)
        /// A person lets all of a VM go.
        case letGo(Int)
        /// A VM arrives held.
        case arrived(Int, Contention, HoldStep, Double)
        /// The last second: nothing happens any more.
        case end
    }

    /// One VM that makes another suffer, or seems to.
    struct Noise {
        var contention: Contention
        var victim: Int
        var culprit: Int
        /// The step from which on the victim is well; `nil` where it is not the culprit and holding it does not help.
        var cure: HoldStep?
        var value: Double
        var confidence: Double
        var excess: Double
        /// Whether anybody is named.
        var isBlamed: Bool
    }

    var vms: [VMRecord] = []
    var policy = PolicySet()
    var noises: [Noise] = []
    var items: [(second: Int, item: Item)] = []
    /// Nanoseconds since 1970 at second 0.
    var wall: Int64 = 0
    /// How often the enforcer fails, 0 to 1.
    var failures = 0.0
    /// How often it answers late, 0 to 1.
    var delays = 0.0
    /// Whether it ends leases by itself.
    var expires = true

    /// A day.
    ///
    /// - Parameters:
    ///   - seed: Whatever follows is the same for the same one.
    ///   - seconds: How long it is.
    ///   - episodes: How often noise begins, about.
    init(seed: UInt64, seconds: Int = 86_400, episodes: Int = 8) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 3...6, using: &random)
        for index in 0..<count {
            let identity = VMIdentity(uuid: VMUUID(high: seed, low: UInt64(index)), generation: 1)
            vms.append(
                VMRecord(
                    identity: identity,
                    name: "vm\(index)",
                    tenant: random.chance(0.1) ? .unknown : .known("t\(Int.random(in: 0...2, using: &random))"),
                    workloadClass: ["standard", "batch", "latency"].randomElement(using: &random) ?? "standard",
                    vcpus: .random(in: 1...4, using: &random)
                )
            )
        }
        policy = Self.policy(&random)
        // Some time in 2026 for most, around 1970 for a few.
        wall =
            random.chance(0.05)
            ? -43_200_000_000_000 : 1_796_083_200_000_000_000 + .random(in: 0..<604_800_000_000_000, using: &random)
        failures = random.chance(0.5) ? 0 : .random(in: 0...0.3, using: &random)
        delays = random.chance(0.5) ? 0 : .random(in: 0...0.3, using: &random)
        expires = random.chance(0.7)
        for _ in 0..<episodes { episode(seconds: seconds, &random) }
        for _ in 0..<episodes / 2 { disturbance(seconds: seconds, &random) }
        items.sort { $0.second < $1.second }
        items.append((seconds, .end))
    }

    /// A policy with a rule and a ladder for every contention.
    static func policy(_ random: inout SplitMix64) -> PolicySet {
        var policy = PolicySet(mode: random.chance(0.9) ? .enforce : .dryRun)
        policy.limits.heldVMs = .random(in: 1...4, using: &random)
        policy.limits.heldVCPUShare = [0.25, 0.5, 1].randomElement(using: &random) ?? 1
        policy.limits.actionsPerMinute = .random(in: 3...30, using: &random)
        policy.limits.quarantinedVMs = .random(in: 0...2, using: &random)
        policy.limits.suspendedVMs = .random(in: 0...1, using: &random)
        if random.chance(0.3) { policy.protectedVMs = ["vm0"] }
        if random.chance(0.3) { policy.protectedTenants = ["t0"] }
        for contention in Contention.allCases {
            var rule = Rule(name: contention.rawValue, signal: contention.suffering, role: .victim)
            rule.above = 0.06
            rule.ladder = random.chance(0.95) ? contention.rawValue : nil
            policy.rules.append(rule)
            policy.ladders[contention.rawValue] = plan(contention, &random)
        }
        for index in 0..<(random.chance(0.5) ? 0 : Int.random(in: 1...2, using: &random)) {
            var window = MaintenanceWindow(
                name: "w\(index)",
                from: .random(in: 0...1_439, using: &random),
                to: .random(in: 0...1_440, using: &random),
                effect: random.chance(0.7) ? .observe : .release
            )
            if random.chance(0.4) { window.days = [.monday, .wednesday, .saturday] }
            if random.chance(0.3) { window.tenants = ["t1"] }
            if random.chance(0.3) { window.classes = ["batch"] }
            policy.windows.append(window)
        }
        return policy
    }

    private static func plan(_ contention: Contention, _ random: inout SplitMix64) -> LadderPlan {
        var plan = LadderPlan(name: contention.rawValue)
        plan.contention = contention
        let all = LadderBed.allSteps
        plan.steps = random.chance(0.6) ? all : Array(all.prefix(.random(in: 1...4, using: &random)))
        if random.chance(0.3) { plan.starts["batch"] = [.throttle(0.35), .quarantine].randomElement(using: &random) }
        if random.chance(0.3) {
            plan.ceilings["latency"] = [.throttle(0.35), .throttle(0.9)].randomElement(using: &random)
        }
        plan.stepAfter = .random(in: 2...6, using: &random)
        plan.lease = .random(in: 30...300, using: &random)
        plan.calm = .random(in: 3...15, using: &random)
        plan.raiseEvery = .random(in: 1...3, using: &random)
        plan.raise = [0.05, 0.1].randomElement(using: &random) ?? 0.1
        plan.verify = .random(in: 5...20, using: &random)
        plan.acquittal = .random(in: 60...900, using: &random)
        plan.suspendFor = .random(in: 5...40, using: &random)
        return plan
    }

    /// Noise that begins and ends, at times two at once or in turns, with something that comes between.
    private mutating func episode(seconds: Int, _ random: inout SplitMix64) {
        let start = Int.random(in: 10..<seconds - 10, using: &random)
        let length =
            random.chance(0.8) ? Int.random(in: 5...120, using: &random) : Int.random(in: 120...900, using: &random)
        for _ in 0..<(random.chance(0.3) ? 2 : 1) {
            let victim = Int.random(in: 0..<vms.count, using: &random)
            let culprit = (victim + .random(in: 1..<vms.count, using: &random)) % vms.count
            let cure: HoldStep? = random.chance(0.6) ? LadderBed.allSteps.randomElement(using: &random) : nil
            noises.append(
                Noise(
                    contention: Contention.allCases.randomElement(using: &random) ?? .cpu,
                    victim: victim,
                    culprit: culprit,
                    cure: cure,
                    value: .random(in: 0.1...0.5, using: &random),
                    confidence: random.chance(0.9) ? 0.9 : 0.3,
                    excess: .random(in: -0.5...2, using: &random),
                    isBlamed: random.chance(0.95)
                )
            )
            let begin = start + .random(in: 0...10, using: &random)
            let end = min(seconds - 1, begin + length)
            items.append((begin, .noise(noises.count - 1, true)))
            items.append((end, .noise(noises.count - 1, false)))
            if random.chance(0.2), end < seconds - 30 {
                items.append((end + 8, .noise(noises.count - 1, true)))
                items.append((end + 20, .noise(noises.count - 1, false)))
            }
            if random.chance(0.5) { between(begin, end + 60, of: [victim, culprit], seconds: seconds, &random) }
        }
    }

    /// Something that happens to one of the VMs in the middle of it.
    private mutating func between(_ start: Int, _ end: Int, of vms: [Int], seconds: Int, _ random: inout SplitMix64) {
        let second = min(seconds - 2, Int.random(in: start...end, using: &random))
        let later = min(seconds - 1, second + .random(in: 1...60, using: &random))
        let vm = vms.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<9, using: &random) {
        case 0: items += [(second, .paused(vm, true)), (later, .paused(vm, false))]
        case 1:
            let job = [VMActivity.migration, .backup, .save, .balloon].randomElement(using: &random) ?? .backup
            items += [(second, .job(vm, job)), (later, .job(vm, []))]
        case 2: items.append((second, .reboot(vm)))
        case 3:
            let quality = [Quality.stale, .missing, .reset, .notObservable].randomElement(using: &random) ?? .missing
            items += [(second, .quality(vm, quality)), (later, .quality(vm, .ok))]
        case 4: items.append((second, .policy(Self.policy(&random))))
        case 5: items += [(second, .disarmed(true)), (later, .disarmed(false))]
        case 6:
            let step = LadderBed.allSteps.randomElement(using: &random) ?? .quarantine
            items.append((second, .person(vm, .cpu, step, .random(in: 5...200, using: &random))))
            if random.chance(0.5) { items.append((later, .letGo(vm))) }
        case 7: items.append((second, .letGo(vm)))
        default: items.append((second, .asleep(.random(in: 1...400, using: &random))))
        }
    }

    /// Something that happens whenever it likes.
    private mutating func disturbance(seconds: Int, _ random: inout SplitMix64) {
        let second = Int.random(in: 1..<seconds - 1, using: &random)
        let vm = Int.random(in: 0..<vms.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: items.append((second, .policy(Self.policy(&random))))
        case 1:
            items.append((second, .wall(random.chance(0.9) ? .random(in: -90_000...90_000, using: &random) : nil)))
        case 2: items.append((second, .asleep(.random(in: 1...4_000, using: &random))))
        case 3:
            let contention = Contention.allCases.randomElement(using: &random) ?? .cpu
            let step = LadderBed.allSteps.randomElement(using: &random) ?? .quarantine
            items.append((second, .arrived(vm, contention, step, .random(in: 5...200, using: &random))))
        case 4:
            items += [(second, .disarmed(true)), (min(seconds - 1, second + 100), .disarmed(false))]
        case 5: if random.chance(0.2) { items.append((second, .gone(vm))) }
        default:
            let step = LadderBed.allSteps.randomElement(using: &random) ?? .quarantine
            items.append((second, .person(vm, .disk, step, .random(in: 5...200, using: &random))))
        }
    }
}
