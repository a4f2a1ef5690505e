import Attribution
import Signals
import Testing

@Suite("Use that others bring on: the host's own processes, and floods of packets")
struct BroughtOnTests {
    /// A host of 4 CPUs whose VM in row 2 turns noisy; its own processes use the given cores before and then.
    private func host(own calm: Double?, then noisy: Double?) -> Stage {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.also = Self.host(calm, used: 1.7)
        stage.play(40, use: [0.8, 0.5, 0.4], delay: 0.002)
        stage.also = Self.host(noisy, used: 3.95)
        stage.play(3, use: [0.7, 0.5, 2.75], delay: 0.3)
        return stage
    }

    private static func host(_ own: Double?, used: Double) -> (inout Frame) -> Void {
        { frame in
            guard let own else { return }
            frame[host: .hostCPUUsage] = Reading(own + used)
        }
    }

    @Test("where the host itself takes as much more, no VM is blamed")
    func hostItself() {
        let stage = host(own: 0.1, then: 2.2)
        #expect(stage.findings.first?.outcome == .nobody)
        #expect(stage.rejection(2) == .smallShare)
    }

    @Test("what the host's own processes always use excuses nobody")
    func steadyHost() {
        #expect(host(own: 2, then: 2).findings.first?.outcome == .blamed(VMSlot(2)))
        #expect(host(own: 2, then: 1).findings.first?.outcome == .blamed(VMSlot(2)))
    }

    @Test("seven tenths of the rise are enough to be blamed", arguments: [(0.9, true), (1.15, false)])
    func boundary(_ more: Double, _ isBlamed: Bool) {
        // The VM uses 2.35 cores more, and seven tenths are 2.35 of 3.36; readings wobble by a hundredth.
        let outcome = host(own: 0.1, then: 0.1 + more).findings.first?.outcome
        #expect((outcome == .blamed(VMSlot(2))) == isBlamed)
    }

    @Test("where it is not known what the host uses, or what one VM uses, it counts for nothing")
    func unknown() {
        #expect(host(own: nil, then: nil).findings.first?.outcome == .blamed(VMSlot(2)))
        #expect(host(own: 0.1, then: nil).findings.first?.outcome == .blamed(VMSlot(2)))
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4])
        stage.also = Self.host(0.1, used: 1.2)
        stage.play(40, use: [0.8, nil, 0.4], delay: 0.002)
        stage.also = Self.host(2.2, used: 3.45)
        #expect(stage.play(3, use: [0.7, nil, 2.75], delay: 0.3) == .blamed(VMSlot(2)))
    }

    @Test("VMs pinned to some CPUs are held against their part of what the host uses")
    func pinned() {
        // A quarter of the host's 8 CPUs: a quarter of 1.6 cores is far less than what the VM takes.
        var stage = Stage(cpus: 8, vcpus: [1, 1, 2])
        for row in 0..<3 { stage.frame[record: VMSlot(row)]?.scope.cpus = [0, 1] }
        stage.also = Self.host(0.1, used: 0.9)
        stage.play(40, use: [0.4, 0.3, 0.2], delay: 0.002)
        stage.also = Self.host(1.7, used: 1.95)
        #expect(stage.play(3, use: [0.35, 0.2, 1.4], delay: 0.3) == .blamed(VMSlot(2)))
    }

    /// A host whose VM in row 2 becomes busy while packets reach it, and the VM in row 3 sends.
    private func flood(
        received: Double?,
        answered: Double = 10,
        sent: Double = 2_000,
        heard: Double = 10,
        sender: Tenant = .known("b")
    ) -> Stage {
        var stage = Stage(cpus: 4, vcpus: [2, 2, 4, 1])
        for row in 0..<3 { stage.frame[record: VMSlot(row)]?.tenant = .known("a") }
        stage.frame[record: VMSlot(3)]?.tenant = sender
        stage.play(40, use: [0.8, 0.5, 0.4, 0.1], delay: 0.002)
        stage.also = { frame in
            if let received { frame[VMSlot(2), .netRxPackets] = Reading(received) }
            frame[VMSlot(2), .netTxPackets] = Reading(answered)
            frame[VMSlot(3), .netTxPackets] = Reading(sent)
            frame[VMSlot(3), .netRxPackets] = Reading(heard)
        }
        stage.play(3, use: [0.7, 0.5, 2.7, 0.1], delay: 0.3)
        return stage
    }

    @Test("who is kept busy by another tenant's packets is not to blame")
    func flooded() {
        let stage = flood(received: 2_000)
        #expect(stage.rejection(2) == .flooded)
        #expect(stage.findings.first?.outcome == .nobody)
        #expect(flood(received: 2_000, sender: .unknown).rejection(2) == .flooded)
    }

    @Test("who answers, hears few, or is sent them by its own tenant or by nobody here, is")
    func notFlooded() {
        for stage in [
            flood(received: 2_000, answered: 1_000), flood(received: 2_000, sent: 100),
            flood(received: 2_000, sent: 2_000, heard: 1_000), flood(received: 2_000, sender: .known("a")),
        ] {
            #expect(stage.findings.first?.outcome == .blamed(VMSlot(2)))
        }
    }

    @Test("500 packets a second, four times the answers, half of them from one", arguments: [true, false])
    func floodBoundary(_ isAt: Bool) {
        let least = isAt ? 500.0 : 499.9
        #expect((flood(received: least).rejection(2) == .flooded) == isAt)
        #expect((flood(received: 2_000, answered: isAt ? 500 : 500.1).rejection(2) == .flooded) == isAt)
        #expect((flood(received: 2_000, sent: isAt ? 1_000 : 999.9).rejection(2) == .flooded) == isAt)
    }

    @Test("packets that are not known excuse nobody")
    func floodUnknown() {
        #expect(flood(received: nil).findings.first?.outcome == .blamed(VMSlot(2)))
    }
}
