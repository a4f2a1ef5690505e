import Enforcement
import Foundation
import Policy
import Reporting
import Signals
import Testing

@testable import QuellRuntime

@Suite("quell hold")
struct ControlHoldTests {
    @Test("A person's hold acts in dry run, is shown with each change and its undo, and is let go again")
    func dryRun() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(in: directory)
            let report = try #require(await desk.ask(HoldReport.self, desk.hold("labs-batch", "50%")))
            #expect(desk.share(of: "labs-batch") == 0.5)
            #expect(report.hold.name == "labs-batch" && report.hold.contention == "cpu" && report.hold.step == "50%")
            #expect(report.hold.origin == "person" && report.hold.rule == "alice: too loud" && report.left.isEmpty)
            #expect(report.hold.changes.map(\.knob) == ["vcpu-quota"])
            #expect(report.hold.changes.map(\.before) == ["unlimited"])
            #expect((299...300).contains(report.hold.remaining ?? 0))
            #expect(
                report.description == """
                    labs-batch is held over cpu at 50%, ends in 300 s
                      vcpu-quota: unlimited → \(report.hold.changes[0].set)
                    undo: quell release \(report.hold.uuid)
                    """
            )
            let leases = try #require(await desk.ask([LeaseReport].self, ControlRequest(.leases)))
            #expect(leases.count == 1 && leases.first?.changes == report.hold.changes)
            let status = try #require(await desk.ask(StatusReport.self, ControlRequest(.status)))
            #expect(status.leases == 1 && status.holds == 1)
            #expect(desk.alerts.ids.contains(.throttleApplied))
            let release = try #require(
                await desk.ask(ReleaseReport.self, ControlRequest(.release, vm: report.hold.uuid))
            )
            #expect(release.released == ["labs-batch"] && release.stillHeld == 0 && release.leasesLeft == 0)
            #expect(desk.share(of: "labs-batch") == 1)
        }
    }

    @Test("A second order over the same thing changes the hold that there is, with what was there before both")
    func again() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(mode: .enforce, in: directory)
            let first = try #require(await desk.ask(HoldReport.self, desk.hold("labs-batch", "50%")))
            let second = try #require(await desk.ask(HoldReport.self, desk.hold("labs-batch", "25%")))
            #expect(second.hold.id == first.hold.id && second.hold.step == "25%")
            #expect(second.hold.changes.map(\.before) == ["unlimited"])
            #expect(desk.share(of: "labs-batch") == 0.25)
            let leases = try #require(await desk.ask([LeaseReport].self, ControlRequest(.leases)))
            #expect(leases.count == 1)
        }
    }

    @Test("What it is refused for is told in a sentence, and nothing is changed")
    func refusals() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(in: directory) { $0.protectedVMs = ["shop-web-1"] }
            #expect(await desk.refusal(desk.hold("nobody", "50%")) == "no VM of that name or UUID runs here")
            #expect(await desk.refusal(desk.hold("shop-web-1", "50%"))?.hasPrefix("the policy protects") == true)
            let step = await desk.refusal(desk.hold("labs-batch", "5%"))
            #expect(step == "how far? accepted: \(HoldStep.acceptedByHand)")
            let network = await desk.refusal(desk.hold("labs-batch", "50%", over: "network"))
            #expect(network?.hasPrefix("labs-batch is not held over network: ") == true, "\(network ?? "held")")
            #expect(await desk.refusal(desk.hold("labs-batch", "50%", over: "memory"))?.contains("can spare") == true)
            #expect(await desk.ask([LeaseReport].self, ControlRequest(.leases)) == [])
            #expect(desk.share(of: "labs-batch") == 1)
        }
    }

    @Test("While a job is under way on a VM it is not held")
    func job() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(job: "a job is under way on it (migration)", in: directory)
            #expect(
                await desk.refusal(desk.hold("labs-batch", "50%"))
                    == "labs-batch is not held: a job is under way on it (migration)"
            )
            #expect(desk.share(of: "labs-batch") == 1)
        }
    }
}

@Suite("What became of a person's hold")
struct HoldReportTests {
    private let vm = VMIdentity(uuid: VMUUID(high: 0, low: 1), generation: 1)

    private var order: HoldOrder {
        var order = HoldOrder(
            vm: vm,
            name: "web",
            vcpus: 2,
            contention: .disk,
            step: .throttle(0.5),
            term: 60,
            rule: "why",
            victim: nil,
            victimName: ""
        )
        order.origin = .person
        return order
    }

    private func lease(_ id: UInt64, _ knob: Knob, _ set: Setting?) -> Lease {
        var lease = Lease(
            order: order,
            knob: knob,
            before: .disk(DiskLimit()),
            pending: .disk(DiskLimit(["total_bytes": 1_000])),
            now: Lease.Moment(wall: 0, boot: MonotonicTime(seconds: 100)),
            bootID: "b"
        )
        (lease.id, lease.hold) = (id, 4)
        if let set { (lease.set, lease.pending) = (set, nil) }
        return lease
    }

    private func report(_ events: [LeaseEvent], _ leases: [Lease]) throws(ControlProblem) -> HoldReport {
        try HoldReport(
            events,
            order: order,
            leases: leases,
            frame: Frame(hostCPUs: 1),
            now: MonotonicTime(seconds: 110)
        )
    }

    private func refusal(_ events: [LeaseEvent], _ leases: [Lease] = []) -> String? {
        do throws(ControlProblem) {
            _ = try report(events, leases)
            return nil
        } catch {
            return error.error
        }
    }

    @Test("Every knob is shown with what it was and is, and what was left as it is with why")
    func several() throws {
        let limit = Setting.disk(DiskLimit(["total_bytes": 1_000]))
        let changes = ["disk:vda: unlimited → total_bytes=1000", "disk:vdb: it is set already over cpu"]
        let found = try report(
            [.granted(order, lease: 4, changes: changes)],
            [lease(5, .disk("vdc"), nil), lease(4, .disk("vda"), limit)]
        )
        #expect(
            found.description == """
                web is held over disk at 50%, ends in 50 s
                  disk:vda: unlimited → total_bytes=1000
                  disk:vdc: unlimited → total_bytes=1000, under way
                  left as it is: disk:vdb: it is set already over cpu
                undo: quell release \(vm.uuid)
                """
        )
    }

    @Test("Where it came to nothing the reason is told, and one that says nothing is no success")
    func nothing() {
        #expect(
            refusal([.failed(order.key, name: "web", "it has no disk")]) == "web is not held over disk: it has no disk"
        )
        #expect(refusal([])?.contains("something else is under way") == true)
        #expect(refusal([.wouldHold(order)])?.contains("something else is under way") == true)
        let foreign = LeaseEvent.handedOver(order.key, name: "web", lease: 4, found: "total_bytes=7")
        #expect(refusal([foreign])?.hasSuffix("somebody else set total_bytes=7, which is left alone") == true)
        #expect(
            refusal([.released(order.key, name: "web", lease: 4, .disarmed)])?.hasSuffix("(disarmed)") == true
        )
        #expect(refusal([.granted(order, lease: 4)]) == "web was held and let go again meanwhile")
        let other = HoldKey(vm, .cpu)
        #expect(refusal([.failed(other, name: "web", "x")])?.contains("under way") == true)
    }
}
