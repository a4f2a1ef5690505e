import Enforcement
import HostReaders
import Libvirt
import Logging
import Reporting
import Sampling
import ServiceLifecycle
import Signals

/// Keeps the sampler's VMs the same as those that libvirt runs: told by its events, never by polling.
///
/// While libvirt is away the VMs known stay in the frame with their kernel-tier signals, and a VM whose process ends
/// leaves it all the same.
actor InventoryService: Service {
    private let monitor: Monitor<HostSource>
    private let connection: LibvirtConnection
    private let enforcer: Enforcer
    private let translator: DomainTranslator
    private var scopes: ScopeReader
    private let alerts: any AlertReceiver
    private let logger: Logger
    /// Has the host's capabilities looked at anew.
    private let probe: AsyncStream<Void>.Continuation
    /// Whether the VMs were listed once.
    private(set) var isListed = false
    /// Between two looks at where the VMs lie.
    private static let placesEvery = Duration.seconds(300)

    private var present: [VMDescription] = []
    /// Counts the changes of ``present``.
    private var revision: UInt64 = 0
    private var untenanted: Set<VMIdentity> = []
    private var lostSince: MonotonicTime?

    /// A service over a connection.
    init(
        monitor: Monitor<HostSource>,
        connection: LibvirtConnection,
        enforcer: Enforcer,
        translator: DomainTranslator,
        alerts: any AlertReceiver,
        logger: Logger,
        probe: AsyncStream<Void>.Continuation
    ) {
        self.monitor = monitor
        self.connection = connection
        self.enforcer = enforcer
        self.translator = translator
        self.scopes = ScopeReader(roots: translator.roots)
        self.alerts = alerts
        self.logger = logger
        self.probe = probe
    }

    /// The VMs that libvirt runs, as far as is known.
    ///
    /// - Parameter revision: The revision that the caller knows; `nil` for none.
    /// - Returns: The VMs with the number of this revision; `nil` where the caller knows it already.
    func descriptions(since revision: UInt64?) -> (revision: UInt64, vms: [VMDescription])? {
        revision == self.revision ? nil : (self.revision, present)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            async let connected: Void = connection.run()
            async let placed: Void = placeRegularly()
            for await event in connection.events {
                await take(event)
            }
            await connected
            await placed
        }
    }

    /// Looks every five minutes where the VMs lie, since people pin vCPUs and plug interfaces without an event.
    private func placeRegularly() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.placesEvery) } catch { return }
            scopes.refresh()
            var changed: [(vm: VMIdentity, scope: VMScope)] = []
            for (count, vm) in present.enumerated() {
                // Many files: others get their turn.
                if count % 32 == 31 { await Task.yield() }
                let scope = scopes.scope(of: vm)
                let identity = vm.record.identity
                guard scope != vm.record.scope,
                    let index = present.firstIndex(where: { $0.record.identity == identity })
                else { continue }
                present[index].record.scope = scope
                changed.append((identity, scope))
            }
            if changed.isEmpty { continue }
            let places = changed
            await monitor.withSource { $0.place(places) }
        }
    }

    private func take(_ event: DomainEvent) async {
        switch event {
        case .reconnected:
            if let since = lostSince { alerts.send(.libvirtBack(after: HostClock.now().seconds(since: since))) }
            lostSince = nil
            await listAfresh()
            probe.yield()
        case .resync: await listAfresh()
        case .started(let uuid), .changed(let uuid): await describeAfresh(uuid)
        case .booted(let uuid): await describeAfresh(uuid, isBooted: true)
        case .stopped(let uuid):
            connection.forget(uuid)
            await adopt(present.filter { $0.record.identity.uuid != uuid })
        case .disconnected:
            if lostSince == nil {
                lostSince = HostClock.now()
                alerts.send(.libvirtLost(reason: "\(connection.uri) closed the connection or does not answer"))
            }
        }
    }

    private func listAfresh() async {
        do {
            let listing = try await connection.listing()
            let before = await ownSettings()
            var marked: Set<VMIdentity> = []
            let states = await connection.states(of: listing.domains.map(\.uuid))
            var wanted = present.filter { listing.failures[$0.record.identity.uuid] != nil }
            scopes.refresh()
            for domain in listing.domains {
                if var vm = translator.vm(domain, status: states[domain.uuid], leased: { before[$0] }) {
                    vm.record.scope = scopes.scope(of: vm)
                    wanted.append(vm)
                    if domain.isMarked { marked.insert(vm.record.identity) }
                }
            }
            for (uuid, error) in listing.failures {
                logger.warning("VM \(uuid) cannot be described: \(error)")
                guard !wanted.contains(where: { $0.record.identity.uuid == uuid }) else { continue }
                if let vm = await outlined(uuid, error, leased: { before[$0] }) { wanted.append(vm) }
            }
            await adopt(wanted, marked: marked)
            isListed = true
            // The descriptions of a thousand VMs are tens of megabytes, read once.
            Heap.trim()
            Heap.forgetStart()
        } catch {
            logger.warning("the VMs cannot be listed: \(error)")
        }
    }

    /// A VM whose description cannot be read: watched by its processes and cgroups all the same, under no tenant.
    ///
    /// Otherwise whoever has a say in a VM's metadata could hide the VM behind a megabyte of it.
    private func outlined(
        _ uuid: VMUUID,
        _ error: LibvirtError,
        leased: (VMIdentity) -> OwnSettings?
    ) async -> VMDescription? {
        guard error.code == .malformed, let domain = try? await connection.outline(uuid) else { return nil }
        let status = try? await connection.state(uuid)
        guard var vm = translator.vm(domain, status: status, leased: leased) else { return nil }
        vm.record.scope = scopes.scope(of: vm)
        return vm
    }

    private func describeAfresh(_ uuid: VMUUID, isBooted: Bool = false) async {
        let before = await ownSettings()
        do {
            let domain = try await connection.domain(uuid)
            let status = try await connection.state(uuid)
            var wanted = present.filter { $0.record.identity.uuid != uuid }
            var marked: Set<VMIdentity> = []
            if var vm = translator.vm(domain, status: status, leased: { before[$0] }) {
                vm.record.scope = scopes.scope(of: vm)
                wanted.append(vm)
                if domain.isMarked { marked.insert(vm.record.identity) }
            }
            await adopt(wanted, marked: marked, isBooted: isBooted)
        } catch  where error.code == .noDomain {
            await adopt(present.filter { $0.record.identity.uuid != uuid })
        } catch {
            logger.warning("VM \(uuid) cannot be described: \(error)")
            guard let vm = await outlined(uuid, error, leased: { before[$0] }) else { return }
            // What was known of the same start of it stays known.
            if present.contains(where: { $0.record.identity == vm.record.identity }) { return }
            await adopt(present.filter { $0.record.identity.uuid != uuid } + [vm])
        }
    }

    /// What the VMs that are held had before: their own limits, while libvirt tells Quell's.
    private func ownSettings() async -> [VMIdentity: OwnSettings] {
        var own: [VMIdentity: OwnSettings] = [:]
        for lease in await enforcer.leases { own[lease.vm, default: OwnSettings()].take(lease) }
        return own
    }

    private func adopt(
        _ wanted: [VMDescription],
        marked: Set<VMIdentity> = [],
        isBooted: Bool = false
    ) async {
        let change = Inventory(wanted: wanted, present: present)
        present = wanted
        if change.isEmpty { return }
        revision += 1
        await monitor.withSource { $0.apply(change) }
        for vm in change.adds + change.updates { tellTenant(of: vm.record) }
        for vm in change.removes { untenanted.remove(vm) }
        for vm in change.adds.map(\.record) where marked.contains(vm.identity) {
            let now = HostClock.now()
            let events =
                isBooted
                ? await enforcer.disown(vm.identity, name: vm.name, now: now)
                : await enforcer.arrive(vm.identity, name: vm.name, vcpus: vm.vcpus, now: now)
            await monitor.note(events, at: now)
        }
    }

    private func tellTenant(of record: VMRecord) {
        guard let alert = Alert.vmUntenanted(record) else {
            untenanted.remove(record.identity)
            return
        }
        if untenanted.insert(record.identity).inserted { alerts.send(alert) }
    }

    /// Why no new hold may begin on a VM now: a job is under way, or libvirt cannot say that none is.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The reason, or `nil` where it may.
    func holdOff(_ vm: VMIdentity) async -> String? {
        do {
            let job = try await connection.state(vm.uuid).job
            return job == .none ? nil : "a job is under way on it (\(job))"
        } catch {
            return "whether a job is under way on it cannot be told: \(error)"
        }
    }
}
