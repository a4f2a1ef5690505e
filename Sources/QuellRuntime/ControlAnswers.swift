import Enforcement
import Foundation
import HostReaders
import Libvirt
import Policy
import Reporting
import Signals
import Systemd

/// Makes the answers of the control socket.
struct ControlAnswers<Source: FrameSource>: Sendable {
    /// What watches.
    let monitor: Monitor<Source>
    /// Who holds.
    let enforcer: Enforcer
    /// The hypervisor.
    let connection: LibvirtConnection
    /// Who examines the host.
    let doctor: Doctor
    /// Who audits the host.
    let auditor: Auditor
    /// Where it is kept that Quell is disarmed.
    let killSwitch: KillSwitch
    /// Where what was done to the kill switch is told.
    let alerts: any AlertReceiver
    /// Why no new hold may begin on a VM now; `nil` where it may.
    let holdOff: @Sendable (VMIdentity) async -> String?
    /// Whether a script stands for the hypervisor, which then always answers.
    var isScripted = false
    /// How often to look, four times a second, for a reading of what a VM uses.
    var looks = 12

    /// The answer to a request, one JSON document.
    func answer(_ request: ControlRequest) async -> Data {
        switch request.kind {
        case .status: encode(await status())
        case .vms: await vmsAnswer()
        case .top: await top(request.signals ?? [])
        case .leases: encode(await leases())
        case .explain: await explain(request.vm)
        case .doctor: encode(await doctor.examine(through: connection, as: .daemon))
        case .audit: encode(await audit())
        case .release: await release(request.vm)
        case .hold: await hold(request)
        case .disarm: encode(await disarm(request))
        case .arm: await arm(request)
        case .record: ControlProblem(error: "this daemon does not record").json
        }
    }

    private func audit() async -> AuditReport {
        await auditor.examine(
            through: connection,
            leases: enforcer.leases,
            plan: monitor.policy.audit,
            as: .daemon
        )
    }

    private func status() async -> StatusReport {
        let snapshot = await monitor.snapshot()
        let last = await monitor.lastTickTime
        let lags = await monitor.tickLags
        let leases = await enforcer.leases
        let open = snapshot.policy.windows.filter { $0.isOpen(atWall: HostClock.wallNanoseconds()) }
        return StatusReport(
            version: QuellVersion.text,
            mode: snapshot.policy.mode.rawValue,
            disarmed: await disarmed(),
            windows: open.map { "\($0.name) (\($0.effect.rawValue))" },
            vms: snapshot.frame.records.count { $0 != nil },
            hurt: snapshot.hurt.map(snapshot.name).sorted(),
            blamed: snapshot.blamed.keys.map(snapshot.name).sorted(),
            leases: leases.count,
            holds: Set(leases.map(\.hold)).count,
            ticks: snapshot.frame.tick,
            lastTickAge: last.map { HostClock.now().seconds(since: $0) },
            libvirt: isScripted || connection.isConnected,
            rules: snapshot.policy.rules.count,
            agentCPU: snapshot.frame[host: .agentCPU].trusted,
            agentRSS: snapshot.frame[host: .agentRSS].trusted,
            tickLagP99: lags?.p99,
            tickLagWorst: lags?.worst
        )
    }

    private func vms() async -> [VMReport] {
        let snapshot = await monitor.snapshot()
        return (0..<snapshot.frame.capacity).compactMap { VMReport(VMSlot($0), in: snapshot) }
    }

    /// Every VM with all of its readings: the greatest answer by far, which must not stay in memory.
    private func vmsAnswer() async -> Data {
        let answer = encode(await vms())
        Heap.trim()
        return answer
    }

    /// One picture of `quell top`.
    private func top(_ names: [String]) async -> Data {
        var signals: [Signal] = []
        for name in names {
            guard let signal = Signal(name: name), signal.scope == .vm else {
                return ControlProblem(error: "no signal of a VM is called '\(PlainText.line(name, limit: 40))'").json
            }
            signals.append(signal)
        }
        let report = TopReport(await monitor.snapshot(), status: await status(), signals: signals, now: HostClock.now())
        let answer = encode(report)
        Heap.trim()
        return answer
    }

    private func leases() async -> [LeaseReport] {
        let snapshot = await monitor.snapshot()
        return LeaseReport.all(await enforcer.leases, in: snapshot.frame, now: HostClock.now())
    }

    /// Explains the one VM of that UUID or name.
    private func explain(_ vm: String?) async -> Data {
        let snapshot = await monitor.snapshot()
        let slot: VMSlot
        do throws(ControlProblem) {
            slot = try snapshot.slot(named: vm)
        } catch {
            return error.json
        }
        let leases = await enforcer.leases
        guard let report = ExplainReport(slot, in: snapshot, leases: leases, now: HostClock.now()) else {
            return ControlProblem(error: "the VM has just gone").json
        }
        return encode(report)
    }

    /// Lets one VM go, or all; found by UUID or by name among those that are held.
    private func release(_ vm: String?) async -> Data {
        let now = HostClock.now()
        let events: [LeaseEvent]
        if let vm {
            let held = await enforcer.leases.filter { $0.vm.isNamed(vm, name: $0.name) }
            guard !held.isEmpty else { return ControlProblem(error: "no VM of that name or UUID is held").json }
            guard Set(held.map(\.vm.uuid)).count == 1, let uuid = held.first?.vm.uuid else {
                return ControlProblem(error: "several VMs of that name are held: give the UUID").json
            }
            events = await enforcer.release(uuid: uuid, .operatorRequest, now: now)
        } else {
            events = await enforcer.releaseAll(.operatorRequest, now: now)
        }
        await monitor.note(events, at: now)
        let isMeant = { (lease: Lease) in vm.map { lease.vm.isNamed($0, name: lease.name) } ?? true }
        let open = await enforcer.leases.filter(isMeant)
        return encode(ReleaseReport(events, open: open, watched: await enforcer.watched.filter(isMeant)))
    }

    /// A report as JSON.
    func encode(_ report: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return try encoder.encode(report)
        } catch {
            return ControlProblem(error: "the answer cannot be written: \(error)").json
        }
    }
}
