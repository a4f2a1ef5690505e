import Enforcement
import Foundation
import HostReaders
import Libvirt
import Policy
import Reporting
import Signals

/// Makes the answers of the control socket.
struct ControlAnswers: Sendable {
    /// What watches.
    let monitor: Monitor<HostSource>
    /// Who holds.
    let enforcer: Enforcer
    /// The hypervisor.
    let connection: LibvirtConnection
    /// Who examines the host.
    let doctor: Doctor

    /// The answer to a request, one JSON document.
    func answer(_ request: ControlRequest) async -> Data {
        switch request.kind {
        case .status: encode(await status())
        case .vms: await vmsAnswer()
        case .leases: encode(await leases())
        case .explain: await explain(request.vm)
        case .doctor: encode(await doctor.examine(through: connection, as: .daemon))
        case .release: await release(request.vm)
        case .record: ControlProblem(error: "this daemon does not record").json
        }
    }

    private func status() async -> StatusReport {
        let snapshot = await monitor.snapshot()
        let last = await monitor.lastTickTime
        let lags = await monitor.tickLags
        return StatusReport(
            version: QuellVersion.text,
            mode: snapshot.policy.mode.rawValue,
            vms: snapshot.frame.records.count { $0 != nil },
            hurt: snapshot.hurt.map(snapshot.name).sorted(),
            blamed: snapshot.blamed.keys.map(snapshot.name).sorted(),
            leases: await enforcer.leases.count,
            ticks: snapshot.frame.tick,
            lastTickAge: last.map { HostClock.now().seconds(since: $0) },
            libvirt: connection.isConnected,
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

    private func leases() async -> [LeaseReport] {
        let snapshot = await monitor.snapshot()
        let now = HostClock.now()
        return await enforcer.leases.map { LeaseReport($0, in: snapshot.frame, now: now) }
    }

    /// Explains the one VM of that UUID or name.
    private func explain(_ vm: String?) async -> Data {
        guard let vm, !vm.isEmpty else { return ControlProblem(error: "which VM? give its name or UUID").json }
        let snapshot = await monitor.snapshot()
        let slots = (0..<snapshot.frame.capacity).map { VMSlot($0) }.filter { slot in
            guard let record = snapshot.frame[record: slot] else { return false }
            return Self.names(vm, record.identity, record.name)
        }
        guard let slot = slots.first else { return ControlProblem(error: "no VM of that name or UUID runs here").json }
        guard slots.count == 1 else { return ControlProblem(error: "several VMs have that name: give the UUID").json }
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
            let held = await enforcer.leases.filter { Self.names(vm, $0.vm, $0.name) }
            guard !held.isEmpty else { return ControlProblem(error: "no VM of that name or UUID is held").json }
            guard Set(held.map(\.vm.uuid)).count == 1, let uuid = held.first?.vm.uuid else {
                return ControlProblem(error: "several VMs of that name are held: give the UUID").json
            }
            events = await enforcer.release(uuid: uuid, .operatorRequest, now: now)
        } else {
            events = await enforcer.releaseAll(.operatorRequest, now: now)
        }
        await monitor.note(events, at: now)
        let isMeant = { (lease: Lease) in vm.map { Self.names($0, lease.vm, lease.name) } ?? true }
        let open = await enforcer.leases.filter(isMeant)
        return encode(ReleaseReport(events, open: open, watched: await enforcer.watched.filter(isMeant)))
    }

    /// Whether a request's text names a VM: its name, or its UUID in either case.
    private static func names(_ text: String, _ vm: VMIdentity, _ name: String) -> Bool {
        name == text || vm.uuid.description == text.lowercased()
    }

    private func encode(_ report: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return try encoder.encode(report)
        } catch {
            return ControlProblem(error: "the answer cannot be written: \(error)").json
        }
    }
}
