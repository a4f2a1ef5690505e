import Demo
import Enforcement
import Foundation
import Policy
import Reporting
import Signals
import Synchronization
import Testing

@testable import QuellRuntime

/// Keeps the alerts that it is given.
private final class Alerts: AlertReceiver, Sendable {
    private let state = Mutex<[Alert]>([])
    func send(_ alert: Alert) { state.withLock { $0.append(alert) } }
    var ids: [MessageID] { state.withLock { $0.map(\.id) } }
}

@Suite("Monitor")
struct MonitorTests {
    private func policy(_ mode: PolicySet.Mode) throws -> PolicySet {
        var policy = try PolicySource(named: [], directory: "").load()
        policy.mode = mode
        return policy
    }

    /// Plays a number of seconds of the scripted host and gives the intents of each.
    private func play(
        _ seconds: Int,
        on monitor: Monitor<ScriptedHypervisor>,
        from start: Int = 0
    ) async -> [[Intent]] {
        var intents: [[Intent]] = []
        for second in start..<start + seconds {
            await monitor.tick(at: MonotonicTime(seconds: 1_001 + Double(second)))
            intents.append(await monitor.takeIntents())
        }
        return intents
    }

    @Test("Noise gives one throttle of the noisy VM and no other; until it is answered nothing more is asked")
    func oneIntent() async throws {
        let alerts = Alerts()
        let monitor = Monitor(source: ScriptedHypervisor(ScriptedHost()), policy: try policy(.enforce), alerts: alerts)
        let intents = await play(75, on: monitor).flatMap { $0 }
        #expect(intents.count == 1)
        guard case .hold(let order) = intents.first else {
            Issue.record("no throttle was asked for")
            return
        }
        #expect(order.name == "labs-batch")
        #expect(alerts.ids.contains(.victimOnset))
        #expect(alerts.ids.contains(.culpritNamed))
    }

    @Test("Before the noise there is nothing to do and nobody is blamed")
    func quiet() async throws {
        let alerts = Alerts()
        let monitor = Monitor(source: ScriptedHypervisor(ScriptedHost()), policy: try policy(.enforce), alerts: alerts)
        #expect(await play(59, on: monitor).allSatisfy(\.isEmpty))
        #expect(!alerts.ids.contains(.culpritNamed))
    }

    @Test("A granted hold marks the VM as held, a release unmarks it, and both are told")
    func holds() async throws {
        let alerts = Alerts()
        let host = ScriptedHypervisor(ScriptedHost())
        let monitor = Monitor(source: host, policy: try policy(.enforce), alerts: alerts)
        let intents = await play(75, on: monitor).flatMap { $0 }
        guard case .hold(let order) = intents.first else {
            Issue.record("no throttle was asked for")
            return
        }
        let now = MonotonicTime(seconds: 1_080)
        let slot = try #require(host.frame.slot(of: order.vm))
        await monitor.note([.granted(order, lease: 1)], at: now)
        #expect(host.frame[record: slot]?.heldCores == order.step.share.map { $0 * Double(order.vcpus) })
        await monitor.note([.released(order.key, name: order.name, lease: 1, .calm)], at: now)
        #expect(host.frame[record: slot]?.heldCores == nil)
        #expect(alerts.ids.suffix(2) == [.throttleApplied, .throttleReleased])
    }

    @Test("A reload that drops a firing rule tells its end, and the new policy is in force")
    func reload() async throws {
        let alerts = Alerts()
        let monitor = Monitor(source: ScriptedHypervisor(ScriptedHost()), policy: try policy(.enforce), alerts: alerts)
        _ = await play(70, on: monitor)
        var next = try policy(.dryRun)
        next.rules.removeAll { $0.name == "cpu-starved" }
        await monitor.adopt(next)
        #expect(alerts.ids.last == .victimCleared)
        #expect(await monitor.policy == next)
        #expect(await monitor.snapshot().frame.tick == 70)
    }

    @Test("In dry run the enforcer tells what it would do and the host is as it was")
    func dryRun() async throws {
        let host = ScriptedHypervisor(ScriptedHost())
        let monitor = Monitor(source: host, policy: try policy(.dryRun), alerts: Alerts())
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        let ledger = try Ledger(directory: directory.path)
        let enforcer = Enforcer(ledger: ledger, actuator: host, mode: .dryRun, bootID: "", wallClock: { 0 })
        var told: [LeaseEvent] = []
        for second in 0..<120 {
            let now = MonotonicTime(seconds: 1_001 + Double(second))
            await monitor.tick(at: now)
            let events = await enforcer.carryOut(monitor.takeIntents(), now: now) + enforcer.tick(now: now)
            await monitor.note(events, at: now)
            told += events
        }
        let throttles = told.filter { if case .wouldHold = $0 { true } else { false } }
        #expect(throttles.count == 1)
        #expect(await enforcer.leases.isEmpty)
        for record in host.frame.records.compactMap({ $0 }) {
            #expect(record.heldCores == nil)
            #expect(host.quota(of: record.identity)?.quota == nil)
        }
    }
}
