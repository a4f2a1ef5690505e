import Enforcement
import Foundation
import Signals
import Testing

@testable import Policy
@testable import QuellRuntime

@Suite("Explaining a VM")
struct ExplainReportTests {
    private var frame = Frame(hostCPUs: 4)
    private var policy = PolicySet(mode: .enforce)
    private var verdicts: [Verdict] = []
    private var findings: [Finding] = []
    private var leases: [Lease] = []
    private var refusals: [Refusal] = []
    private var holds: [LadderHold] = []

    init() {
        for (index, name) in ["victim", "culprit", "other"].enumerated() {
            let identity = VMIdentity(uuid: VMUUID(high: 0, low: UInt64(index)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: name, tenant: .known("t\(index)")))
        }
        frame.begin(at: MonotonicTime(seconds: 110))
        var rule = Rule(name: "steal", signal: .cpuRunDelay, role: .victim)
        rule.ladder = "cpu"
        var busy = Rule(name: "busy", signal: .cpuUsage, role: .suspect)
        busy.summary = "it is always busy"
        policy.rules = [rule, busy]
        verdicts = [Self.verdict(0, rule: 0, .cpuRunDelay, 0.2), Self.verdict(1, rule: 1, .cpuUsage, 1.9)]
        findings = [finding(.blamed(VMSlot(1)))]
    }

    private static func verdict(_ slot: Int, rule: Int, _ signal: Signal, _ value: Double) -> Verdict {
        Verdict(
            slot: VMSlot(slot),
            rule: rule,
            signal: signal,
            phase: .ongoing,
            value: value,
            threshold: 0.06,
            since: MonotonicTime(seconds: 100)
        )
    }

    private func finding(_ outcome: Finding.Outcome) -> Finding {
        var finding = Finding(
            victim: VMSlot(0),
            verdict: Self.verdict(0, rule: 0, .cpuRunDelay, 0.2),
            contention: .cpu,
            candidates: [
                Candidate(slot: VMSlot(1), share: 0.7, excess: 1.5, correlation: 0.93, score: 0.9),
                Candidate(
                    slot: VMSlot(2),
                    share: 0.1,
                    excess: -0.5,
                    correlation: nil,
                    score: 0.1,
                    rejection: .withinEntitlement
                ),
            ],
            outcome: outcome,
            confidence: 0.9
        )
        finding.measure = .cpuUsage
        return finding
    }

    private func report(_ slot: Int) throws -> ExplainReport {
        let snapshot = MonitorSnapshot(
            frame: frame,
            verdicts: verdicts,
            findings: findings,
            policy: policy,
            refusals: refusals,
            holds: holds
        )
        let now = MonotonicTime(seconds: 110)
        return try #require(ExplainReport(VMSlot(slot), in: snapshot, leases: leases, now: now))
    }

    private func answer() throws -> String? { try report(0).suffers.first?.suspects.first?.answer }

    @Test("A victim is told with every suspect, its evidence and why it was or was not to blame")
    func victim() throws {
        let report = try report(0)
        let suffering = try #require(report.suffers.first)
        #expect(suffering.evidence == "cpu.run_delay 200 ms/s, bound 60 ms/s")
        #expect(suffering.seconds == 10 && suffering.outcome == "culprit is to blame")
        #expect(suffering.suspects.map(\.name) == ["culprit", "other"])
        #expect(suffering.suspects.map(\.rejection) == [nil, "within its entitlement"])
        #expect(suffering.suspects.map(\.excess) == ["1.5 cores", "-0.5 cores"])
        #expect(report.suspectedOf.isEmpty && report.conduct.isEmpty)
    }

    @Test("A suspect is told whom it is looked at for, and its own conduct")
    func suspect() throws {
        let culprit = try report(1)
        #expect(culprit.suspectedOf.map(\.victim) == ["victim"] && culprit.suffers.isEmpty)
        #expect(culprit.conduct == ["busy: it is always busy (cpu.usage 1.9 cores, bound 0.06 cores)"])
        #expect(try report(2).suspectedOf.first?.suspects.last?.rejection == "within its entitlement")
    }

