import Foundation
import Reporting
import Signals
import Testing

@testable import Policy
@testable import QuellRuntime

@Suite("What quell top asks for")
struct TopReportTests {
    @Test("Every VM comes with the signals that were asked for and no others")
    func signals() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(in: directory)
            var request = ControlRequest(.top)
            request.signals = ["cpu.usage", "mem.rss"]
            let report = try #require(await desk.ask(TopReport.self, request))
            #expect(report.vms.count == 8)
            let named = report.vms.reduce(into: Set<String>()) { $0.formUnion($1.values.keys) }
            #expect(named.isSubset(of: ["cpu.usage", "mem.rss"]) && named.contains("cpu.usage"))
            #expect(report.status.vms == 8 && report.holds.isEmpty)
            let bare = try #require(await desk.ask(TopReport.self, ControlRequest(.top)))
            #expect(bare.vms.allSatisfy { $0.values.isEmpty })
        }
    }

    @Test(
        "A signal that there is not, or one of the host, is refused by name",
        arguments: ["cpu.usag", "host.run_queue"]
    )
    func unknown(name: String) async throws {
        try await ControlDesk.inDirectory { directory in
            var request = ControlRequest(.top)
            request.signals = ["cpu.usage", name]
            let refusal = await (try ControlDesk(in: directory)).refusal(request)
            #expect(refusal?.contains(name) == true)
        }
    }

    @Test("Findings stand with those hurt, those who do it to themselves and those blamed; holds with what is left")
    func judged() throws {
        var frame = Frame(hostCPUs: 4)
        for (index, name) in ["victim", "culprit", "own"].enumerated() {
            let identity = VMIdentity(uuid: VMUUID(high: 0, low: UInt64(index)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: name, tenant: .known("t")))
        }
        frame.begin(at: MonotonicTime(seconds: 100))
        let finding = { (victim: Int, contention: Contention, outcome: Finding.Outcome) in
            Finding(
                victim: VMSlot(victim),
                verdict: Verdict(
                    slot: VMSlot(victim),
                    rule: 0,
                    signal: .cpuRunDelay,
                    phase: .ongoing,
                    value: 1,
                    threshold: 0.5,
                    since: MonotonicTime(seconds: 90)
                ),
                contention: contention,
                candidates: [],
                outcome: outcome,
                confidence: 1
            )
        }
        let cause = try #require(Finding.SelfCause.allCases.first)
        let culprit = try #require(frame[record: VMSlot(1)]?.identity)
        let hold = LadderHold(
            vm: culprit,
            name: "culprit",
            contention: .cpu,
            step: .throttle(0.35),
            phase: .inForce,
            origin: .ladder,
            expires: MonotonicTime(seconds: 160),
            victim: nil,
            victimName: "victim",
            rule: "steal",
            isVirtual: false
        )
        let snapshot = MonitorSnapshot(
            frame: frame,
            verdicts: [],
            findings: [
                finding(0, .cpu, .blamed(VMSlot(1))), finding(0, .disk, .nobody), finding(0, .cpu, .nobody),
                finding(2, .memory, .selfInflicted(cause)),
            ],
            policy: PolicySet(mode: .enforce),
            holds: [hold]
        )
        let status = StatusReport(
            version: "1",
            mode: "enforce",
            disarmed: nil,
            windows: [],
            vms: 3,
            hurt: [],
            blamed: [],
            leases: 0,
            holds: 0,
            ticks: 1,
            lastTickAge: nil,
            libvirt: true,
            rules: 0
        )
        let report = TopReport(snapshot, status: status, signals: [], now: MonotonicTime(seconds: 100))
        #expect(report.vms.map(\.hurt) == [[.cpu, .disk], [], []])
        #expect(report.vms.map(\.selfInflicted) == [[], [], [.memory]])
        #expect(report.vms.map(\.blamedFor) == [[], ["victim"], []])
        #expect(report.holds.map(\.remaining) == [60] && report.holds.map(\.step) == ["35%"])
        let later = TopReport(snapshot, status: status, signals: [], now: MonotonicTime(seconds: 161))
        #expect(later.holds.map(\.remaining) == [nil])
    }
}
