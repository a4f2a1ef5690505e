import HostReaders
import Policy
import Reporting
import Sampling
import Signals
import Testing

@testable import QuellRuntime

/// Takes alerts and keeps none.
private struct NoAlerts: AlertReceiver {
    func send(_ alert: Alert) {}
}

@Suite("Late ticks")
struct TickLagTests {
    @Test("How late a tick came is in its frame, and is missing where nobody knows it")
    func lag() async throws {
        let sampler = HostSampler(roots: HostRoots(tree: "/none"), hostCPUs: 1)
        let policy = try PolicySource(named: [], directory: "").load()
        let monitor = Monitor(source: HostSource(sampler), policy: policy, alerts: NoAlerts())
        await monitor.tick(at: MonotonicTime(seconds: 1), lag: 0.125)
        #expect(await monitor.snapshot().frame[host: .agentTickLag] == Reading(0.125))
        await monitor.tick(at: MonotonicTime(seconds: 2))
        #expect(await monitor.snapshot().frame[host: .agentTickLag] == .missing)
    }
}
