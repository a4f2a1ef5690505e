import Enforcement
import Libvirt
import Signals
import Testing

@testable import QuellRuntime

@Suite("What an audit finds about a VM by itself")
struct AuditVMTests {
    private func report(_ change: (inout AuditVM) -> Void) -> AuditReport {
        AuditBed.report(AuditBed.host([AuditBed.vm(1, change)]))
    }

    @Test("Nothing, where all is in place")
    func nothing() {
        let report = report { _ in }
        #expect(report.findings.isEmpty && report.notKnown.isEmpty && report.exitCode == 0)
        #expect(report.description.hasPrefix("1 VMs; nothing found; 0 not known"))
    }

    @Test("Of a VM that cannot be described nothing is a pass")
    func unread() {
        let facts = AuditBed.host { facts in
            facts.unread = [AuditFacts.Unread(uuid: VMUUID(high: 0, low: 9), why: "it hangs")]
        }
        let report = AuditBed.report(facts)
        #expect(Set(report.gapIDs) == Set(AuditCheck.ofVM.map(\.rawValue)))
        #expect(report.notKnown.allSatisfy { $0.why == "it hangs" } && report.exitCode == 2)
    }

    @Test("A tenant: none, several, one; a hostile name of one cannot forge a line")
    func tenant() {
        let none = report { $0.tenant = .unknown }
        #expect(none.ids == ["vm-untenanted"] && none.exitCode == 1)
        let two = report { $0.tenant = .conflicting(["a", "b\n\u{1B}[31m"]) }
        #expect(two.ids == ["vm-of-several-tenants"])
        #expect(two.findings[0].evidence == "its metadata names 2 tenants: a, \"b\\u{a}\\u{1b}[31m\"")
        #expect(report { $0.tenant = .known("c") }.ids.isEmpty)
    }

    @Test(
        "CPU: a quota below all of a CPU's time or an own weight is a limit; a quota of all of it is none",
        arguments: [
            (nil, nil, true), (VCPUQuota(period: 100_000, quota: nil), nil, true),
            (VCPUQuota(period: 100_000, quota: 99_999), nil, false),
            (VCPUQuota(period: 100_000, quota: 100_000), nil, true),
            (VCPUQuota(period: 100_000, quota: 400_000), nil, true),
            (nil, 100, true), (nil, 99, false), (nil, 1_024, false),
        ] as [(VCPUQuota?, UInt64?, Bool)]
    )
    func cpu(quota: VCPUQuota?, shares: UInt64?, isFound: Bool) {
        let report = report {
            $0.quota = quota
            $0.shares = shares
        }
        #expect(report.ids == (isFound ? ["cpu-unlimited"] : []))
        // A notice: worth a look, and no failure.
        #expect(report.exitCode == 0)
    }

    @Test("CPU: a quota of the whole domain is a limit; on cgroup v1 the usual weight is another")
    func cpuElsewhere() {
        let whole = report {
            $0.quota = nil
            $0.safeguards.insert(.globalQuota)
        }
        #expect(whole.ids.isEmpty)
        var facts = AuditBed.host([
            AuditBed.vm(1) {
                $0.quota = nil
                $0.shares = 1_024
            }
        ])
        facts.usualShares = 1_024
        #expect(AuditBed.report(facts).ids == ["cpu-unlimited"])
    }

    @Test("Disks: one without limits is named, and the remedy names it for a shell")
    func disks() throws {
        let report = report { vm in
            vm.disks = [
                AuditVM.Disk(target: "vda", isLimited: true), AuditVM.Disk(target: "v'b;reboot", isLimited: false),
            ]
        }
        #expect(report.ids == ["disk-unlimited"] && report.exitCode == 1)
        let finding = try #require(report.findings.first)
        #expect(finding.evidence == "no <iotune> on \"v'b;reboot\"")
        #expect(finding.remedy.contains(#"'v'\''b;reboot' --total-bytes-sec"#))
        #expect(self.report { $0.disks = [] }.ids.isEmpty)
    }

    @Test("Disks: where limits are set on devices of the host, it cannot be told whose disks they cover")
    func deviceLimits() {
        let report = report { vm in
            vm.disks[0].isLimited = false
            vm.safeguards.insert(.deviceLimits)
        }
        #expect(report.ids.isEmpty && report.gapIDs == ["disk-unlimited"] && report.exitCode == 2)
    }

    @Test(
        "Interfaces: both directions are to be limited",
        arguments: [
            ([.filter], "no <bandwidth> on vnet1"), ([.filter, .inbound], "no <bandwidth> on \"vnet1 (outbound)\""),
            ([.filter, .outbound], "no <bandwidth> on \"vnet1 (inbound)\""), ([.filter, .inbound, .outbound], nil),
        ] as [(InterfaceSafeguards, String?)]
    )
    func bandwidth(safeguards: InterfaceSafeguards, evidence: String?) {
        let report = report { $0.interfaces[0].safeguards = safeguards }
        #expect(report.ids == (evidence == nil ? [] : ["network-unlimited"]))
        #expect(report.findings.first?.evidence == evidence)
    }

