import Signals
import Testing

@testable import Reporting

@Suite("Alert gate")
struct AlertGateTests {
    private func alert(_ id: MessageID = .victimOnset, vm: String = "v", text: String) -> Alert {
        Alert(id, .warning, text, [.vmUUID: vm])
    }

    private func time(_ seconds: Double) -> MonotonicTime { MonotonicTime(seconds: seconds) }

    @Test("The same text of the same VM is told once within its time, then again")
    func repeats() {
        var gate = AlertGate()
        #expect(gate.admits(alert(text: "x"), at: time(0)) == true)
        #expect(gate.admits(alert(text: "x"), at: time(29.9)) == false)
        #expect(gate.admits(alert(vm: "w", text: "x"), at: time(29.9)) == true)
        #expect(gate.admits(alert(text: "x"), at: time(30)) == true)
    }

    @Test("One kind of one VM is held to its burst and its rate; other kinds and VMs are not touched")
    func perStream() {
        var gate = AlertGate()
        let told = (0..<10).filter { gate.admits(alert(text: "\($0)"), at: time(1)) }
        #expect(told == [0, 1, 2, 3, 4])
        #expect(gate.admits(alert(.victimCleared, text: "c"), at: time(1)) == true)
        #expect(gate.admits(alert(vm: "w", text: "d"), at: time(1)) == true)
        #expect(gate.admits(alert(text: "e"), at: time(60)) == false)
        #expect(gate.admits(alert(text: "f"), at: time(61)) == true)
        #expect(gate.admits(alert(text: "g"), at: time(61)) == false)
        #expect(gate.leftOutInAll == 7)
    }

    @Test("All together are held to the total burst and rate")
    func overall() {
        var gate = AlertGate()
        let told = (0..<300).count { gate.admits(alert(vm: "\($0)", text: "x"), at: time(1)) }
        #expect(told == 200)
        let later = (300..<400).count { gate.admits(alert(vm: "\($0)", text: "x"), at: time(3)) }
        #expect(later == 10)
    }

    @Test("Releases, failures and what the daemon says of itself are told however many there are")
    func alwaysTold() {
        var gate = AlertGate()
        for index in 0..<500 { _ = gate.admits(alert(vm: "\(index)", text: "x"), at: time(1)) }
        for id in [MessageID.throttleReleased, .actionFailed, .handedOver, .throttleApplied, .libvirtLost] {
            for _ in 0..<50 { #expect(gate.admits(alert(id, text: "same"), at: time(1)) == true) }
        }
        #expect(gate.leftOut[.throttleReleased] == nil)
    }

    @Test("What was left out is told once in a while, by kind, and counted anew")
    func summary() {
        var gate = AlertGate()
        #expect(gate.summary(at: time(0)) == nil)
        for _ in 0..<4 { _ = gate.admits(alert(text: "x"), at: time(1)) }
        for _ in 0..<3 { _ = gate.admits(alert(.suspectOnset, text: "x"), at: time(1)) }
        #expect(gate.summary(at: time(59)) == nil)
        let summary = gate.summary(at: time(60))
        #expect(summary?.id == .alertsSuppressed)
        #expect(
            summary?.text == "5 alerts were left out in the last 60 s: 3 victim-onset, 2 suspect-onset"
        )
        #expect(summary?[.count] == "5")
        #expect(gate.summary(at: time(180)) == nil)
        #expect(gate.leftOutInAll == 5)
    }

    @Test("A clock that goes back gives no tokens and breaks nothing")
    func clockBack() {
        var gate = AlertGate()
        for index in 0..<5 { #expect(gate.admits(alert(text: "\(index)"), at: time(100)) == true) }
        #expect(gate.admits(alert(text: "a"), at: time(50)) == false)
        #expect(gate.admits(alert(text: "b"), at: time(100)) == false)
    }

    @Test("The table of streams stays bounded, and idle ones make room")
    func bounded() {
        var limits = AlertGate.Limits()
        limits.streams = 10
        limits.totalBurst = 1_000
        var gate = AlertGate(limits: limits)
        for index in 0..<50 { #expect(gate.admits(alert(vm: "\(index)", text: "x"), at: time(1)) == true) }
        #expect(gate.admits(alert(vm: "49", text: "x"), at: time(1)) == true, "beyond the table only the total counts")
        #expect(gate.admits(alert(vm: "9", text: "x"), at: time(1)) == false)
        #expect(gate.admits(alert(vm: "new", text: "x"), at: time(400)) == true)
        #expect(gate.admits(alert(vm: "new", text: "x"), at: time(400)) == false)
    }
}
