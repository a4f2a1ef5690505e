import Foundation

extension Scene {
    /// What `quell audit` finds: each finding that this host can be made to have comes, and goes once its own remedy was
    /// followed.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func auditedHost(_ report: inout Report) throws(BedError) {
        let file = bed.directory + "/audit.yaml"
        try Files.write("version: 1\n", to: file)
        let daemon = try Quelld(on: bed, name: "audit", policy: [file], arguments: ["--audit-every", "5"])
        let start = Moment.now
        try daemon.start()
        let isSummed = try seen(within: 30) { () throws(BedError) in
            try bed.journal.records(since: start).contains { $0.text.hasPrefix("the audit of this host: ") }
        }
        report.check(isSummed, "the first audit is summed up in the journal")

        let filter = try definePersonsFilter()
        let bare = try bed.boot([GuestSpec(label: "w1")])[0]
        try persist(bare)
        let ksm = Files.text("/sys/kernel/mm/ksm/run")
        let swap = bed.directory + "/swap"
        let stage = AuditStage(daemon: daemon, bare: bare, filter: filter, swap: swap)
        do throws(BedError) {
            try findings(stage, since: start, &report)
            try guarded(stage, &report)
            try urgencies(stage, policy: file, &report)
        } catch {
            restore(ksm: ksm, swap: swap)
            _ = try? bed.virsh(["undefine", bare.uuid], shielded: true)
            throw error
        }
        restore(ksm: ksm, swap: swap)
        try bed.virsh(["undefine", bare.uuid])
        try bed.removeLast(1)
        try bed.virsh(["nwfilter-undefine", filter])
        let isGone = try seen(within: 20) { () throws(BedError) in
            try told("is no longer found", "tpm-missing", bare.uuid, since: start)
        }
        report.check(isGone, "what was found of a guest is told as gone with it")
        endWell(daemon, &report)
    }

    /// What an audit is shown with.
    struct AuditStage {
        /// The daemon, which audits every five seconds.
        let daemon: Quelld
        /// A guest without any safeguard, and without a tenant.
        let bare: Guest
        /// A filter that libvirt knows.
        let filter: String
        /// Where a swap file can be made.
        let swap: String
    }

    /// One finding: what brings it about, and what is done about it.
    private struct Trial {
        /// The finding.
        let id: String
        /// The VM's UUID; `nil` for the host.
        let uuid: String?
        /// Whether it was there from the start, so that the first look told it as part of a sum.
        var isOld = false
        /// What makes it so; nothing where it is so already.
        var cause: (() throws(BedError) -> Void)?
        /// What is done about it; its own remedy, word for word, where `nil`.
        var cure: (() throws(BedError) -> Void)?
    }

    /// Each finding comes and goes, by `quell audit` and by the journal.
    private func findings(_ stage: AuditStage, since start: Moment, _ report: inout Report) throws(BedError) {
        let uuid = stage.bare.uuid
        var trials = [
            Trial(id: "vm-untenanted", uuid: uuid),
            Trial(id: "cpu-unlimited", uuid: uuid),
            Trial(id: "disk-unlimited", uuid: uuid),
            Trial(
                id: "interface-unfiltered",
                uuid: uuid,
                cure: { () throws(BedError) in try filter(stage.bare, with: stage.filter) }
            ),
            Trial(
                id: "network-unlimited",
                uuid: uuid,
                cure: { () throws(BedError) in try limit(stage.bare, by: stage.daemon) }
            ),
        ]
        if Files.text("/sys/kernel/mm/ksm/run") != nil {
            let cause = { () throws(BedError) in try Files.write("1", intoControl: "/sys/kernel/mm/ksm/run") }
            let cure = { () throws(BedError) in try Files.write("2", intoControl: "/sys/kernel/mm/ksm/run") }
            trials.append(Trial(id: "pages-merged", uuid: uuid, cause: cause, cure: cure))
        }
        if try makesSwap(stage.swap) {
            trials.append(
                Trial(
                    id: "swap-unencrypted",
                    uuid: nil,
                    cause: { () throws(BedError) in try Shell.run(["swapon", stage.swap]) },
                    cure: { () throws(BedError) in try Shell.run(["swapoff", stage.swap]) }
                )
            )
        }
        let mixed = Dictionary(uniqueKeysWithValues: guests.map { ($0.uuid, $0.spec.tenant ?? "") })
        let alike = { () throws(BedError) in
            for guest in mixed.keys { try setTenant(of: guest, to: "NAME") }
        }
        var together = [Trial(id: "tenants-mixed", uuid: nil, isOld: true, cure: alike)]
        if try stage.daemon.audit().finding("cache-unpartitioned", of: nil) != nil {
            together.append(Trial(id: "cache-unpartitioned", uuid: nil, isOld: true, cure: alike))
        }
        // A VM has several tenants only once it has one.
        let several = Trial(
            id: "vm-of-several-tenants",
            uuid: uuid,
            cause: { () throws(BedError) in
                let nova = "<instance><owner><project uuid='7'>n</project></owner></instance>"
                try bed.virsh(Self.nova(uuid) + ["--key", "nova", "--set", nova])
            },
            cure: { () throws(BedError) in try bed.virsh(Self.nova(uuid) + ["--remove"]) }
        )
        for batch in [trials, [several], together] {
            for trial in batch { try trial.cause?() }
            for trial in batch { try comes(trial, stage, since: start, &report) }
            for trial in batch { try goes(trial, stage, since: start, &report) }
        }
        for (guest, tenant) in mixed { try setTenant(of: guest, to: tenant) }
    }

    private func comes(
        _ trial: Trial,
        _ stage: AuditStage,
        since start: Moment,
        _ report: inout Report
    ) throws(BedError) {
        var isTold = trial.isOld
        if !isTold {
            isTold = try seen(within: 20) { () throws(BedError) in
                try told("; to change it: ", trial.id, trial.uuid, since: start)
            }
        }
        let found = try stage.daemon.audit().finding(trial.id, of: trial.uuid)
        report.check(isTold && found != nil, "\(trial.id) is found and told: \(found?.evidence ?? "not found")")
    }

    private func goes(
        _ trial: Trial,
        _ stage: AuditStage,
        since start: Moment,
        _ report: inout Report
    ) throws(BedError) {
        let remedy = try stage.daemon.audit().finding(trial.id, of: trial.uuid)?.remedy ?? "false"
        if let cure = trial.cure {
            try cure()
        } else {
            try Shell.run(["sh", "-c", remedy])
        }
        let left = try stage.daemon.audit().finding(trial.id, of: trial.uuid)
        let isTold = try seen(within: 20) { () throws(BedError) in
            try told("is no longer found", trial.id, trial.uuid, since: start)
        }
        let how = trial.cure == nil ? "by its own remedy: \(remedy)" : "once that is mended"
        report.check(left == nil && isTold, "\(trial.id) is gone \(how)\(left.map { "; left: \($0.evidence)" } ?? "")")
    }

    /// A guest with every safeguard; first without, so that the same VM is seen to become one.
    private func guarded(_ stage: AuditStage, _ report: inout Report) throws(BedError) {
        let disk = bed.directory + "/s1.raw"
        try Shell.run(["truncate", "-s", "1M", disk])
        var guest = AuditedGuest(name: bed.name + "-s1", tap: bed.name + "s", disks: [disk])
        guest.filter = stage.filter
        let ids = ["secure-boot-off", "tpm-missing", "cpu-unlimited", "disk-unlimited", "interface-unfiltered"]
        for isGuarded in [false, true] {
            guest.isGuarded = isGuarded
            let file = bed.directory + "/s1.xml"
            try Files.write(guest.xml(bridge: bed.bridge), to: file)
            try bed.virsh(["create", file, "--paused"], limit: 60)
            let found = try stage.daemon.audit().findings.filter { $0.subject.uuid == guest.uuid }.map(\.id)
            let seen = ids.filter { found.contains($0) }
            report.check(
                isGuarded ? seen.isEmpty : seen == ids,
                "\(guest.name) \(isGuarded ? "with" : "without") safeguards: \(list(seen))"
            )
            try bed.virsh(["destroy", guest.uuid])
        }
    }

    /// A policy says how urgent a finding is, and what is not told at all.
    private func urgencies(_ stage: AuditStage, policy: String, _ report: inout Report) throws(BedError) {
        let uuid = stage.bare.uuid
        try Files.write("version: 1\naudit:\n  tpm-missing: critical\n  secure-boot-off: ignore\n", to: policy)
        stage.daemon.reload()
        let isTaken = try seen(within: 10) { () throws(BedError) in
            let audit = try stage.daemon.audit()
            return audit.finding("tpm-missing", of: uuid)?.severity == "critical"
                && audit.finding("secure-boot-off", of: uuid) == nil
        }
        report.check(isTaken, "a policy makes one finding critical and has another one ignored")
    }

    /// Whether a record tells of a finding.
    private func told(
        _ words: String,
        _ id: String,
        _ uuid: String?,
        since start: Moment
    ) throws(BedError) -> Bool {
        try bed.journal.records(since: start).contains {
            $0["QUELL_FINDING"] == id && $0["QUELL_VM_UUID"] == uuid ?? "" && $0.text.contains(words)
        }
    }

    /// Has libvirt keep a guest's definition, so that remedies for good can be followed word for word.
    private func persist(_ guest: Guest) throws(BedError) {
        let file = bed.directory + "/persistent.xml"
        try Files.write(try bed.virsh(["dumpxml", "--inactive", guest.uuid]), to: file)
        try bed.virsh(["define", file])
    }

    private func filter(_ guest: Guest, with filter: String) throws(BedError) {
        let file = bed.directory + "/audit-interface.xml"
        try Files.write(try interfaceXML(of: guest, guest.tap, filter: filter), to: file)
        try bed.virsh(["update-device", guest.uuid, file, "--live"])
    }

    /// Follows the remedy of an interface without limits; takes the interface away where the kernel cannot police.
    private func limit(_ guest: Guest, by daemon: Quelld) throws(BedError) {
        let remedy = try daemon.audit().finding("network-unlimited", of: guest.uuid)?.remedy ?? "false"
        let outcome = try Shell.attempt(["sh", "-c", remedy])
        guard outcome.status != 0 else { return }
        let why = outcome.errors.split(whereSeparator: \.isNewline).joined(separator: "; ")
        say("note: this kernel cannot limit what an interface sends, so that is taken away: \(why)")
        try bed.virsh(["detach-interface", guest.uuid, "bridge", "--mac", GuestSpec.address(guest.number), "--live"])
    }

    private static func nova(_ uuid: String) -> [String] {
        ["metadata", uuid, "--uri", "http://openstack.org/xmlns/libvirt/nova/1.1", "--live"]
    }

    private func setTenant(of uuid: String, to tenant: String) throws(BedError) {
        let element = "<vm tenant='\(tenant)' class='standard'/>"
        try bed.virsh(["metadata", uuid, "urn:quell:vm:1", "--live", "--key", "quell", "--set", element])
    }

    /// Makes a small swap file, where this host can use one.
    private func makesSwap(_ path: String) throws(BedError) -> Bool {
        try Shell.run(["dd", "if=/dev/zero", "of=\(path)", "bs=1M", "count=8"])
        try Shell.run(["chmod", "600", path])
        guard try Shell.attempt(["mkswap", path]).status == 0 else { return false }
        guard try Shell.attempt(["swapon", path]).status == 0 else { return false }
        return try Shell.attempt(["swapoff", path]).status == 0
    }

    private func restore(ksm: String?, swap: String) {
        if let ksm { try? Files.write(ksm, intoControl: "/sys/kernel/mm/ksm/run") }
        if Files.text("/proc/swaps")?.contains(swap) == true {
            _ = try? Shell.attempt(["swapoff", swap], shielded: true)
        }
    }
}
