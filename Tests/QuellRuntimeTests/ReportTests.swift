import Enforcement
import Libvirt
import Sampling
import Signals
import Testing

@testable import QuellRuntime

@Suite("Reports")
struct ReportTests {
    private func identity(_ number: UInt64) -> VMIdentity {
        VMIdentity(uuid: VMUUID(high: 0, low: number), generation: 1)
    }

    private func lease(_ number: UInt64) -> Lease {
        let order = HoldOrder(
            vm: identity(number),
            name: "vm-\(number)",
            vcpus: 2,
            step: .throttle(0.5),
            term: 60,
            rule: "r",
            victim: identity(9),
            victimName: "victim"
        )
        let unlimited = Setting.quota(VCPUQuota(period: 100_000, quota: nil))
        let half = Setting.quota(VCPUQuota(period: 100_000, quota: 50_000))
        let now = Lease.Moment(wall: 0, boot: MonotonicTime(seconds: 100))
        var lease = Lease(order: order, knob: .vcpuQuota, before: unlimited, pending: half, now: now, bootID: "b")
        (lease.id, lease.hold) = (number, number)
        return lease
    }

    @Test("A release tells who was let go, who was left alone, what failed and what is still held")
    func release() {
        let report = ReleaseReport(
            [
                .released(HoldKey(identity(1), .cpu), name: "vm-1", lease: 1, .operatorRequest),
                .handedOver(HoldKey(identity(2), .cpu), name: "vm-2", lease: 2, found: "30000/100000 µs"),
                .failed(HoldKey(identity(3), .cpu), name: "vm-3", "libvirt does not answer"),
            ],
            open: [lease(3)],
            watched: []
        )
        #expect(report.released == ["vm-1"])
        #expect(report.handedOver == ["vm-2 (30000/100000 µs)"])
        #expect(report.failed == ["vm-3: libvirt does not answer"])
        #expect(report.stillHeld == 1 && report.leasesLeft == 1)
        #expect(report.description.contains("FAILED vm-3"))
    }

    @Test("Several leases of one hold are one VM that is still held; one that is held over two things is let go once")
    func leasesOfAHold() {
        var second = lease(4)
        second.hold = 3
        let report = ReleaseReport(
            [
                .released(HoldKey(identity(1), .cpu), name: "vm-1", lease: 1, .operatorRequest),
                .released(HoldKey(identity(1), .disk), name: "vm-1", lease: 2, .operatorRequest),
            ],
            open: [lease(3), second, lease(5)],
            watched: [lease(5)]
        )
        #expect(report.released == ["vm-1"] && report.watched == ["vm-5"])
        #expect(report.stillHeld == 1 && report.leasesLeft == 2)
        #expect(report.description.hasSuffix("1 still held, 2 leases open; see quell leases"))
    }

    @Test("A lease that is only watched is told as released, not as held or failed")
    func watched() {
        let report = ReleaseReport(
            [.failed(HoldKey(identity(3), .cpu), name: "vm-3", "it is watched")],
            open: [lease(3)],
            watched: [lease(3)]
        )
        #expect(report.failed.isEmpty)
        #expect(report.stillHeld == 0)
        #expect(report.description.contains("released vm-3"))
    }

    @Test("Nothing to do is said in so many words")
    func nothing() {
        let report = ReleaseReport([], open: [], watched: [])
        #expect(report.isEmpty)
        #expect(report.description == "nobody is held")
        #expect(LeaseReport.table([]) == "no leases: nobody is held")
    }

