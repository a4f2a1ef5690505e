import Enforcement
import Exposition
import Glibc
import HostReaders
import Libvirt
import Logging
import MetricsServer
import Reporting
import ServiceLifecycle
import Signals

/// Lets metrics be scraped; where it cannot listen it says so and tries again, since watching matters more.
struct MetricsService: Service {
    /// Seconds between tries to listen.
    static let patience = Duration.seconds(15)

    /// Where.
    let address: MetricsAddress
    /// What watches.
    let monitor: Monitor<HostSource>
    /// Who holds.
    let enforcer: Enforcer
    /// The hypervisor.
    let connection: LibvirtConnection
    /// What is known of sources and signals.
    let states: HostStates
    /// What is counted as it happens.
    let registry: MetricRegistry
    /// The time between ticks.
    let period: Duration
    /// When the daemon started, in nanoseconds since 1970.
    let startedAt: Int64
    /// Where it is told that it cannot listen.
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await listen()
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("metrics are not to be had at \(address.text): \(error)\(hint)")
                }
                do { try await Task.sleep(for: Self.patience) } catch { return }
            }
        }
    }

    private var hint: String {
        switch address {
        case .unix: ""
        case .loopback: "; the unit lets no address family in but with metrics.conf"
        }
    }

    private func listen() async throws {
        let server = MetricsServer { accept in await scrape(accept) }
        switch address {
        case .loopback(let host, let port): try await server.run(at: .address(host, port: port)) { _ in tell() }
        case .unix(let path):
            let descriptor = try SocketFile.listen(at: path, mode: 0o660)
            // SAFETY: the string lives for the length of the call.
            defer { unsafe unlink(path) }
            try await server.run(at: .descriptor(descriptor)) { _ in tell() }
        }
    }

    private func tell() { logger.notice("metrics are to be had at \(address.text)") }

    private func scrape(_ accept: String) async -> ScrapeAnswer {
        let format = ExpositionFormat(accept: accept)
        let picture = await picture()
        var writer = ExpositionWriter(format, capacity: 1 << 16)
        picture.write(into: &writer)
        registry.write(into: &writer)
        let answer = ScrapeAnswer(contentType: format.contentType, bytes: writer.finish())
        // The memory of a thousand VMs is promised: a great answer must not stay in it.
        Heap.trim()
        return answer
    }

    private func picture() async -> MetricsPicture {
        var picture = MetricsPicture(snapshot: await monitor.snapshot(detached: true), now: HostClock.now())
        picture.isDisarmed = await !enforcer.isArmed
        picture.lastTick = await monitor.lastTickTime
        picture.lags = await monitor.tickLags
        picture.period = period / .seconds(1)
        picture.isConnected = connection.isConnected
        picture.leases = await enforcer.leases
        picture.damagedRecords = await enforcer.damage.count
        picture.overdue = states.overdue
        picture.observable = states.observable
        picture.findings = states.findings
        picture.gaps = states.gaps
        picture.cpuSeconds = HostClock.processSeconds()
        picture.startTime = Double(startedAt) / 1e9
        picture.seriesLeftOut = registry.leftOut
        return picture
    }
}
