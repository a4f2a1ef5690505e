import Policy
import Signals
import Testing

@testable import Enforcement

/// A life of holds in phases, told again and again with something going wrong at another step.
struct Story: Sendable {
    /// One thing that happens.
    struct Phase: Sendable {
        var name: String
        var work: @Sendable (Enforcer, Bench) async -> Void
    }

    var name: String
    /// What was there before the daemon started.
    var prepare: @Sendable (Bench) async throws -> Void = { _ in }
    var phases: [Phase]

    /// A ledger that is written anew often.
    static let compactFrom = 6_000

    /// What all the tellings came to.
    struct Report: Sendable {
        var runs = 0
        /// The runs in which something went wrong in a phase, by its name.
        var byPhase: [String: Int] = [:]
        var failures: [String] = []

        static func + (left: Report, right: Report) -> Report {
            Report(
                runs: left.runs + right.runs,
                byPhase: left.byPhase.merging(right.byPhase, uniquingKeysWith: +),
                failures: left.failures + right.failures
            )
        }
    }

    /// Tells the story once for each step that a disturbance is made for.
    ///
    /// - Parameter disturbance: What goes wrong at a step; `nil` to leave the step out.
    /// - Returns: What the tellings came to.
    /// - Throws: What opening a ledger throws that nothing disturbs.
    func everywhere(_ disturbance: (_ step: Int, _ isDisk: Bool) -> Disturbance?) async throws -> Report {
        let alive = try await tellAlive()
        var report = Report(failures: alive.wrongs.map { "\(name), undisturbed: \($0)" })
        for step in alive.steps {
            guard let disturbance = disturbance(step, alive.disk.contains(step)) else { continue }
            let phase = alive.ends.first { step <= $0.step }?.name ?? "?"
            let wrongs = try await tell(disturbance)
            report.failures += wrongs.map { "\(name), \(phase), \(disturbance): \($0)" }
            report.runs += 1
            report.byPhase[phase, default: 0] += 1
        }
        return report
    }

    /// The story without a disturbance.
    private struct Alive {
        var steps: ClosedRange<Int>
        var disk: Set<Int>
        var ends: [(name: String, step: Int)]
        var wrongs: [String]
    }

    private func tellAlive() async throws -> Alive {
        let bench = try await prepared()
        let first = bench.world.edit { state in
            state.diskSteps = []
            return state.step
        }
        var ends: [(String, Int)] = []
        let wrongs: [String]
        do {
            let enforcer = try bench.enforcer(compactFrom: Self.compactFrom)
            for phase in phases {
                await phase.work(enforcer, bench)
                ends.append((phase.name, bench.world.edit { $0.step }))
            }
            wrongs = await Self.settle(enforcer, bench)
        }
        let last = try #require(ends.last).1
        return Alive(
            steps: first + 1...last,
            disk: bench.world.edit { $0.diskSteps },
            ends: ends,
            wrongs: try wrongs + Self.left(on: bench)
        )
    }

    /// Tells the story with a disturbance: what is wrong in the end.
    func tell(_ disturbance: Disturbance) async throws -> [String] {
        let bench = try await prepared()
        bench.world.edit { disturbance.schedule(in: &$0) }
        switch disturbance {
        case .death(_, _, let loss):
            await live(bench)
            guard bench.world.edit({ $0.isDead }) else { return ["it did not die"] }
            bench.world.revive(keeping: loss.keep)
            return try await Self.restart(bench)
        case .fault, .outage, .disk:
            // A daemon that cannot open its ledger is started again.
            guard let enforcer = try? bench.enforcer(compactFrom: Self.compactFrom) else {
                bench.world.mend()
                return try await Self.restart(bench)
            }
            let wrongs = await tellOrHang(enforcer, bench)
            bench.world.mend()
            return await wrongs + Self.settle(enforcer, bench)
        }
    }

    /// Tells the story; a call that hangs is answered after another VM was held and let go.
    private func tellOrHang(_ enforcer: Enforcer, _ bench: Bench) async -> [String] {
        let telling = Task {
            for phase in phases { await phase.work(enforcer, bench) }
            bench.world.edit { $0.isTold = true }
        }
        while bench.world.edit({ !$0.isTold && $0.hanging.isEmpty }) { await Task.yield() }
        guard bench.world.edit({ !$0.hanging.isEmpty }) else { return [] }
        let now = bench.world.edit { $0.now }
        var events = await enforcer.carryOut([.hold(Bench.order(Bench.b))], now: now)
        events += await enforcer.tick(now: now)
        events += await enforcer.carryOut([.release(HoldKey(Bench.b, .cpu), .calm)], now: now)
        bench.world.unhang()
        await telling.value
        let words = events.filter { $0.key.vm == Bench.b }.map(\.word)
        return words == ["granted", "released(calm)"] ? [] : ["another VM was held up: \(words)"]
    }

    private func prepared() async throws -> Bench {
        let bench = Bench()
        try await prepare(bench)
        return bench
    }

    private func live(_ bench: Bench) async {
        guard let enforcer = try? bench.enforcer(compactFrom: Self.compactFrom) else { return }
        for phase in phases where !bench.world.edit({ $0.isDead }) { await phase.work(enforcer, bench) }
    }

    /// Another daemon starts and gives back what the one before left: what is wrong after that.
    static func restart(_ bench: Bench) async throws -> [String] {
        var wrongs: [String] = []
        do {
            // What is left is given back in dry run too.
            let mode: PolicySet.Mode = bench.world.edit { $0.step } % 2 == 0 ? .enforce : .dryRun
            let enforcer = try bench.enforcer(mode: mode, compactFrom: compactFrom)
            if await enforcer.damage.contains(where: { $0.kind != .tail }) { wrongs.append("damage within the ledger") }
            let now = bench.world.edit { $0.now }
            _ = await enforcer.recover(now: now)
            _ = await bench.takeUp(enforcer, now: now)
            wrongs += await wait(enforcer, bench)
        }
        return try wrongs + left(on: bench)
    }

    /// A daemon that lives on lets everything go: what is wrong after that.
    static func settle(_ enforcer: Enforcer, _ bench: Bench) async -> [String] {
        _ = await enforcer.releaseAll(.shutdown, now: bench.world.edit { $0.now })
        return await wait(enforcer, bench)
    }

    /// A daemon works for 200 s and has nothing left to do: what is wrong after that.
    private static func wait(_ enforcer: Enforcer, _ bench: Bench) async -> [String] {
        let begin = bench.world.edit { $0.now }
        for second in [1, 2, 4, 8, 16, 26, 32, 62, 64, 70, 130, 200] as [Double] {
            let now = begin.advanced(bySeconds: second)
            bench.world.move(to: now)
            _ = await enforcer.tick(now: now)
            // What came here held is let go as well.
            if second == 62 { _ = await enforcer.releaseAll(.shutdown, now: now) }
        }
        return await enforcer.leases.map { "lease \($0.id) of \($0.knob) is left" } + bench.world.wrongs()
    }

    /// The leases that a daemon which starts now would find.
    private static func left(on bench: Bench) throws -> [String] {
        try bench.leasesOnDisk().map { "lease \($0.id) of \($0.knob) is left on disk" }
    }
}
