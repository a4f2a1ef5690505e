import Signals
import Systemd
import Testing

@testable import Reporting

@Suite("Alerts of actions and of the daemon")
struct LeaseAlertTests {
    private let bed = AlertBed()
    private var composer: AlertComposer { AlertComposer(rules: [bed.rule]) }

    @Test("A throttle is told with its cap, its end, its victim and the command that undoes it")
    func granted() {
        let alert = composer.alert(for: .granted(bed.order(), lease: 12), frame: bed.frame)
        #expect(alert.id == .throttleApplied)
        #expect(
            alert.text
                == "batch-7 (tenant b) is held to 60% of each of its 2 vCPUs for at most 300 s, for the sake of "
                + "web-3 (tenant a), rule cpu-steal (lease 12); undo: quell release "
                + "00000000-0000-0000-0000-000000000002"
        )
        #expect(alert[.action] == "cpu 60%")
        #expect(alert[.lease] == "12")
        #expect(alert[.undo] == "quell release 00000000-0000-0000-0000-000000000002")
        #expect(alert[.victim] == "00000000-0000-0000-0000-000000000001")
    }

    @Test("In dry run nothing is to be undone and the text says that nothing was changed")
    func dryRun() {
        let alert = composer.alert(for: .wouldHold(bed.order()), frame: bed.frame)
        #expect(alert.id == .wouldThrottle)
        #expect(alert.text.hasSuffix("(dry run, nothing was changed)"))
        #expect(alert[.undo] == nil)
        #expect(alert[.lease] == nil)
        let end = composer.alert(
            for: .wouldRelease(HoldKey(bed.identity(1), .cpu), name: "batch-7", .calm),
            frame: bed.frame
        )
        #expect(end.id == .wouldRelease)
        #expect(end.text == "batch-7 (tenant b) would be let go: all has been calm (dry run, nothing was changed)")
    }

    @Test("Every reason of a release is told in words and as a field", arguments: ReleaseReason.allCases)
    func released(reason: ReleaseReason) {
        let event = LeaseEvent.released(HoldKey(bed.identity(1), .cpu), name: "batch-7", lease: 3, reason)
        let alert = composer.alert(for: event, frame: bed.frame)
        #expect(alert.id == .throttleReleased)
        #expect(alert.text.hasSuffix(": \(reason.text) (lease 3)"))
        #expect(alert[.reason] == reason.rawValue)
    }

    @Test("A VM that is no longer in the frame is told by the event's name")
    func goneVM() {
        let gone = VMIdentity(uuid: VMUUID(high: 9, low: 9), generation: 1)
        let alert = composer.alert(for: .released(HoldKey(gone, .cpu), name: "old", lease: 3, .gone), frame: bed.frame)
        #expect(alert.text == "old has what it had before: the VM is gone (lease 3)")
        #expect(alert[.tenant] == nil)
    }

    @Test("A change, a hand-over and a failure have ids of their own")
    func others() {
        #expect(composer.alert(for: .adjusted(bed.order(), lease: 1), frame: bed.frame).id == .throttleAdjusted)
        let over = composer.alert(
            for: .handedOver(HoldKey(bed.identity(1), .cpu), name: "batch-7", lease: 1, found: "50000/100000 µs"),
            frame: bed.frame
        )
        #expect(over.id == .handedOver)
        #expect(over.severity == .warning)
        let failed = composer.alert(
            for: .failed(HoldKey(bed.identity(1), .cpu), name: "batch-7", "no reply"),
            frame: bed.frame
        )
        #expect(failed.id == .actionFailed)
        #expect(failed.text == "an action on batch-7 (tenant b) failed: no reply")
    }

    @Test("A VM of no tenant or of several is told, one of exactly one is not")
    func untenanted() {
        var record = VMRecord(identity: bed.identity(0), name: "web-3")
        #expect(
            Alert.vmUntenanted(record)?.text == "web-3 belongs to no tenant that its metadata names"
        )
        record.tenant = .conflicting(["a", "b\n"])
        #expect(Alert.vmUntenanted(record)?.text == "web-3 is claimed by several tenants: a, \"b\\u{a}\"")
        record.tenant = .known("a")
        #expect(Alert.vmUntenanted(record) == nil)
    }

    @Test("The daemon's own records have their ids and one line each, whatever the reason holds")
    func daemon() {
        let alerts: [(Alert, MessageID)] = [
            (.daemonStarted(version: "1", mode: "dry-run", vms: 3), .daemonStarted),
            (.daemonStopped(reason: "a\nb"), .daemonStopped),
            (.policyLoaded(rules: 9, files: 2, mode: "enforce"), .policyLoaded),
            (.policyRejected(["a.yaml:1:2: x\ny", "b"]), .policyRejected), (.policyRejected([]), .policyRejected),
            (.libvirtLost(reason: "a\nb"), .libvirtLost), (.libvirtBack(after: 3), .libvirtBack),
            (.recoveredLeases(2), .recoveredLeases), (.disarmed("a\nb", isNew: true, trouble: "c\nd"), .disarmed),
            (.disarmed("a", isNew: false), .disarmed), (.armed(by: "a\nb"), .armed),
        ]
        for (alert, id) in alerts {
            #expect(alert.id == id)
            #expect(!alert.text.contains("\n"))
            #expect(!alert.fields.isEmpty, "\(id) could not be found by a QUELL_ field")
        }
    }

    @Test("The kill switch is told with who, when, why and how to take it back, and whether it lasts")
    func killSwitch() {
        let alert = Alert.disarmed("2026-05-01T21:04:00Z by root: why", isNew: true)
        #expect(
            alert.text == "Quell is disarmed, nobody is held until \"quell arm\": 2026-05-01T21:04:00Z by root: why"
        )
        #expect(alert[.undo] == "quell arm" && alert.severity == .warning)
        let found = Alert.disarmed("why", isNew: false, trouble: "no space")
        #expect(found.text.hasPrefix("Quell is still disarmed"))
        #expect(found.text.hasSuffix("it will not outlive the daemon: no space"))
        #expect(Alert.armed(by: "alice").text == "Quell is armed again by alice")
        #expect(Alert.armed(by: "alice")[.undo] == "quell disarm")
    }

    @Test("A record has the message, the priority, the id and the fields")
    func record() {
        let alert = composer.alert(for: .granted(bed.order(), lease: 12), frame: bed.frame)
        let fields = alert.record.fields.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
        #expect(
            fields.prefix(4).map(\.0) == ["MESSAGE", "PRIORITY", "MESSAGE_ID", "SYSLOG_IDENTIFIER"]
        )
        #expect(fields[1].1 == "5")
        #expect(fields[2].1 == MessageID.throttleApplied.rawValue)
        #expect(Array(fields.dropFirst(4).map(\.0)) == alert.fields.map(\.0))
        #expect(alert.record.refused == [])
    }
}

