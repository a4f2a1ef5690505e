import Signals

@testable import Enforcement

extension Story {
    /// The VM that has everything.
    static let vm = Bench.d

    /// Held, held otherwise, reset, let go.
    static func steps(of kind: OrderKind) -> Story {
        Story(
            name: "\(kind.testDescription), steps",
            phases: [
                Phase(name: "recover") { enforcer, _ in _ = await enforcer.recover(now: Bench.at(0)) },
                order("grant", kind.order(vm), at: 1),
                order("adjust", kind.nextOrder(vm), at: 4),
                Phase(name: "reapply") { enforcer, bench in
                    bench.resetAll(vm, but: { !$0.isOftenReset })
                    _ = await enforcer.tick(now: Bench.at(6))
                },
                Phase(name: "release") { enforcer, _ in
                    _ = await enforcer.carryOut([.release(kind.order(vm).key, .calm)], now: Bench.at(12))
                },
            ]
        )
    }

    /// Held for a term that ends.
    static func term(of kind: OrderKind) -> Story {
        Story(
            name: "\(kind.testDescription), term",
            phases: [
                order("grant", kind.nextOrder(vm, term: 5), at: 1),
                order("adjust", kind.order(vm, term: 5), at: 2),
                Phase(name: "expiry") { enforcer, _ in _ = await enforcer.tick(now: Bench.at(7)) },
            ]
        )
    }

    /// Held, then all of it is taken back by a person, then the kill switch is thrown over another hold.
    static func ends(of kind: OrderKind) -> Story {
        Story(
            name: "\(kind.testDescription), ends",
            phases: [
                order("grant", kind.order(vm), at: 1),
                Phase(name: "hand over") { enforcer, bench in
                    bench.resetAll(vm)
                    _ = await enforcer.tick(now: Bench.at(2))
                },
                order("grant again", kind.order(vm), at: 20),
                Phase(name: "disarm") { enforcer, _ in _ = await enforcer.setArmed(false, now: Bench.at(21)) },
            ]
        )
    }

    /// Held over two things that want some of the same knobs; the first is let go first.
    static func overlap(of kind: OrderKind) -> Story {
        let other = Bench.order(vm, over: .cpu, .throttle(0.4))
        return Story(
            name: "\(kind.testDescription), overlap",
            phases: [
                order("grant", other, at: 1),
                order("second grant", Bench.order(vm, over: kind.overlap, .quarantine, links: .down), at: 2),
                Phase(name: "first release") { enforcer, _ in
                    _ = await enforcer.carryOut([.release(other.key, .noEffect)], now: Bench.at(3))
                },
                order("adjust", Bench.order(vm, over: kind.overlap, .quarantine, links: .down), at: 4),
                Phase(name: "second release") { enforcer, _ in
                    _ = await enforcer.carryOut([.release(HoldKey(vm, kind.overlap), .calm)], now: Bench.at(5))
                },
            ]
        )
    }

    /// Recovery from what a daemon left that was killed right after it held the VM.
    static func recovery(of kind: OrderKind) -> Story {
        Story(
            name: "\(kind.testDescription), recovery",
            prepare: { bench in
                let enforcer = try bench.enforcer(compactFrom: compactFrom)
                _ = await enforcer.carryOut([.hold(kind.order(vm))], now: Bench.at(1))
                bench.world.revive { _, unsynced in unsynced }
            },
            phases: [
                Phase(name: "recovery") { enforcer, _ in
                    _ = await enforcer.recover(now: Bench.at(2))
                    _ = await enforcer.tick(now: Bench.at(3))
                }
            ]
        )
    }

    /// A VM comes here that is held over two things by another host; it is taken up, and let go.
    static func arrival(of kind: OrderKind) -> Story {
        Story(
            name: "\(kind.testDescription), arrival",
            prepare: { bench in
                // There is a ledger already, so that what is written is added to it, and can be cut short.
                do {
                    let enforcer = try bench.enforcer(compactFrom: compactFrom)
                    _ = await enforcer.carryOut([.hold(Bench.order(Bench.a))], now: Bench.at(0))
                    _ = await enforcer.releaseAll(.shutdown, now: Bench.at(0.5))
                }
                try await bench.arrive(heldBy: [kind.order(vm), Bench.order(vm, over: .busLock, .throttle(0.3))])
            },
            phases: [
                Phase(name: "arrival") { enforcer, bench in _ = await bench.takeUp(enforcer, now: Bench.at(1)) },
                Phase(name: "tick") { enforcer, _ in _ = await enforcer.tick(now: Bench.at(3)) },
                Phase(name: "release of what arrived") { enforcer, _ in
                    _ = await enforcer.releaseAll(.shutdown, now: Bench.at(5))
                },
            ]
        )
    }

    /// A part goes while it is held; what is left is held on.
    static func unplug(_ kind: OrderKind, _ part: String) -> Story {
        Story(
            name: "\(kind.testDescription) without \(part)",
            phases: [
                order("grant", kind.order(vm), at: 1),
                Phase(name: "part gone") { enforcer, bench in
                    bench.world.unplug(vm, part)
                    _ = await enforcer.tick(now: Bench.at(2))
                },
                order("adjust", kind.nextOrder(vm), at: 3),
                Phase(name: "release") { enforcer, _ in
                    _ = await enforcer.carryOut([.release(kind.order(vm).key, .calm)], now: Bench.at(12))
                },
            ]
        )
    }

    private static func order(_ name: String, _ order: HoldOrder, at second: Double) -> Phase {
        Phase(name: name) { enforcer, _ in _ = await enforcer.carryOut([.hold(order)], now: Bench.at(second)) }
    }
}

extension OrderKind {
    /// Something else than the CPU to hold a VM over.
    fileprivate var overlap: Contention { contention == .cpu ? .power : contention }
}

extension Bench {
    /// systemd and libvirt put back all that is rightful of a VM.
    func resetAll(_ vm: VMIdentity, but isLeft: @Sendable (Knob) -> Bool = { _ in false }) {
        world.edit { state in
            let knobs = state.guests[vm]?.settings.keys.sorted() ?? []
            for knob in knobs where !isLeft(knob) { state.reset(vm, knob) }
        }
    }
}

extension Knob {
    /// Whether systemd, libvirt or a driver puts it back by itself.
    var isOftenReset: Bool {
        switch self {
        case .vcpuQuota, .emulatorQuota, .iothreadQuota, .cpuShares, .memorySoftLimit, .cacheGroup, .gpuPower,
            .gpuClocks, .gpuSchedule:
            true
        case .disk, .receive, .transmit, .balloon, .vcpuPins, .emulatorPins, .iothreadPins, .link, .filter, .power:
            false
        }
    }
}
