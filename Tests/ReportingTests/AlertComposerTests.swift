import Signals
import Testing

@testable import Reporting

@Suite("Alerts of verdicts and findings")
struct AlertComposerTests {
    @Test("An onset has all that is needed to redo the sum")
    func onset() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        let alert = composer.alert(for: bed.verdict(.onset), frame: bed.frame)
        #expect(alert?.id == .victimOnset)
        #expect(alert?.severity == .warning)
        #expect(
            alert?.text
                == "web-3 (tenant a) is hurt: cpu.run_delay 212 ms/s ≥ 60 ms/s for 2 s, usually 4.1 ms/s (rule cpu-steal)"
        )
        #expect(
            alert?.fields.map { "\($0.0)=\($0.1)" } == [
                "QUELL_VM_UUID=00000000-0000-0000-0000-000000000001", "QUELL_VM=web-3", "QUELL_TENANT=a",
                "QUELL_RULE=cpu-steal", "QUELL_SIGNAL=cpu.run_delay", "QUELL_VALUE=0.212", "QUELL_THRESHOLD=0.06",
                "QUELL_BASELINE=0.0041",
            ]
        )
    }

    @Test("What goes on is not told again; the end is")
    func edges() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        #expect(composer.alert(for: bed.verdict(.ongoing), frame: bed.frame) == nil)
        let alert = composer.alert(for: bed.verdict(.cleared, value: 0.003), frame: bed.frame)
        #expect(alert?.id == .victimCleared)
        #expect(alert?.text == "web-3 (tenant a) is calm again: cpu.run_delay 3 ms/s after 2 s (rule cpu-steal)")
    }

    @Test("An end names the VM of the onset though its row is another's by now, or nobody's")
    func rowReused() {
        var bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        _ = composer.alert(for: bed.verdict(.onset), frame: bed.frame)
        bed.frame.remove(VMSlot(0))
        _ = bed.frame.place(VMRecord(identity: bed.identity(7), name: "new"))
        #expect(composer.alert(for: bed.verdict(.cleared), frame: bed.frame)?[.vm] == "web-3")
        _ = composer.alert(for: bed.verdict(.onset), frame: bed.frame)
        bed.frame.remove(VMSlot(0))
        #expect(composer.alert(for: bed.verdict(.cleared), frame: bed.frame)?[.vm] == "new")
        #expect(composer.alert(for: bed.verdict(.cleared), frame: bed.frame) == nil)
    }

    @Test("A suspect, a lower bound and deviations are told as such")
    func otherRules() {
        var bed = AlertBed()
        bed.rule.role = .suspect
        bed.rule.below = 0.06
        bed.rule.deviation = 4
        bed.rule.summary = "too quiet"
        var composer = AlertComposer(rules: [bed.rule])
        let alert = composer.alert(for: bed.verdict(.onset), frame: bed.frame)
        #expect(alert?.id == .suspectOnset)
        #expect(
            alert?.text
                == "web-3 (tenant a) behaves unexpectedly: cpu.run_delay 212 ms/s ≤ 60 ms/s for 2 s, usually 4.1 ms/s "
                + "(9.5 deviations off) (rule cpu-steal); too quiet"
        )
        #expect(composer.alert(for: bed.verdict(.cleared), frame: bed.frame)?.id == .suspectCleared)
    }

    @Test("Blame is told with the evidence against the culprit")
    func blame() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        let alert = composer.alert(for: bed.finding(.blamed(VMSlot(1))), frame: bed.frame)
        #expect(alert?.id == .culpritNamed)
        #expect(
            alert?.text
                == "web-3 (tenant a) is hurt: cpu.run_delay 212 ms/s ≥ 60 ms/s for 2 s, usually 4.1 ms/s; "
                + "blamed: batch-7 (tenant b): 1.9 of 2 cores, 0.9 cores over its entitlement, correlation 0.97"
        )
        #expect(alert?[.victim] == "00000000-0000-0000-0000-000000000001")
        #expect(alert?[.culprit] == "00000000-0000-0000-0000-000000000002")
        #expect(alert?[.contention] == "cpu")
        #expect(alert?[.confidence] == "0.9")
    }

    @Test("Evidence that is not there is not told")
    func thinEvidence() {
        var bed = AlertBed()
        bed.frame[VMSlot(1), .cpuUsage] = .missing
        var finding = bed.finding(.blamed(VMSlot(1)))
        finding.candidates = []
        var composer = AlertComposer(rules: [bed.rule])
        #expect(composer.alert(for: finding, frame: bed.frame)?.text.hasSuffix("; blamed: batch-7 (tenant b)") == true)
    }

    @Test("Nobody to blame and one's own doing are answers too")
    func otherAnswers() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        let nobody = composer.alert(for: bed.finding(.nobody), frame: bed.frame)
        #expect(nobody?.id == .nobodyToBlame)
        #expect(
            nobody?.text.hasSuffix("contended for cpu, nobody to blame: 1 does not move with the victim") == true
        )
        let own = composer.alert(for: bed.finding(.selfInflicted(.ownDemand)), frame: bed.frame)
        #expect(own?.id == .selfInflicted)
        #expect(own?.text.hasSuffix("of its own doing: it is asking for more than its entitlement") == true)
    }

    @Test("Of the answers of one episode each is told once, however they alternate")
    func changes() {
        var bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        var told: [Int] = []
        let outcomes: [Finding.Outcome] = [
            .nobody, .nobody, .blamed(VMSlot(1)), .blamed(VMSlot(1)), .selfInflicted(.job), .blamed(VMSlot(1)),
            .nobody, .selfInflicted(.job), .selfInflicted(.ownDemand), .blamed(VMSlot(0)),
        ]
        for (index, outcome) in outcomes.enumerated() {
            bed.begin(at: 100 + Double(index))
            if composer.alert(for: bed.finding(outcome), frame: bed.frame) != nil { told.append(index) }
        }
        #expect(told == [0, 2, 4, 8, 9])
    }

    @Test("The same answer is told again after the rule has cleared, and after a long silence")
    func again() {
        var bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        #expect(composer.alert(for: bed.finding(.nobody), frame: bed.frame) != nil)
        bed.begin(at: 159)
        #expect(composer.alert(for: bed.finding(.nobody), frame: bed.frame) == nil)
        _ = composer.alert(for: bed.verdict(.cleared), frame: bed.frame)
        #expect(composer.alert(for: bed.finding(.nobody), frame: bed.frame) != nil)
        bed.begin(at: 219)
        #expect(composer.alert(for: bed.finding(.nobody), frame: bed.frame) != nil)
    }

    @Test("Rows and rules that do not exist are passed over")
    func badIndexes() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        #expect(composer.alert(for: bed.verdict(.onset, slot: 99), frame: bed.frame) == nil)
        #expect(composer.alert(for: bed.verdict(.onset, slot: -1), frame: bed.frame) == nil)
        #expect(composer.alert(for: bed.finding(.blamed(VMSlot(99))), frame: bed.frame) == nil)
        var empty = AlertComposer(rules: [])
        #expect(empty.alert(for: bed.verdict(.onset), frame: bed.frame) == nil)
        #expect(empty.alert(for: bed.finding(.nobody), frame: bed.frame) == nil)
    }

    @Test("A hostile VM name can neither forge a line nor drive a terminal nor end its quotes")
    func hostileName() {
        let name = "x\n2026-01-01 critical web-3 is fine\u{1b}[2J\u{202e}\" (tenant z)"
        let bed = AlertBed(names: [name, name])
        var composer = AlertComposer(rules: [bed.rule])
        let alerts = [
            composer.alert(for: bed.verdict(.onset), frame: bed.frame),
            composer.alert(for: bed.finding(.blamed(VMSlot(1))), frame: bed.frame),
            composer.alert(for: .granted(bed.order(name: name), lease: 1), frame: bed.frame),
            composer.alert(for: .handedOver(HoldKey(bed.identity(1), .cpu), name: name, lease: 1, found: name), frame: bed.frame),
            composer.alert(for: .failed(HoldKey(bed.identity(1), .cpu), name: name, name), frame: bed.frame),
        ]
        for alert in alerts {
            let text = alert?.text ?? "\n"
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
            #expect(alert?[.vm] == name, "the field keeps the name as it is")
            #expect(alert?[.undo].map { $0.hasPrefix("quell release 00000000-") && $0.count == 50 } ?? true)
        }
        #expect(
            alerts.first??.text.hasPrefix(
                "\"x\\u{a}2026-01-01 critical web-3 is fine\\u{1b}[2J\\u{202e}\\\" (tenant z)\" (tenant a) is hurt"
            ) == true
        )
    }

    @Test("VMs that are to blame together, and the next suspects, are named; counters alone are said to be no proof")
    func several() throws {
        var bed = AlertBed(names: ["web-3", "batch-7", "batch-8", "mail-1"])
        var finding = bed.finding(.blamed(VMSlot(1)))
        finding.candidates[0].together = [VMSlot(2)]
        for row in [2, 3] {
            finding.candidates.append(
                Candidate(
                    slot: VMSlot(row),
                    share: 0.3,
                    excess: 0.5,
                    correlation: 0.9,
                    score: 0.5,
                    rejection: .outranked
                )
            )
        }
        var composer = AlertComposer(rules: [bed.rule])
        let text = try #require(composer.alert(for: finding, frame: bed.frame)?.text)
        #expect(text.contains("together with batch-8 (tenant c) of the same tenant"))
        #expect(text.hasSuffix("; next suspects: mail-1 (tenant a)"))
        #expect(!text.contains("no proof"))
        bed.rule.signal = .perfCPI
        finding.verdict.signal = .perfCPI
        composer = AlertComposer(rules: [bed.rule])
        let counters = try #require(composer.alert(for: finding, frame: bed.frame)?.text)
        #expect(counters.hasSuffix("; by performance counters alone, which are no proof"))
    }
}
