import CoreMetrics
import Enforcement
import Exposition
import Foundation
import HostReaders
import Libvirt
import Logging
import Policy
import Reporting
import Sampling
import ServiceLifecycle
import Signals
import Systemd
import UnixSignals

/// The daemon: every service, put together.
public struct Daemon: Sendable {
    private let configuration: DaemonConfiguration

    /// A daemon that does not run yet.
    ///
    /// - Parameter configuration: How it is set up.
    public init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Runs until it is told to stop, then lets everybody go.
    ///
    /// - Throws: `PolicyErrors` where the threshold files are bad, `LedgerError` where the ledger cannot be had (another
    ///   daemon holds it, its directory is not there), `SocketError` where the control socket cannot be made.
    public func run() async throws {
        Heap.keepLargeBlocksApart()
        let policies = PolicySource(named: configuration.policyPaths)
        let content = policies.read()
        let policy = try content.files.policy()
        let ledger = try Ledger(directory: configuration.stateDirectory)

        try FileManager.default.createDirectory(
            atPath: configuration.runDirectory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750]
        )

        let toJournal = Self.usesJournal(configuration.output)
        LoggingSystem.bootstrap { label in
            if toJournal { return JournalLogHandler(label: label) as any LogHandler }
            return StreamLogHandler.standardOutput(label: label)
        }
        let logger = Logger(label: "quelld")
        let alerts = AlertQueue()
        let notifier = Notifier()
        let roots = HostRoots()
        let connection = LibvirtConnection(uri: configuration.uri)
        let monitor = Monitor(
            source: HostSource(HostSampler(roots: roots, hostCPUs: HostClock.onlineCPUs)),
            policy: policy,
            alerts: alerts,
            wallClock: { HostClock.wallNanoseconds() }
        )
        let states = HostStates()
        let registry = configuration.metrics.map { _ in MetricRegistry(MetricTable.counted.map(\.family)) }
        if let registry { MetricsSystem.bootstrap(registry) }
        let started = HostClock.wallNanoseconds()
        let killSwitch = KillSwitch(directory: configuration.stateDirectory)
        let thrown = killSwitch.thrown
        if let thrown {
            await monitor.setDisarmed(true)
            alerts.send(.disarmed(thrown, isNew: false))
        }
        let actuator = HostActuator(connection: connection, roots: roots)
        if !ledger.leases.contains(where: { $0.knob == .cacheGroup }) {
            for group in await actuator.caches.sweep() {
                logger.notice("removed the cache group \(group), left by nobody held")
            }
        }
        let enforcer = Enforcer(
            ledger: ledger,
            actuator: actuator,
            mode: policy.mode,
            isArmed: thrown == nil,
            bootID: HostClock.bootID,
            wallClock: { HostClock.wallNanoseconds() }
        )
        for damage in await enforcer.damage { logger.error("the ledger was damaged: \(damage)") }

        let (ticked, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (probes, probe) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let inventory = InventoryService(
            monitor: monitor,
            connection: connection,
            enforcer: enforcer,
            translator: DomainTranslator(roots: roots),
            alerts: alerts,
            logger: logger,
            probe: probe
        )
        let auditor = Auditor(configuration)
        let answers = ControlAnswers(
            monitor: monitor,
            enforcer: enforcer,
            connection: connection,
            doctor: Doctor(configuration),
            auditor: auditor,
            killSwitch: killSwitch,
            alerts: alerts,
            holdOff: { await inventory.holdOff($0) }
        )
        let desk = RecordingDesk(monitor: monitor, period: configuration.tick)
        let sink: any AlertSink = toJournal ? JournalSink() : LineSink()
        // Stopped last to first: the ticks end, then everybody is let go, then libvirt is left, and all of it is told.
        var services: [any Service] = [
            AlertService(
                queue: alerts,
                sink: sink,
                logger: logger,
                metrics: registry.map { AlertMetrics($0) { Double(HostClock.wallNanoseconds()) / 1e9 } }
            ),
            inventory,
            EnforcementService(
                monitor: monitor,
                enforcer: enforcer,
                alerts: alerts,
                ticked: ticked,
                holdOff: { await inventory.holdOff($0) }
            ),
            SlowTierService(
                monitor: monitor,
                inventory: inventory,
                connection: LibvirtConnection(uri: configuration.uri, watchesDomains: false),
                limits: configuration.slowLimits,
                logger: logger
            ),
            SideService(
                monitor: monitor,
                inventory: inventory,
                sources: SideSources.all(roots),
                logger: logger,
                states: states
            ),
            ControlService(
                server: ControlServer(
                    path: configuration.socketPath,
                    answer: { await answers.answer($0) },
                    record: { await desk.serve($0, on: $1) }
                )
            ),
            CapabilityService(
                roots: roots,
                connection: connection,
                alerts: alerts,
                states: states,
                wanted: probes,
                want: probe
            ),
            AuditService(
                auditor: auditor,
                period: .seconds(configuration.auditPeriod),
                connection: connection,
                enforcer: enforcer,
                plan: { await monitor.policy.audit },
                alerts: alerts,
                states: states
            ),
            ReloadService(
                monitor: monitor,
                enforcer: enforcer,
                policies: policies,
                content: content,
                alerts: alerts,
                notifier: notifier,
                probe: probe,
                logger: logger
            ),
            WatchdogService(monitor: monitor, period: configuration.tick, notifier: notifier),
            StatusService(
                monitor: monitor,
                policies: policies,
                files: content.files.count,
                alerts: alerts,
                notifier: notifier,
                isListed: { await inventory.isListed }
            ),
            TickService(monitor: monitor, period: configuration.tick, ticked: tick),
        ]
        if let address = configuration.metrics, let registry {
            services.append(
                MetricsService(
                    address: address,
                    monitor: monitor,
                    enforcer: enforcer,
                    connection: connection,
                    states: states,
                    registry: registry,
                    period: configuration.tick,
                    startedAt: started,
                    logger: logger
                )
            )
        }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }

    private static func usesJournal(_ output: DaemonConfiguration.Output) -> Bool {
        switch output {
        case .auto: Journal.isPresent()
        case .journal: true
        case .stdout: false
        }
    }
}