    @Test("What was done to the culprit is told, or why nothing was")
    mutating func answers() throws {
        #expect(try answer()?.hasPrefix("nothing in this tick: the ladder") == true)
        policy.mode = .dryRun
        #expect(try answer() == "only told: dry run")
        policy.protectedTenants = ["t1"]
        #expect(try answer() == "nothing: the policy protects it")
        policy.rules[0].ladder = nil
        #expect(try answer() == "only told: the rule has no ladder")
        let order = HoldOrder(
            vm: VMIdentity(uuid: VMUUID(high: 0, low: 1), generation: 1),
            name: "culprit",
            vcpus: 1,
            step: .throttle(0.5),
            term: 60,
            rule: "steal",
            victim: nil,
            victimName: "victim"
        )
        leases = [
            Lease(
                order: order,
                knob: .vcpuQuota,
                before: .quota(VCPUQuota(period: 100_000, quota: nil)),
                pending: .quota(VCPUQuota(period: 100_000, quota: 50_000)),
                now: Lease.Moment(wall: 0, boot: MonotonicTime(seconds: 100)),
                bootID: "b"
            )
        ]
        #expect(try answer() == "held at 50%: vcpu-quota unlimited instead of unlimited, hold 0")
        #expect(try report(1).leases.count == 1 && report(0).leases.isEmpty)
    }

    @Test("Why the ladder did nothing is told in its own words, of this culprit, victim and rule alone")
    mutating func refused() throws {
        let vms = try (0..<3).map { try #require(frame[record: VMSlot($0)]?.identity) }
        let reason = "the maintenance window nights is open"
        refusals = [
            Refusal(culprit: vms[2], victim: vms[0], rule: "steal", reason: "no"),
            Refusal(culprit: vms[1], victim: vms[2], rule: "steal", reason: "no"),
            Refusal(culprit: vms[1], victim: vms[0], rule: "busy", reason: "no"),
        ]
        #expect(try answer()?.hasPrefix("nothing in this tick") == true)
        refusals.append(Refusal(culprit: vms[1], victim: vms[0], rule: "steal", reason: reason))
        #expect(try answer() == "nothing: \(reason)")
        #expect(try report(0).description.contains("to blame; nothing: \(reason)"))
    }

    @Test("In dry run it is told how far the culprit would be held")
    mutating func rehearsed() throws {
        let vms = try (0..<2).map { try #require(frame[record: VMSlot($0)]?.identity) }
        policy.mode = .dryRun
        var hold = LadderHold(
            vm: vms[1],
            name: "culprit",
            contention: .cpu,
            step: .throttle(0.35),
            phase: .inForce,
            origin: .ladder,
            expires: MonotonicTime(seconds: 200),
            victim: vms[0],
            victimName: "victim",
            rule: "steal",
            isVirtual: true
        )
        holds = [hold]
        #expect(try answer() == "only told: dry run; it would be held at 35%")
        hold.contention = .disk
        holds = [hold]
        #expect(try answer() == "only told: dry run")
    }

    @Test("Nobody to blame, and a VM that does it to itself, are told as such")
    mutating func nobody() throws {
        findings = [finding(.nobody)]
        #expect(try report(0).suffers.first?.outcome == "nobody can be shown to be to blame")
        #expect(try report(0).suffers.first?.suspects.allSatisfy { $0.rejection != nil && $0.answer == nil } == true)
        findings = [finding(.selfInflicted(.ownQuota))]
        #expect(try report(0).suffers.first?.outcome == "it does it to itself: held by its own quota")
    }

    @Test("A quiet VM has nothing to explain, a free row no report, and a hostile name breaks no line")
    mutating func quiet() throws {
        findings = []
        verdicts = []
        #expect(try report(2).description.hasSuffix("nobody suspects it, it is not held"))
        frame.remove(VMSlot(2))
        let snapshot = MonitorSnapshot(frame: frame, verdicts: [], findings: [], policy: policy)
        #expect(ExplainReport(VMSlot(2), in: snapshot, leases: [], now: MonotonicTime(seconds: 1)) == nil)
        frame[record: VMSlot(1)]?.name = "a\nHELD b\u{1b}[31m"
        findings = [finding(.blamed(VMSlot(1)))]
        let lines = try report(0).description.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5 && !lines.contains { $0.contains("\u{1b}") })
    }

    @Test("A report comes back from JSON as it was")
    func json() throws {
        let report = try report(0)
        #expect(try JSONDecoder().decode(ExplainReport.self, from: JSONEncoder().encode(report)) == report)
    }
}
