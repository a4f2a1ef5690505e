import Libvirt
import Signals
import Systemd

/// What is judged of each VM by itself.
extension AuditJudge {
    /// Judges a VM.
    mutating func judge(_ vm: AuditVM) {
        judgeOwner(vm)
        judgeCPU(of: vm)
        judgeDisks(of: vm)
        judgeInterfaces(of: vm)
        for device in vm.devices { judge(device, of: vm) }
        judgeFirmware(of: vm)
    }

    private mutating func judgeOwner(_ vm: AuditVM) {
        switch vm.tenant {
        case .known: break
        case .unknown:
            find(
                .vmUntenanted,
                vm.subject,
                "its metadata names no tenant",
                remedy: "virsh metadata \(vm.uuid) --uri urn:quell:vm:1 --key quell --live --config "
                    + "--set \"<vm tenant='NAME'/>\""
            )
        case .conflicting(let names):
            find(
                .vmOfSeveralTenants,
                vm.subject,
                "its metadata names \(names.count) tenants: \(Self.list(names))",
                remedy: "virsh metadata \(vm.uuid) --uri urn:quell:vm:1 --key quell --live --config "
                    + "--set \"<vm tenant='NAME'/>\", with the name or UUID of its one tenant"
            )
        }
    }

    private mutating func judgeCPU(of vm: AuditVM) {
        if vm.safeguards.contains(.globalQuota) { return }
        // A vCPU is one thread: a quota of its whole time, or more, takes nothing from it.
        if let share = vm.quota?.share, share < 1 { return }
        if let shares = vm.shares, shares != facts.usualShares { return }
        var evidence = vm.quota?.share == nil ? "no quota" : "a quota of all of a CPU's time"
        evidence += vm.shares == nil ? " and no CPU weight" : " and the usual CPU weight, \(facts.usualShares)"
        find(
            .cpuUnlimited,
            vm.subject,
            evidence,
            remedy: "virsh schedinfo \(vm.uuid) --live --config --set vcpu_quota=90000"
        )
    }

    private mutating func judgeDisks(of vm: AuditVM) {
        let bare = vm.disks.filter { !$0.isLimited }.map(\.target)
        guard let first = bare.first else { return }
        if vm.safeguards.contains(.deviceLimits) {
            let why = "blkiotune limits devices of the host, and whether \(Self.list(bare)) lie on them is not told"
            miss(.diskUnlimited, vm.subject, why: why)
            return
        }
        find(
            .diskUnlimited,
            vm.subject,
            "no <iotune> on \(Self.list(bare))",
            remedy: "virsh blkdeviotune \(vm.uuid) \(Self.quoted(first)) --total-bytes-sec 104857600 "
                + "--total-iops-sec 2000 --live --config"
        )
    }

    private mutating func judgeInterfaces(of vm: AuditVM) {
        let open = vm.interfaces.filter { !$0.safeguards.isSuperset(of: [.inbound, .outbound]) }
        if let first = open.first {
            let parts = open.map { interface in
                switch (interface.safeguards.contains(.inbound), interface.safeguards.contains(.outbound)) {
                case (false, false): interface.device
                case (true, _): interface.device + " (outbound)"
                case (false, true): interface.device + " (inbound)"
                }
            }
            find(
                .networkUnlimited,
                vm.subject,
                "no <bandwidth> on \(Self.list(parts))",
                remedy: "virsh domiftune \(vm.uuid) \(Self.quoted(first.device)) --inbound 125000 --outbound 125000 "
                    + "--live --config"
            )
        }
        let unfiltered = vm.interfaces.filter { !$0.safeguards.contains(.filter) }
        // libvirt takes no filter there: the switch has rules of its own.
        let switched = unfiltered.filter { $0.port == "openvswitch" || $0.kind == "vhostuser" }.map(\.device)
        if !switched.isEmpty {
            let why = "the rules of the virtual switch for \(Self.list(switched)) are not read"
            miss(.interfaceUnfiltered, vm.subject, why: why)
        }
        let bare = unfiltered.filter { $0.port != "openvswitch" && $0.kind != "vhostuser" }.map(\.device)
        if !bare.isEmpty {
            find(
                .interfaceUnfiltered,
                vm.subject,
                "no <filterref> on \(Self.list(bare))",
                remedy: "<filterref filter='clean-traffic'/> in the <interface>, with virsh edit \(vm.uuid)"
            )
        }
    }

    private mutating func judge(_ device: AuditDevice, of vm: AuditVM) {
        let remedy =
            "hand the whole group to one VM, or give the others of it to vfio-pci: "
            + "driverctl set-override ADDRESS vfio-pci"
        if device.lacksIOMMU {
            find(
                .deviceNotIsolated,
                vm.subject,
                part: device.address,
                "\(device.address) is in no IOMMU group",
                remedy: "boot with intel_iommu=on or amd_iommu=on, and the IOMMU switched on in the firmware"
            )
            return
        }
        switch device.siblings {
        case .untold(let why): miss(.deviceNotIsolated, vm.subject, part: device.address, why: why)
        case .told(let siblings):
            let own = Set(vm.devices.map(\.address))
            let others = facts.vms.filter { $0.uuid != vm.uuid }.flatMap { $0.devices.map(\.address) }
            let foreign = siblings.compactMap { sibling -> String? in
                if own.contains(sibling.address) { return nil }
                if others.contains(sibling.address) { return sibling.address + ", handed to another VM" }
                if sibling.driver?.contains("vfio") ?? false { return nil }
                return "\(sibling.address), driven by \(sibling.driver ?? "nobody")"
            }
            guard !foreign.isEmpty else { return }
            let shown = foreign.prefix(4).map { PlainText.line($0, limit: 80) }.joined(separator: "; ")
            let more = foreign.count > 4 ? " and \(foreign.count - 4) more" : ""
            find(
                .deviceNotIsolated,
                vm.subject,
                part: device.address,
                "the IOMMU group of \(device.address) also holds \(shown)\(more)",
                remedy: remedy
            )
        }
    }

    private mutating func judgeFirmware(of vm: AuditVM) {
        if !vm.safeguards.contains(.secureBoot) {
            let evidence =
                vm.safeguards.contains(.uefi)
                ? "UEFI without <loader secure='yes'>" : "no <os firmware='efi'>, so no UEFI"
            find(
                .secureBootOff,
                vm.subject,
                evidence,
                remedy: "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/></firmware>"
            )
        }
        if !vm.safeguards.contains(.tpm) {
            find(
                .tpmMissing,
                vm.subject,
                "no <tpm>",
                remedy: "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm> in <devices>"
            )
        }
    }
}
