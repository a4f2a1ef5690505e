import Libvirt
import Logging
import Sampling
import ServiceLifecycle
import Signals

/// Reads what only libvirt can tell: of every VM once a round, and at once of those on which a rule fires.
///
/// It has a connection to libvirt of its own, so that VMs whose QEMU hangs, each of which keeps a call of it, leave the
/// connection free on which others are held and let go. Each second it asks ``SlowAsker`` what is due; calls that take
/// long run on beside the next ones.
struct SlowTierService: Service {
    /// Where the readings go, and who is suspicious.
    let monitor: Monitor<HostSource>
    /// Who knows the VMs.
    let inventory: InventoryService
    /// Whom to ask; nobody else's connection.
    let connection: LibvirtConnection
    /// How often and how much.
    let limits: SlowSchedule.Limits
    /// Where it is told what the VMs are asked for.
    let logger: Logger

    func run() async throws {
        let asker = SlowAsker(
            connection,
            limits: limits,
            now: { HostClock.now() },
            wall: { UInt64(max(0, HostClock.wallNanoseconds() / 1_000_000_000)) }
        )
        await cancelWhenGracefulShutdown {
            async let connected: Void = connection.run()
            async let edges: Void = follow()
            await beat(asker)
            await edges
            await connected
        }
    }

    /// Tells the edges of the connection.
    private func follow() async {
        for await event in connection.events { logger.debug("the slow tier's connection: \(event)") }
    }

    /// Asks each second what is due.
    private func beat(_ asker: SlowAsker) async {
        var revision: UInt64?
        await withDiscardingTaskGroup { group in
            for await _ in TickSequence(every: .seconds(1), on: ContinuousClock()) {
                if let news = await inventory.descriptions(since: revision) {
                    revision = news.revision
                    let needs = news.vms.map { ($0.record.identity, $0.slowNeeds) }
                    await asker.watch(Dictionary(needs, uniquingKeysWith: { $1 }))
                    let interval = await asker.schedule.interval
                    logger.debug("\(news.vms.count) VMs, each asked about every \(interval) s")
                }
                guard connection.isConnected else { continue }
                for batch in await asker.due(monitor.suspicions()) {
                    group.addTask {
                        let readings = await asker.ask(batch)
                        if readings.isEmpty { return }
                        await monitor.withSource { source in for one in readings { source.sampler.take(one) } }
                    }
                }
            }
        }
    }
}
