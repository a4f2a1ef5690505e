import Enforcement
import Exposition
import Policy
import Reporting
import Signals
import Testing

@testable import QuellRuntime

@Suite("What is told to whoever scrapes")
struct MetricsPictureTests {
    private func text(_ picture: MetricsPicture, _ format: ExpositionFormat = .openMetrics) throws -> MetricsText {
        var writer = ExpositionWriter(format)
        picture.write(into: &writer)
        return try MetricsText(writer.finish(), format)
    }

    private func vm(_ number: Int) -> VMIdentity {
        VMIdentity(uuid: VMUUID(high: 7, low: UInt64(number)), generation: 1)
    }

    private func picture(_ frame: Frame) -> MetricsPicture {
        MetricsPicture(
            snapshot: MonitorSnapshot(frame: frame, verdicts: [], findings: [], policy: PolicySet()),
            now: MonotonicTime(seconds: 100)
        )
    }

    @Test("On a host with a noisy VM: who is hurt, by whom, who is held and how, beside every reading")
    func noisy() async throws {
        try await ControlDesk.inDirectory { directory in
            let desk = try await ControlDesk(mode: .enforce, in: directory) { policy in
                policy.rules = (try? PolicySource(named: [], directory: "/nonexistent").load().rules) ?? []
            }
            for second in 1_002..<1_064 { await desk.answers.monitor.tick(at: MonotonicTime(seconds: Double(second))) }
            #expect(await desk.ask(HoldReport.self, desk.hold("labs-batch", "50%")) != nil)
            var picture = MetricsPicture(
                snapshot: await desk.answers.monitor.snapshot(detached: true),
                now: HostClock.now().advanced(bySeconds: 60)
            )
            picture.leases = await desk.answers.enforcer.leases
            let text = try text(picture)
            #expect(text.value("quell_vms") == 8 && text.of("quell_vm_info").count == 8)
            #expect(text.value("quell_vm_cpu_usage_cores", ["vm": "labs-batch", "tenant": "labs"]) ?? 0 > 2)
            #expect(text.value("quell_vm_hurt", ["vm": "shop-web-1", "contention": "cpu", "outcome": "blamed"]) == 1)
            #expect(text.value("quell_vm_blamed_victims", ["vm": "labs-batch", "contention": "cpu"]) ?? 0 >= 1)
            #expect(
                text.value("quell_vm_rule_firing", ["vm": "shop-web-1", "rule": "cpu-starved", "role": "victim"]) == 1
            )
            #expect(text.value("quell_vm_held", ["vm": "labs-batch", "step": "50%", "origin": "person"]) == 1)
            let age = try #require(text.value("quell_vm_hold_age_seconds", ["vm": "labs-batch", "contention": "cpu"]))
            #expect(age >= 59 && age < 600)
            #expect(text.value("quell_leases") == 1 && text.value("quell_leases_owed") == 0)
            #expect(text.value("quell_enforcing") == 1 && text.value("quell_ticks_total") == 63)
            picture.now = picture.now.advanced(bySeconds: 3_600)
            #expect(try self.text(picture).value("quell_leases_owed") == 1)
        }
    }

    @Test("The daemon's own state is told, and what is not known is left out")
    func daemon() throws {
        var picture = picture(Frame(hostCPUs: 4))
        var text = try text(picture)
        #expect(text.value("quell_build_info", ["version": QuellVersion.text]) == 1)
        #expect(text.value("quell_enforcing") == 0 && text.value("quell_disarmed") == 0)
        #expect(text.value("quell_libvirt_up") == 1)
        #expect(text.of("quell_last_tick_age_seconds").isEmpty && text.of("quell_tick_lag_p99_seconds").isEmpty)
        picture.isDisarmed = true
        picture.isConnected = false
        picture.lastTick = MonotonicTime(seconds: 97)
        picture.lags = TickLags.Summary(ticks: 9, median: 0.001, p99: 0.002, worst: 0.003)
        picture.damagedRecords = 2
        picture.overdue = ["nvml": 0, "a \"b\"\n": 12]
        picture.observable = [.cpuUsage: 1, .gpuPower: 0]
        picture.findings = [.init(id: "disk-unlimited", severity: .warning): 4]
        picture.gaps = [.init(id: "ksm", severity: .notice): 1]
        text = try self.text(picture)
        #expect(text.value("quell_disarmed") == 1 && text.value("quell_libvirt_up") == 0)
        #expect(text.value("quell_last_tick_age_seconds") == 3)
        #expect(text.value("quell_tick_lag_p99_seconds") == 0.002 && text.value("quell_tick_lag_max_seconds") == 0.003)
        #expect(text.value("quell_ledger_damaged_records") == 2)
        #expect(text.value("quell_source_overdue_seconds", ["source": #"a "b"\u{a}"#]) == 12)
        #expect(text.value("quell_signal_observable_ratio", ["signal": "gpu.power"]) == 0)
        #expect(text.value("quell_audit_findings", ["check": "disk-unlimited", "severity": "warning"]) == 4)
        #expect(text.value("quell_audit_gaps", ["check": "ksm", "severity": "notice"]) == 1)
        #expect(text.types["quell_build"] == "info" && text.types["quell_ticks"] == "counter")
        let plain = try self.text(picture, .plainText)
        #expect(plain.types["quell_build_info"] == "gauge" && plain.types["quell_ticks_total"] == "counter")
        #expect(plain.samples == text.samples)
    }

    @Test("A reading is told while it stands, old ones of libvirt only while it answers, and no other is")
    func qualities() throws {
        var frame = Frame(hostCPUs: 4)
        for (number, quality) in Quality.allCases.enumerated() {
            let slot = frame.place(VMRecord(identity: vm(number), name: "\(quality)"))
            for signal in [Signal.cpuUsage, .memRSS, .diskLatency] { frame[slot, signal] = Reading(3, quality) }
        }
        let owed = frame.place(VMRecord(identity: vm(9), name: "owed"))
        frame[owed, .libvirtLatency] = Reading(7)
        frame[owed, .diskLatency] = Reading(3, .stale)
        frame[owed, .memRSS] = Reading(3, .stale)
        var picture = picture(frame)
        let names = { (text: MetricsText, name: String) in Set(text.of(name).compactMap { $0.labels["vm"] }) }
        var told = try text(picture)
        #expect(names(told, "quell_vm_cpu_usage_cores") == ["ok", "stale"])
        #expect(names(told, "quell_vm_disk_latency_seconds") == ["ok", "stale"])
        #expect(names(told, "quell_vm_mem_rss_bytes") == ["ok", "stale", "owed"])
        picture.isConnected = false
        told = try text(picture)
        #expect(names(told, "quell_vm_disk_latency_seconds") == ["ok"])
        #expect(names(told, "quell_vm_mem_rss_bytes") == ["ok", "stale", "owed"])
    }

    @Test(
        "However VMs and tenants are called, the text is one that scrapers take",
        arguments: ExpositionFormat.allCases
    )
    func hostile(format: ExpositionFormat) throws {
        var frame = Frame(hostCPUs: 4)
        let names = [
            "", "a\"} 1\nquell_disarmed 1", "\u{0}\u{1b}[31m", "\\", "\\n\"", String(repeating: "é", count: 5_000),
            "# EOF\n", "\r\n", "{}=,", "\u{202e}txt",
        ]
        for (number, name) in names.enumerated() {
            var record = VMRecord(identity: vm(number), name: name, tenant: .known(name), workloadClass: name)
            record.running = true
            let slot = frame.place(record)
            frame[slot, .cpuUsage] = Reading(1)
        }
        let text = try text(picture(frame), format)
        #expect(text.of("quell_vm_cpu_usage_cores").count == names.count)
        #expect(text.of("quell_disarmed").map(\.value) == [0])
        for sample in text.samples {
            for label in sample.labels.values {
                #expect(label.unicodeScalars.count <= 140 && label.unicodeScalars.allSatisfy { $0 >= " " })
            }
        }
    }

    @Test("A VM and its start before, both in the frame, are told once: a scraper refuses a series that comes twice")
    func twice() throws {
        var frame = Frame(hostCPUs: 4)
        for generation in [1, 2] as [UInt64] {
            let identity = VMIdentity(uuid: VMUUID(high: 7, low: 7), generation: generation)
            let slot = frame.place(VMRecord(identity: identity, name: "a"))
            frame[slot, .cpuUsage] = Reading(1)
        }
        #expect(try text(picture(frame)).of("quell_vm_cpu_usage_cores").count == 1)
    }

    @Test("A thousand VMs with every signal: bounded, whole, and beyond the bound it is told how many are left out")
    func many() throws {
        var frame = Frame(hostCPUs: 64)
        for number in 0..<MetricsPicture.mostVMs + 5 {
            let record = VMRecord(
                identity: vm(number),
                name: "instance-\(number)",
                tenant: .known("tenant-\(number % 50)")
            )
            let slot = frame.place(record)
            guard number < 1_000 else { continue }
            for signal in Signal.allCases where signal.scope == .vm {
                frame[slot, signal] = Reading(1.0 / Double(number + 3))
            }
        }
        var writer = ExpositionWriter(.openMetrics)
        picture(frame).write(into: &writer)
        let signals = Signal.allCases.count { $0.scope == .vm }
        #expect(writer.samples > signals * 1_000 && writer.samples < signals * 1_000 + 4 * MetricsPicture.mostVMs)
        let bytes = writer.finish()
        #expect(bytes.count < 180 * 1_000 * signals)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\nquell_metrics_vms_left_out 5\n") && text.contains("\nquell_vms 2005\n"))
    }
}
