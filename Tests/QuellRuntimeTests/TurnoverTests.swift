import Enforcement
import Foundation
import HostReaders
import Libvirt
import Reporting
import Sampling
import Signals
import Synchronization
import Systemd
import TestSupport
import Testing

@testable import QuellRuntime

@Suite("Turnover of a VM")
struct TurnoverTests {
    private let tree = FixtureTree()

    /// Keeps what it was sent.
    private final class Keeper: AlertSink {
        let alerts = Mutex<[Alert]>([])

        func send(_ alert: Alert) throws(SystemdError) { alerts.withLock { $0.append(alert) } }
    }

    init() {
        tree.write("30 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", to: "proc/self/mountinfo")
    }

    private var turnover: Turnover {
        var configuration = DaemonConfiguration()
        configuration.uri = "test:///default"
        configuration.runDirectory = tree.path + "/run/quell"
        configuration.stateDirectory = tree.path + "/var/lib/quell"
        return Turnover(configuration, roots: HostRoots(tree: tree.path), library: tree.path + "/no-library")
    }

    /// What libvirt's own test driver runs.
    private func running() async throws -> DomainDescription {
        let connection = LibvirtConnection(uri: "test:///default", watchesDomains: false)
        try await connection.connect()
        return try #require(try await connection.domains().first { $0.name == "test" })
    }

