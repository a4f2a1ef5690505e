import Policy
import Signals

@testable import Enforcement

/// What befalls daemons and VMs by chance: orders of every kind, faults, people, resets, full disks, crashes.
struct RandomLife {
    let bench: Bench
    var random: SplitMix64
    var second = 0.0
    /// How often each kind of thing happened.
    var deeds: [String: Int] = [:]

    init(seed: UInt64) {
        bench = Bench()
        random = SplitMix64(seed: seed)
    }

    private var now: MonotonicTime { Bench.at(second) }

    /// In some lives the VM that has everything comes from another host, held there by one or two orders.
    mutating func begin() async throws {
        guard random.chance(0.3) else { return }
        let kinds = (0..<2).compactMap { _ in OrderKind.all.randomElement(using: &random) }
        try await bench.arrive(
            heldBy: kinds.map { $0.order(Bench.d, term: Double.random(in: 1...300, using: &random)) }
        )
    }

    /// A daemon works until it stops or dies.
    mutating func live() async throws(LedgerError) {
        let fate = random.chance(0.7)
        let step = Int.random(in: 1...400, using: &random)
        let death = World.Death.allCases.randomElement(using: &random) ?? .before
        bench.world.edit { state in
            if fate { state.dieAt = state.step + step }
            state.death = death
        }
        let enforcer = try bench.enforcer(mode: random.chance(0.1) ? .dryRun : .enforce, compactFrom: 6_000)
        _ = await enforcer.recover(now: now)
        _ = await bench.takeUp(enforcer, now: now)
        for _ in 0..<Int.random(in: 1...25, using: &random) where !bench.world.edit({ $0.isDead }) {
            second += Double.random(in: 0.1...20, using: &random)
            bench.world.move(to: now)
            if random.chance(0.3) { bench.world.script(faults()) }
            await act(enforcer)
        }
        if random.chance(0.5) { _ = await enforcer.releaseAll(.shutdown, now: now) }
    }

    /// The daemon ended, by itself, by a kill or with the power.
    mutating func end() {
        let isKill = random.chance(0.5)
        let isNamed = random.chance(0.5)
        let share = Double.random(in: 0...1, using: &random)
        bench.world.revive { isName, unsynced in
            if isKill { return unsynced }
            return isName ? (isNamed ? 1 : 0) : Int(share * Double(unsynced))
        }
    }

    /// A last daemon finds everything and leaves nothing: what is wrong after that.
    mutating func settle() async throws(LedgerError) -> [String] {
        let enforcer = try bench.enforcer(compactFrom: 6_000)
        _ = await enforcer.recover(now: now)
        _ = await bench.takeUp(enforcer, now: now)
        for round in 0..<40 {
            second += 5
            bench.world.move(to: now)
            _ = await enforcer.tick(now: now)
            // What came here held is let go as well.
            if round == 20 { _ = await enforcer.releaseAll(.shutdown, now: now) }
        }
        return await enforcer.leases.map { "lease \($0.id) is left" } + bench.world.wrongs()
    }

    /// One thing happens.
    private mutating func act(_ enforcer: Enforcer) async {
        let running = bench.world.edit { $0.guests.keys.sorted { $0.uuid.low < $1.uuid.low } }
        let vm = running.randomElement(using: &random) ?? Bench.a
        let kind = OrderKind.all.randomElement(using: &random) ?? OrderKind.all[0]
        let draw = Int.random(in: 0..<26, using: &random)
        let deed: String
        switch draw {
        case 0..<8:
            deed = "order"
            var order = kind.order(vm, step: step(kind), term: Double.random(in: 1...120, using: &random))
            if random.chance(0.1) { order.origin = .person }
            _ = await enforcer.carryOut([.hold(order)], now: now)
        case 8..<11:
            deed = "release"
            let held = await enforcer.leases.map { HoldKey($0.vm, kind.contention) }
            let key = held.randomElement(using: &random) ?? HoldKey(vm, kind.contention)
            _ = await enforcer.carryOut([.release(key, .calm)], now: now)
        case 11..<13:
            deed = "person"
            person(vm)
        case 13:
            deed = "person in the middle"
            let place = bench.world.edit { $0.step } + Int.random(in: 1...12, using: &random)
            guard let (knob, setting) = personal(vm) else { break }
            bench.world.edit { $0.acts[place] = { $0.person(vm, knob, setting) } }
            _ = await enforcer.carryOut([.hold(kind.order(vm, step: step(kind), term: 60))], now: now)
        case 14..<16:
            deed = "reset"
            if random.chance(0.5) { bench.resetAll(vm) } else { reset(vm) }
        case 16:
            deed = "full disk"
            bench.world.edit { $0.diskFaults = $0.diskFaults.isEmpty ? [.write: .diskFull(path: "l")] : [:] }
        case 17:
            deed = "restart or unplug"
            if random.chance(0.3) { bench.world.restart(vm) } else { unplug(vm) }
        case 18:
            deed = "mode"
            _ = await enforcer.adopt(random.chance(0.5) ? .dryRun : .enforce, now: now)
        case 19:
            deed = "kill switch"
            _ = await enforcer.setArmed(random.chance(0.7), now: now)
        default:
            deed = "tick"
            _ = await enforcer.tick(now: now)
        }
        deeds[deed, default: 0] += 1
    }

    private mutating func step(_ kind: OrderKind) -> HoldStep {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: kind.step
        case 1: kind.next
        case 2: .quarantine
        default: .throttle(Double.random(in: 0.05...1.1, using: &random))
        }
    }

    private mutating func faults() -> [World.Fault] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            switch Int.random(in: 0..<6, using: &random) {
            case 0: .refuse
            case 1: .unavailable
            case 2: .lateNow
            case 3: .late(seconds: Double.random(in: 0.1...30, using: &random))
            case 4: random.chance(0.1) ? .partGone : .refuse
            default: .lost
            }
        }
    }

    private mutating func person(_ vm: VMIdentity) {
        if let (knob, setting) = personal(vm) { bench.world.person(vm, knob, setting) }
    }

    /// A knob and a setting for it that nobody but a person makes.
    private mutating func personal(_ vm: VMIdentity) -> (Knob, Setting)? {
        let settings = bench.world.edit { $0.guests[vm]?.settings ?? [:] }
        guard let knob = settings.keys.sorted().randomElement(using: &random) else {
            return nil
        }
        return knob.personal(UInt64.random(in: 5_000...99_000, using: &random)).map { (knob, $0) }
    }

    /// libvirt or systemd forgets one limit altogether.
    private mutating func reset(_ vm: VMIdentity) {
        let settings = bench.world.edit { $0.guests[vm]?.settings ?? [:] }
        guard let knob = settings.keys.sorted().randomElement(using: &random), let none = settings[knob]?.none else {
            return
        }
        bench.world.edit { $0.forget(vm, knob, none) }
    }

    private mutating func unplug(_ vm: VMIdentity) {
        let parts = bench.world.edit { $0.guests[vm]?.settings.keys.compactMap(\.part).sorted() ?? [] }
        if let part = parts.randomElement(using: &random) { bench.world.unplug(vm, part) }
    }
}

extension Setting {
    /// The setting of its kind that limits nothing; `nil` where there is none.
    fileprivate var none: Setting? {
        switch self {
        case .quota: .quota(Bench.free)
        case .disk: .disk(DiskLimit())
        case .bandwidth: .bandwidth(Bandwidth())
        case .memory: .memory(nil)
        case .filter: .filter(nil)
        case .cacheGroup: .cacheGroup("")
        case .shares, .balloon, .pins, .link, .power, .milliwatts, .clocks, .schedule: nil
        }
    }
}