    @Test(
        "Interfaces: one without a filter is found; of a port of a virtual switch it cannot be told; none is no finding"
    )
    func filter() {
        let bare = report { $0.interfaces[0].safeguards.remove(.filter) }
        #expect(bare.ids == ["interface-unfiltered"])
        #expect(bare.findings.first?.remedy.hasPrefix("<filterref filter='clean-traffic'/>") == true)
        let switched = report { vm in
            var port = DomainDescription.Interface(device: "vnet7", kind: "bridge", port: "openvswitch")
            port.safeguards = [.inbound, .outbound]
            vm.interfaces = [port]
        }
        #expect(switched.ids.isEmpty && switched.gapIDs == ["interface-unfiltered"] && switched.exitCode == 2)
        #expect(report { $0.interfaces = [] }.ids.isEmpty)
    }

    @Test("Firmware: no UEFI, UEFI that starts anything, no TPM: each to know, and no failure")
    func firmware() {
        let bios = report { $0.safeguards = [.noPageSharing, .tpm] }
        #expect(bios.ids == ["secure-boot-off"] && bios.exitCode == 0)
        #expect(bios.findings.first?.evidence.contains("no UEFI") == true)
        let open = report { $0.safeguards = [.noPageSharing, .uefi, .tpm] }
        #expect(open.findings.map(\.evidence) == ["UEFI without <loader secure='yes'>"])
        #expect(report { $0.safeguards.remove(.tpm) }.ids == ["tpm-missing"])
    }

    @Test("Devices: a group of its own, shared with VFIO, with a driver of the host, with another VM, and no IOMMU")
    func devices() {
        let device = { (siblings: [AuditDevice.Sibling]) in
            AuditDevice(address: "0000:3b:00.0", siblings: .told(siblings))
        }
        let sibling = { (driver: String?) in AuditDevice.Sibling(address: "0000:3b:00.1", driver: driver) }
        #expect(report { $0.devices = [device([])] }.ids.isEmpty)
        #expect(report { $0.devices = [device([sibling("vfio-pci")])] }.ids.isEmpty)
        let shared = report { $0.devices = [device([sibling("snd_hda_intel")])] }
        #expect(shared.ids == ["device-not-isolated"] && shared.exitCode == 1)
        #expect(shared.findings[0].severity == .critical && shared.findings[0].part == "0000:3b:00.0")
        #expect(report { $0.devices = [device([sibling(nil)])] }.findings[0].evidence.hasSuffix("driven by nobody"))
        let both = report {
            $0.devices = [
                device([sibling("other")]), AuditDevice(address: "0000:3b:00.1", siblings: .told([])),
            ]
        }
        #expect(both.ids.isEmpty)
        let elsewhere = AuditBed.host([
            AuditBed.vm(1) { $0.devices = [device([sibling("vfio-pci")])] },
            AuditBed.vm(2) { $0.devices = [AuditDevice(address: "0000:3b:00.1", siblings: .told([]))] },
        ])
        #expect(AuditBed.report(elsewhere).findings.map(\.evidence).first?.hasSuffix("handed to another VM") == true)
        let bare = report { $0.devices = [AuditDevice(address: "0000:3b:00.0", siblings: .told([]), lacksIOMMU: true)] }
        #expect(bare.findings.first?.evidence == "0000:3b:00.0 is in no IOMMU group")
        let gone = report { $0.devices = [AuditDevice(address: "0000:3b:00.0", siblings: .untold("gone"))] }
        #expect(gone.ids.isEmpty && gone.gapIDs == ["device-not-isolated"] && gone.notKnown.first?.why == "gone")
    }

    @Test("What Quell itself holds a VM by is no safeguard of its own, and what Quell took from it for a while is")
    func leases() {
        let vm = AuditBed.vm(1)
        let identity = VMIdentity(uuid: vm.uuid, generation: 1)
        let lease = { (knob: Knob, before: Setting) in
            let order = HoldOrder(
                vm: identity,
                name: "vm-1",
                vcpus: 1,
                step: .throttle(0.5),
                term: 60,
                rule: "r",
                victim: identity,
                victimName: "v"
            )
            let now = Lease.Moment(wall: 0, boot: MonotonicTime(seconds: 1.0))
            return Lease(order: order, knob: knob, before: before, pending: before, now: now, bootID: "b")
        }
        var held = vm
        held.leaveOut(lease(.vcpuQuota, .quota(VCPUQuota(period: 100_000, quota: nil))))
        held.leaveOut(lease(.disk("vda"), .disk(DiskLimit())))
        held.leaveOut(lease(.transmit("vnet1"), .bandwidth(Bandwidth())))
        held.leaveOut(lease(.filter("vnet1"), .filter(nil)))
        held.leaveOut(lease(.disk("vdz"), .disk(DiskLimit(["total_bytes": 5]))))
        #expect(
            Set(AuditBed.report(AuditBed.host([held])).ids)
                == ["cpu-unlimited", "disk-unlimited", "network-unlimited", "interface-unfiltered"]
        )
        held.leaveOut(lease(.filter("vnet1"), .filter(.antiSpoof)))
        held.leaveOut(lease(.cpuShares, .shares(50)))
        #expect(Set(AuditBed.report(AuditBed.host([held])).ids) == ["disk-unlimited", "network-unlimited"])
    }
}
