import Libvirt
import Logging
import Sampling
import ServiceLifecycle
import Signals

/// Reads what only libvirt can tell, a few VMs each second, so that no VM is asked more often than once a round and
/// libvirtd never answers for all at once.
struct SlowTierService: Service {
    /// Where the readings go.
    let monitor: Monitor<HostSource>
    /// Who knows the VMs.
    let inventory: InventoryService
    /// Whom to ask.
    let connection: LibvirtConnection
    /// Seconds in which every VM is asked once.
    let round: Int
    /// Where failures are told.
    let logger: Logger

    func run() async throws {
        var second = 0
        for await _ in TickSequence(every: .seconds(1), on: ContinuousClock()).cancelOnGracefulShutdown() {
            let phase = second % max(1, round)
            second += 1
            guard connection.isConnected else { continue }
            let due = await inventory.vms.filter { Int($0.uuid.low % UInt64(max(1, round))) == phase }
            if !due.isEmpty { await ask(due) }
        }
    }

    private func ask(_ vms: [VMIdentity]) async {
        let start = HostClock.now()
        do {
            let answers = try await connection.stats([.state, .balloon, .block], of: vms.map(\.uuid))
            let now = HostClock.now()
            let wall = UInt64(max(0, HostClock.wallNanoseconds() / 1_000_000_000))
            let latency = now.seconds(since: start) / Double(max(1, vms.count))
            for answer in answers {
                guard let vm = vms.first(where: { $0.uuid == answer.uuid }) else { continue }
                let readings = DomainTranslator.readings(answer, of: vm, at: now, wall: wall, latency: latency)
                await monitor.withSource { $0.sampler.take(readings) }
            }
        } catch {
            logger.debug("libvirt gave no figures of \(vms.count) VMs: \(error)")
        }
    }
}
