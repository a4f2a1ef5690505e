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
                Phase(name: "grant") { enforcer, _ in
                    _ = await enforcer.carryOut([.hold(kind.order(vm))], now: Bench.at(1))
                },
                Phase(name: "adjust") { enforcer, _ in
                    _ = await enforcer.carryOut([.hold(kind.nextOrder(vm))], now: Bench.at(4))
                },
                Phase(name: "reapply") { enforcer, bench in
                    bench.resetAll(vm)
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
                Phase(name: "grant") { enforcer, _ in
                    _ = await enforcer.carryOut([.hold(kind.nextOrder(vm, term: 5))], now: Bench.at(1))
                },
                Phase(name: "adjust") { enforcer, _ in
                    _ = await enforcer.carryOut([.hold(kind.order(vm, term: 5))], now: Bench.at(2))
                },
                Phase(name: "expiry") { enforcer, _ in _ = await enforcer.tick(now: Bench.at(7)) },
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
}

extension Bench {
    /// systemd and libvirt put back all that is rightful of a VM.
    func resetAll(_ vm: VMIdentity) {
        world.edit { state in
            for knob in state.guests[vm]?.settings.keys.sorted() ?? [] { state.reset(vm, knob) }
        }
    }
}