    private func refusal(_ request: Turnover.Request) async -> String? {
        do {
            _ = try await turnover.examine(request)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("A VM that runs is refused with a clear sentence, by name and by UUID")
    func runs() async throws {
        let uuid = try await running().uuid
        let sentence = "test still runs (running): shut it down first, with virsh shutdown \(uuid)"
        #expect(await refusal(Turnover.Request(vm: "test")) == sentence)
        #expect(await refusal(Turnover.Request(vm: uuid.description)) == sentence)
        #expect(await refusal(Turnover.Request(vm: uuid.description.uppercased())) == sentence)
    }

    @Test("A VM that libvirt does not know is looked for by what is given: both names give a clean bill")
    func gone() async throws {
        var request = Turnover.Request(vm: "web-1")
        request.uuid = "00000000-0000-0000-0000-000000000007"
        let report = try await turnover.examine(request)
        #expect(report.verdict == .clean && report.name == "web-1" && report.uuid == request.uuid)
        let half = try await turnover.examine(Turnover.Request(vm: "web-1"))
        #expect(half.verdict == .notKnown && half.exitCode == 2 && half.uuid == nil)
        tree.write("x", to: "var/lib/libvirt/qemu/nvram/web-1_VARS.fd")
        #expect(try await turnover.examine(request).verdict == .leftBehind)
    }

    @Test("A name that another VM has now is not looked for")
    func nameGivenAgain() async throws {
        tree.write("x", to: "var/lib/libvirt/qemu/nvram/test_VARS.fd")
        var request = Turnover.Request(vm: "00000000-0000-0000-0000-000000000007")
        request.name = "test"
        let report = try await turnover.examine(request)
        #expect(report.leftovers.isEmpty && report.verdict == .notKnown && report.name == nil)
        #expect(report.notKnown.map(\.kind) == ["files by name"])
    }

    @Test("Hostile names, bad UUIDs, volumes that are not its own, and a libvirt that does not answer are refused")
    func refusals() async throws {
        #expect(await refusal(Turnover.Request(vm: "../../etc"))?.contains("is no name of a VM") == true)
        var request = Turnover.Request(vm: "web-1")
        request.uuid = "x\u{1B}"
        #expect(await refusal(request) == "\"x\\u{1b}\" is no UUID")
        request.uuid = nil
        request.wipes = true
        request.volumes = ["/dev/sda"]
        #expect(await refusal(request) == "\"/dev/sda\" is no volume of this VM: nothing was wiped")
        var configuration = DaemonConfiguration()
        configuration.uri = "test:///nowhere.xml"
        do {
            _ = try await Turnover(configuration, roots: HostRoots(tree: tree.path))
                .examine(Turnover.Request(vm: "web-1"))
            Issue.record("libvirt did not answer")
        } catch {
            #expect(error.description.hasPrefix("libvirt must say that the VM does not run"))
        }
    }

    @Test("Leases of a daemon that is dead are read from its ledger; where there is none, nothing is made")
    func ledger() throws {
        var configuration = DaemonConfiguration()
        configuration.runDirectory = tree.path + "/run/quell"
        configuration.stateDirectory = tree.path + "/state"
        #expect(TurnoverHost.leases(configuration) == .told([]))
        #expect(HostDirectory.presence(of: configuration.stateDirectory) == .missing)
        tree.write("", to: "state/x")
        do {
            var ledger = try Ledger(directory: configuration.stateDirectory)
            let vm = VMIdentity(uuid: VMUUID(high: 0, low: 7), generation: 1)
            let order = HoldOrder(
                vm: vm,
                name: "web-1",
                vcpus: 1,
                step: .throttle(0.5),
                term: 60,
                rule: "r",
                victim: vm,
                victimName: "v"
            )
            let free = Setting.quota(VCPUQuota(period: 100_000, quota: nil))
            let now = Lease.Moment(wall: 0, boot: MonotonicTime(seconds: 1.0))
            let lease = Lease(order: order, knob: .vcpuQuota, before: free, pending: free, now: now, bootID: "b")
            _ = try ledger.write(opening: [lease])
            guard case .untold(let why) = TurnoverHost.leases(configuration) else {
                Issue.record("somebody holds the ledger")
                return
            }
            #expect(why.hasPrefix("no quelld answers, and the ledger cannot be read"))
        }
        guard case .told(let leases) = TurnoverHost.leases(configuration) else {
            Issue.record("nobody holds the ledger")
            return
        }
        #expect(leases.map(\.uuid) == ["00000000-0000-0000-0000-000000000007"])
    }

    @Test("Limits of a GPU that are not the usual ones, by NVML")
    func gpu() throws {
        let address = "0000:3b:00.0"
        let stand = try ScriptedNVML(
            "gpu \(address)\nlimit 300000 100000 400000 400000\nclocks 2619 1980 1980 1500\n"
        )
        let desk = GPUDesk(roots: HostRoots(tree: stand.root), library: stand.library)
        #expect(TurnoverHost.limits(of: "0000:99:00.0", desk) == .untold("the host has no GPU at 0000:99:00.0"))
        try stand.place("0000:3b:00.0", driver: "vfio-pci")
        guard case .untold(let why) = TurnoverHost.limits(of: "0000:3b:00.0", desk) else {
            Issue.record("NVML does not see it")
            return
        }
        #expect(why.contains("bound to vfio-pci"))
        try stand.place(address, driver: "nvidia")
        let power = TurnoverLimit(
            what: "power limit 300 W, usually 400 W",
            remedy: "nvidia-smi -i 0000:3b:00.0 -pl 400"
        )
        #expect(TurnoverHost.limits(of: address, desk) == .told([power]))
        try desk.with(address) { session, device throws(GPUFailure) in
            try changed { () throws(NVMLError) in
                try session.nvml.setPowerLimit(400_000, of: device)
                try session.nvml.setApplicationClocks(NVMLClocks(memory: 2_619, graphics: 1_500), of: device)
            }
        }
        let clocks = TurnoverLimit(
            what: "clocks 2619,1500 MHz, usually 2619,1980 MHz",
            remedy: "nvidia-smi -i 0000:3b:00.0 -rac"
        )
        #expect(TurnoverHost.limits(of: address, desk) == .told([clocks]))
    }

    @Test("Memory of a GPU that is in use while no VM has it: above what an idle driver may keep, not at it")
    func gpuMemory() throws {
        let address = "0000:3b:00.0"
        let script = { (used: UInt64) in "gpu \(address)\nmemory 150754820096 1000 1000 \(used)\n" }
        let stand = try ScriptedNVML(script(TurnoverHost.idleMemory))
        try stand.place(address, driver: "nvidia")
        let desk = GPUDesk(roots: HostRoots(tree: stand.root), library: stand.library)
        #expect(TurnoverHost.limits(of: address, desk) == .told([]))
        try stand.write(script(TurnoverHost.idleMemory + (1 << 20)))
        let left = TurnoverLimit(
            what: "1025 MiB of its memory in use, and no VM has it",
            remedy: "nvidia-smi -i 0000:3b:00.0 --gpu-reset"
        )
        #expect(TurnoverHost.limits(of: address, desk) == .told([left]))
    }

    @Test("A sign-off tells who, of what, and what was left; the text of a leftover cannot forge a line")
    func signOff() throws {
        var subject = TurnoverSubject()
        subject.uuid = VMUUID(high: 0, low: 7)
        subject.name = "web\n1"
        let left = TurnoverReport.Leftover(kind: "nvram", what: "/x", remedy: "rm -- /x")
        let keeper = Keeper()
        let report = TurnoverReport(subject, leftovers: [left], gaps: [], logs: [])
        let signed = try Turnover.signOff(report, to: keeper)
        #expect(signed.signedBy?.hasPrefix("uid ") == true && signed.verdict == .leftBehind)
        let alert = try #require(keeper.alerts.withLock { $0.first })
        #expect(alert.id == .turnoverSigned && alert.severity == .warning && alert.id.isAlwaysTold)
        #expect(alert[.by] == signed.signedBy && alert[.value] == "left behind" && alert[.reason] == "nvram: /x")
        #expect(alert[.vmUUID] == "00000000-0000-0000-0000-000000000007" && alert[.count] == "1")
        #expect(
            alert.text.hasPrefix("turnover of \"web\\u{a}1\" signed off by ")
                && alert.text.hasSuffix(": left behind, 1 left")
        )
        _ = try Turnover.signOff(TurnoverReport(subject, leftovers: [], gaps: [], logs: []), to: keeper)
        #expect(keeper.alerts.withLock { $0.last?.severity } == .info)
    }

    @Test("Its text and its JSON")
    func formats() throws {
        var subject = TurnoverSubject()
        subject.uuid = VMUUID(high: 0, low: 7)
        subject.name = "web-1"
        let report = TurnoverReport(
            subject,
            leftovers: [TurnoverReport.Leftover(kind: "nvram", what: "/x", remedy: "rm -- /x")],
            gaps: [TurnoverReport.Gap(kind: "lease", why: "locked")],
            volumes: [TurnoverReport.Volume(target: "vda", source: "/img/a\u{1B}", wiped: nil)],
            logs: ["/var/log/libvirt/qemu/web-1.log"]
        )
        #expect(
            report.description == """
                LEFT BEHIND  WHAT  TO REMOVE IT
                nvram        /x    rm -- /x

                NOT KNOWN  WHY
                lease      locked

                DISK  VOLUME        STATE
                vda   /img/a\\u{1b}  not wiped

                LOGS, WHICH ARE NOT JUDGED
                /var/log/libvirt/qemu/web-1.log

                web-1, 00000000-0000-0000-0000-000000000007: left behind
                """
        )
        let text = try report.json
        #expect(try JSONDecoder().decode(TurnoverReport.self, from: Data(text.utf8)) == report)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["uuid", "name", "verdict", "leftovers", "notKnown", "volumes", "logs"])
        #expect(object["verdict"] as? String == "left behind")
    }
}
