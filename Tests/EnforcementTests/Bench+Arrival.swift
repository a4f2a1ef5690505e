import Signals

@testable import Enforcement

extension Bench {
    /// The VM that has everything, as it is called after it came here from another host.
    static let arrived = VMIdentity(uuid: Bench.d.uuid, generation: 900)

    /// What it is held by on the other host, over two things at once.
    static let orders = [
        Bench.order(d, over: .disk, .throttle(0.5)),
        Bench.order(d, over: .network, .quarantine, links: .isolate),
    ]

    /// The VM that has everything comes here from another host, with what it was set to there and its mark.
    ///
    /// Its interfaces are called otherwise here, and what is not the VM's alone has stayed behind.
    ///
    /// - Parameters:
    ///   - orders: What it is held by.
    ///   - mark: What its mark is changed to; the one that the other host wrote by default.
    /// - Throws: What the other host's ledger throws.
    func arrive(heldBy orders: [HoldOrder] = Self.orders, mark: String? = nil) async throws {
        world.depart(Bench.d)
        let home = Bench()
        let enforcer = try home.enforcer(bootID: "boot-home")
        _ = await enforcer.carryOut(orders.map { .hold($0) }, now: Bench.at(0))
        guard let left = home.world.depart(Bench.d) else { return }
        world.add(Bench.arrived, World.Guest.full.moved)
        world.edit { state in
            var guest = left.moved
            guest.mark = mark ?? guest.mark
            state.guests[Bench.arrived] = guest
        }
    }

    /// Takes up every VM that came here marked, as a daemon does that finds them.
    func takeUp(_ enforcer: Enforcer, now: MonotonicTime) async -> [LeaseEvent] {
        let marked = world.edit { state in
            state.guests.filter { $0.value.mark != nil }.keys.sorted { $0.uuid.low < $1.uuid.low }
        }
        var events: [LeaseEvent] = []
        for vm in marked { events += await enforcer.arrive(vm, name: "vm-\(vm.uuid.low)", vcpus: 4, now: now) }
        return events
    }
}

extension World.Guest {
    /// The same on another host.
    fileprivate var moved: World.Guest {
        var guest = self
        guest.parts.gpus = []
        guest.parts.interfaces = parts.interfaces.map { .init(device: $0.device + "-here") }
        guest.settings = [.cacheGroup: .cacheGroup("")]
        for (knob, setting) in settings where !knob.isOfHost && knob != .cacheGroup {
            guest.settings[knob.moved] = setting
        }
        return guest
    }
}

extension Knob {
    /// The same knob on another host.
    fileprivate var moved: Knob {
        switch self {
        case .receive(let device): .receive(device + "-here")
        case .transmit(let device): .transmit(device + "-here")
        case .link(let device): .link(device + "-here")
        case .filter(let device): .filter(device + "-here")
        default: self
        }
    }
}