    @Test("A hold is told with what it replaces, when it ends and how to undo it; one past its end owes an undo")
    func leases() throws {
        let frame = Frame(hostCPUs: 2)
        let now = MonotonicTime(seconds: 130)
        let running = try #require(LeaseReport.all([lease(1)], in: frame, now: now).first)
        #expect(running.remaining == 30)
        #expect(running.changes.map(\.before) == ["unlimited"])
        #expect(running.changes.map(\.set) == ["50000/100000 µs, under way"])
        #expect(running.victim == identity(9).uuid.description)
        #expect(running.undo == "quell release \(identity(1).uuid)")
        let over = LeaseReport.all([lease(1)], in: frame, now: MonotonicTime(seconds: 161))
        #expect(over.map(\.remaining) == [nil])
        #expect(LeaseReport.table(over).contains("undo owed"))
    }

    @Test("Each hold is one entry with all of its leases, in order, and who asked for it")
    func holds() throws {
        var (disk, person) = (lease(7), lease(4))
        (disk.hold, disk.knob, disk.before) = (2, .disk("vda"), .disk(DiskLimit()))
        (disk.set, disk.pending, disk.step) = (.disk(DiskLimit(["total_bytes": 9])), nil, "35%")
        disk.changed.boot = MonotonicTime(seconds: 120)
        (person.origin, person.rule, person.victim, person.contention) = (.person, "alice: why", nil, .busLock)
        let reports = LeaseReport.all(
            [disk, person, lease(2)],
            in: Frame(hostCPUs: 2),
            now: MonotonicTime(seconds: 130)
        )
        #expect(reports.map(\.id) == [2, 4])
        #expect(reports[0].changes.map(\.lease) == [2, 7])
        #expect(reports[0].changes.map(\.knob) == ["vcpu-quota", "disk:vda"])
        #expect(reports[0].step == "35%" && reports[0].origin == "ladder" && reports[0].asker == "rule r")
        #expect(reports[1].contention == "bus-lock" && reports[1].victim == nil)
        #expect(reports[1].asker == "a person (alice: why)")
        let rows = LeaseReport.table(reports).split(separator: "\n").map(String.init)
        #expect(rows.count == 4)
        #expect(rows[1].hasPrefix("2 ") && rows[1].contains("quell release") && rows[1].contains("30 s"))
        #expect(rows[2].hasPrefix(" ") && rows[2].contains("disk:vda") && !rows[2].contains("quell release"))
        #expect(rows[3].contains("a person (alice: why)"))
    }

    @Test("The status shows who threw the kill switch and which windows are open, and neither where there is none")
    func status() {
        var report = StatusReport(
            version: "1",
            mode: "enforce",
            disarmed: nil,
            windows: [],
            vms: 3,
            hurt: [],
            blamed: [],
            leases: 5,
            holds: 2,
            ticks: 9,
            lastTickAge: 1,
            libvirt: true,
            rules: 4
        )
        #expect(report.description.contains("leases:  5 in 2 holds"))
        #expect(!report.description.contains("DISARMED") && !report.description.contains("windows:"))
        report.disarmed = "by root\nnow"
        report.windows = ["nights (observe)"]
        let lines = report.description.split(separator: "\n").map(String.init)
        #expect(lines[1] == "DISARMED, nobody is held until quell arm: by root\\u{a}now")
        #expect(lines.contains("windows: nights (observe) open now"))
    }

