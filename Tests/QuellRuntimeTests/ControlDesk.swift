import Demo
import Enforcement
import Foundation
import Libvirt
import Policy
import Reporting
import Signals
import Synchronization
import Testing

@testable import QuellRuntime

/// The answers of a daemon that watches the scripted host, with a state directory of its own.
struct ControlDesk {
    /// Keeps the alerts that it is given.
    final class Alerts: AlertReceiver, Sendable {
        private let state = Mutex<[Alert]>([])
        func send(_ alert: Alert) { state.withLock { $0.append(alert) } }
        var ids: [MessageID] { state.withLock { $0.map(\.id) } }
        var last: Alert? { state.withLock { $0.last } }
    }

    let host = ScriptedHypervisor(ScriptedHost())
    let alerts = Alerts()
    let directory: String
    let answers: ControlAnswers<ScriptedHypervisor>

    /// A desk in whose directory the kill switch may lie already; the first tick is over.
    init(
        mode: PolicySet.Mode = .dryRun,
        job: String? = nil,
        in directory: String,
        adjust: (inout PolicySet) -> Void = { _ in }
    ) async throws {
        self.directory = directory
        var policy = PolicySet(mode: mode)
        adjust(&policy)
        let killSwitch = KillSwitch(directory: directory)
        let monitor = Monitor(source: host, policy: policy, alerts: alerts)
        let enforcer = Enforcer(
            ledger: try Ledger(directory: directory),
            actuator: host,
            mode: mode,
            isArmed: killSwitch.thrown == nil,
            bootID: "b",
            wallClock: { 0 }
        )
        answers = ControlAnswers(
            monitor: monitor,
            enforcer: enforcer,
            connection: LibvirtConnection(uri: "test:///default"),
            doctor: Doctor(DaemonConfiguration()),
            auditor: Auditor(DaemonConfiguration()),
            killSwitch: killSwitch,
            alerts: alerts,
            holdOff: { _ in job },
            looks: 0
        )
        await monitor.tick(at: MonotonicTime(seconds: 1_001))
    }

    /// Runs a test with a directory that is removed after it.
    static func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    /// The answer to a request; `nil` where it is refused or another.
    func ask<Report: Decodable>(_ type: Report.Type, _ request: ControlRequest) async -> Report? {
        try? JSONDecoder().decode(type, from: await answers.answer(request))
    }

    /// Why a request is refused; `nil` where it is not.
    func refusal(_ request: ControlRequest) async -> String? { await ask(ControlProblem.self, request)?.error }

    /// A request to hold a VM.
    func hold(_ vm: String, _ step: String, over: String? = nil) -> ControlRequest {
        var request = ControlRequest(.hold, vm: vm)
        request.step = step
        request.over = over
        request.reason = "too loud"
        request.who = "alice"
        return request
    }

    /// A request of the kill switch.
    func turn(_ kind: ControlRequest.Kind) -> ControlRequest {
        var request = ControlRequest(kind)
        request.reason = "storage moves"
        request.who = "alice"
        return request
    }

    /// The quota that a VM has on the scripted host, as a share of each vCPU; 1 for none.
    func share(of name: String) -> Double? {
        let record = host.frame.records.compactMap { $0 }.first { $0.name == name }
        return record.flatMap { host.quota(of: $0.identity) }.map { $0.share ?? 1 }
    }
}