@Suite("AlertComposer in turn")
struct AlertTurnTests {
    private func step(_ cap: Double, _ bed: AlertBed) -> LeaseEvent {
        var order = bed.order()
        order.step = .throttle(cap)
        return .adjusted(order, lease: 7)
    }

    /// A finding in the tick of its rule's onset.
    private func finding(_ outcome: Finding.Outcome, _ bed: AlertBed) -> Finding {
        var finding = bed.finding(outcome)
        finding.verdict.phase = .onset
        return finding
    }

    @Test("Each step down is told, of the way up only the first step, and the release")
    func raise() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        #expect(composer.tell(.granted(bed.order(), lease: 7), frame: bed.frame)?.id == .throttleApplied)
        let steps = [0.35, 0.2, 0.28, 0.36, 0.44, 0.2, 0.28]
        let told = steps.map { composer.tell(step($0, bed), frame: bed.frame) != nil }
        #expect(told == [true, true, true, false, false, true, true])
        let end = LeaseEvent.released(HoldKey(bed.identity(1), .cpu), name: "batch-7", lease: 7, .calm)
        #expect(composer.tell(end, frame: bed.frame)?.id == .throttleReleased)
    }

    @Test("The onset of what a VM does to itself is left out with its end, and told once somebody else is to blame")
    func ownDoing() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        let onset = bed.verdict(.onset)
        let own = composer.alerts(
            verdicts: [onset],
            findings: [finding(.selfInflicted(.ownDemand), bed)],
            frame: bed.frame
        )
        #expect(own.map(\.id) == [.selfInflicted])
        #expect(composer.alerts(verdicts: [bed.verdict(.cleared)], findings: [], frame: bed.frame).isEmpty)

        let blamed = composer.alerts(
            verdicts: [onset],
            findings: [finding(.blamed(VMSlot(1)), bed)],
            frame: bed.frame
        )
        #expect(blamed.map(\.id) == [.victimOnset, .culpritNamed])
        let end = composer.alerts(verdicts: [bed.verdict(.cleared)], findings: [], frame: bed.frame)
        #expect(end.map(\.id) == [.victimCleared])
    }

    @Test("That a VM suffers from Quell's own hold is not told")
    func held() {
        let bed = AlertBed()
        var composer = AlertComposer(rules: [bed.rule])
        let alerts = composer.alerts(
            verdicts: [bed.verdict(.onset)],
            findings: [finding(.selfInflicted(.held), bed)],
            frame: bed.frame
        )
        #expect(alerts.isEmpty)
    }
}