    @Test("The table says of whom libvirt does not answer; a short wait, an old one and none are not told")
    func silence() throws {
        let latencies = [Reading(4.9), Reading(5), Reading(99, .stale), .missing]
        for (latency, isTold) in zip(latencies, [false, true, false, false]) {
            var frame = Frame(hostCPUs: 2)
            let slot = frame.place(VMRecord(identity: identity(1), name: "x"))
            frame[slot, .libvirtLatency] = latency
            let policy = try PolicySource(named: [], directory: "").load()
            let snapshot = MonitorSnapshot(frame: frame, verdicts: [], findings: [], policy: policy)
            let text = VMReport.table([try #require(VMReport(slot, in: snapshot))])
            #expect(text.contains("no answer from libvirt for 5 s") == isTold, "\(text)")
        }
    }

    @Test("A table shows no control character of a VM's name")
    func controlCharacters() {
        let text = TextTable.text([["a\u{1b}[31m", "b\u{202e}"], ["longer", "c"]])
        #expect(!text.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e })
        #expect(text.split(separator: "\n").count == 2)
    }
}

@Suite("DomainTranslator")
struct DomainTranslatorTests {
    @Test("Exactly one tenant is known, none is unknown, several conflict")
    func tenants() {
        #expect(DomainTranslator.tenant([]) == .unknown)
        #expect(DomainTranslator.tenant(["a"]) == .known("a"))
        #expect(DomainTranslator.tenant(["a", "b"]) == .conflicting(["a", "b"]))
    }

    @Test("A VM may run unless it is paused, off, crashed or asleep", arguments: DomainPower.allCases)
    func power(power: DomainPower) {
        let halted: Set<DomainPower> = [.paused, .shutOff, .crashed, .suspended]
        #expect(power.mayRun == !halted.contains(power))
    }

    @Test("What libvirt did not tell is not made up, and disks that it missed are not told as none")
    func readings() {
        let vm = VMIdentity(uuid: VMUUID(high: 0, low: 1), generation: 1)
        var stats = DomainStats(uuid: vm.uuid)
        stats.missed = [.block]
        let now = MonotonicTime(seconds: 5)
        let empty = DomainTranslator.readings(stats, of: vm, asked: .block, at: now, wall: 100, latency: 0.5)
        #expect(empty.disks == nil)
        #expect(empty.balloonUsable == nil)
        #expect(empty.balloonAge == nil)
        #expect(empty.latency == 0.5)
        stats.missed = []
        #expect(DomainTranslator.readings(stats, of: vm, asked: .block, at: now, wall: 100, latency: 0.5).disks == [])
    }

    @Test("What was not asked for is not told as not there; vCPUs without counters are told as they are")
    func asked() {
        let vm = VMIdentity(uuid: VMUUID(high: 0, low: 1), generation: 1)
        var stats = DomainStats(uuid: vm.uuid)
        var vcpu = DomainStats.VCPU(index: 3)
        (vcpu.exits, vcpu.haltPolls, vcpu.interrupts) = (1, 2, 3)
        stats.vcpus = [vcpu, DomainStats.VCPU(index: 4)]
        let now = MonotonicTime(seconds: 5)
        let read = { (groups: StatsGroups) in
            DomainTranslator.readings(stats, of: vm, asked: groups, at: now, wall: 100, latency: nil)
        }
        #expect(read(.state) == SlowReadings(identity: vm, time: now))
        #expect(read(.block).disks == [])
        #expect(read(.vcpu).vcpus?.map(\.exits) == [1, nil])
        #expect(read(.vcpu).vcpus?.map(\.index) == [3, 4])
        #expect(read(.dirtyRate).dirtyRate == .missing)
        var rate = DomainStats.DirtyRate()
        (rate.isMeasured, rate.bytesPerSecond) = (false, 7)
        stats.dirtyRate = rate
        let unready = DomainTranslator.readings(stats, of: vm, asked: .dirtyRate, at: now, wall: 100, latency: nil)
        #expect(unready.dirtyRate == .missing)
    }

    @Test("The age of a balloon reading is never negative, also where the guest's clock is ahead")
    func balloonAge() {
        let vm = VMIdentity(uuid: VMUUID(high: 0, low: 1), generation: 1)
        var stats = DomainStats(uuid: vm.uuid)
        for (update, age) in [(UInt64(90), 10.0), (100, 0), (150, 0)] {
            var balloon = DomainStats.Balloon()
            balloon.lastUpdate = update
            balloon.usable = 4_096
            stats.balloon = balloon
            let now = MonotonicTime(seconds: 5)
            let readings = DomainTranslator.readings(stats, of: vm, asked: .block, at: now, wall: 100, latency: 0)
            #expect(readings.balloonAge == age)
            #expect(readings.balloonUsable == 4_096)
        }
    }
}
