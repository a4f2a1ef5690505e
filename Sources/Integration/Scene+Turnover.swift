import Foundation

extension Scene {
    /// What `quell turnover` finds of a guest that is gone, until its own remedies have removed all of it.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func turnedOver(_ report: inout Report) throws(BedError) {
        let filter = try definePersonsFilter()
        let stage = try TurnoverStage(on: bed, filter: filter)
        do throws(BedError) {
            try refusesRunning(stage, &report)
            try findsLeftovers(stage, &report)
            try wipes(stage, &report)
            try cleans(stage, &report)
        } catch {
            stage.remove(from: bed, like: victims[0])
            throw error
        }
        stage.remove(from: bed, like: victims[0])
        try bed.virsh(["nwfilter-undefine", filter])
    }

    /// While it runs nothing is looked at.
    private func refusesRunning(_ stage: TurnoverStage, _ report: inout Report) throws(BedError) {
        let name = stage.guest.name
        try bed.virsh(["define", stage.file])
        try bed.virsh(["start", name, "--paused"], limit: 60)
        let running = try stage.daemon.turnover([name, "--wipe"])
        report.check(
            running.status == 2 && running.found == nil && running.errors.contains("still runs"),
            "a guest that runs is refused, and nothing of it is wiped: \(running.errors)"
        )
        report.check(stage.isWritten(0), "its volume is as it was")
        try bed.virsh(["managedsave", name], limit: 60)
    }

    /// What libvirt keeps of it, and what a crash leaves.
    private func findsLeftovers(_ stage: TurnoverStage, _ report: inout Report) throws(BedError) {
        let kept: Set = ["definition", "saved state", "nvram", "vtpm"]
        let first = try stage.look()
        report.check(
            first.status == 1 && first.found?.verdict == "left behind" && first.found?.kinds == kept,
            "libvirt keeps: \(list(first.found?.kinds.sorted() ?? [first.errors]))"
        )
        try stage.leave(in: bed, like: victims[0])
        let second = try stage.look()
        let kinds = second.found?.kinds ?? []
        report.check(
            kinds == kept.union(["tap", "filter chain", "cgroup", "runtime file"]),
            "a crash leaves: \(list(kinds.subtracting(kept).sorted()))"
        )
        let start = Moment.now
        _ = try stage.look(["--sign-off"])
        let records = try bed.journal.records(since: start).filter { $0["QUELL_VM_UUID"] == stage.guest.uuid }
        report.check(
            records.count == 1 && records[0]["QUELL_VALUE"] == "left behind"
                && records[0]["QUELL_REASON"].contains("tap: \(stage.guest.tap)"),
            "signed off as it is, in the journal: \(list(records.map(\.text)))"
        )
    }

    /// A volume that nobody else has is overwritten; one that another guest's overlay is made from is not.
    private func wipes(_ stage: TurnoverStage, _ report: inout Report) throws(BedError) {
        for arguments in [["--wipe"], ["--wipe", "--volume", stage.volumes[1]]] {
            let refused = try stage.look(arguments)
            let isKept = stage.isWritten(0) && stage.isWritten(1)
            report.check(
                refused.status == 2 && refused.errors.contains("is made from it") && isKept,
                "\(arguments.count == 1 ? "all volumes are" : "a base is") refused: \(refused.errors)"
            )
        }
        let foreign = try stage.look(["--wipe", "--volume", stage.overlay])
        report.check(
            foreign.status == 2 && foreign.errors.contains("is no volume of this VM"),
            "a volume of another guest is refused: \(foreign.errors)"
        )
        let wiped = try stage.look(["--wipe", "--volume", stage.volumes[0]])
        let outcome = wiped.found?.volumes.first { $0.source == stage.volumes[0] }?.wiped
        let isKept = stage.isWritten(1)
        report.check(
            outcome == "wiped" && stage.isZero(0) && isKept,
            "its own volume: \(outcome ?? wiped.errors); zeros only, and the base is as it was"
        )
    }

    /// Every remedy is followed word for word until nothing is left; then that is signed off.
    private func cleans(_ stage: TurnoverStage, _ report: inout Report) throws(BedError) {
        var rounds = 0
        var left = try stage.look()
        while let found = left.found, !found.leftovers.isEmpty, rounds < 3 {
            for leftover in found.leftovers {
                // One remedy may have done what the next one would.
                let outcome = try Shell.attempt(["sh", "-c", leftover.remedy])
                if outcome.status != 0 { say("  note: \(leftover.remedy): \(outcome.errors)") }
            }
            rounds += 1
            left = try stage.look()
            if rounds == 1 {
                let kinds = left.found?.kinds ?? []
                report.check(
                    kinds == ["volume"],
                    "its volume is left once libvirt knows it no more: \(list(kinds.sorted()))"
                )
            }
        }
        let gaps = left.found?.notKnown.map { "\($0.kind): \($0.why)" } ?? [left.errors]
        report.check(
            left.status == 0 && left.found?.verdict == "clean",
            "clean by its own remedies after \(rounds) rounds; not known: \(list(gaps))"
        )
        report.check(stage.isWritten(1), "the base that another guest needs is as it was")
        let start = Moment.now
        _ = try stage.look(["--sign-off"])
        let record = try bed.journal.records(since: start).first { $0["QUELL_VM_UUID"] == stage.guest.uuid }
        report.check(
            record?["QUELL_VALUE"] == "clean" && record?["QUELL_BY"].hasPrefix("uid 0") == true,
            "signed off in the journal: \(record?.text ?? "no record")"
        )
    }
}

/// A guest with firmware variables, a TPM and two volumes, of which another guest's overlay needs the second.
struct TurnoverStage {
    /// The guest.
    let guest: AuditedGuest
    /// The file of its description.
    let file: String
    /// Its volumes.
    var volumes: [String] { guest.disks }
    /// The other guest's volume.
    let overlay: String
    /// Where `quell` is; no daemon runs.
    let daemon: Quelld
    /// The other guest, which does not run.
    private let other: AuditedGuest
    private let pool: String

    /// Makes a pool with the volumes, and describes the guests.
    ///
    /// - Parameters:
    ///   - bed: Where.
    ///   - filter: A filter that libvirt knows.
    /// - Throws: ``BedError`` if libvirt refuses it.
    init(on bed: Bed, filter: String) throws(BedError) {
        let directory = bed.directory + "/volumes"
        pool = bed.name
        let name = bed.name + "-t1"
        try Files.makeDirectory(directory)
        try bed.virsh(["pool-create-as", pool, "dir", "--target", directory])
        var guest = AuditedGuest(
            name: name,
            tap: bed.name + "v",
            disks: [directory + "/" + name + ".raw", directory + "/base.raw"],
            tenant: "t"
        )
        guest.filter = filter
        self.guest = guest
        overlay = directory + "/overlay.qcow2"
        for disk in guest.disks { try Files.write([UInt8](repeating: 0xA5, count: 1 << 20), to: disk) }
        try Shell.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", guest.disks[1], overlay])
        var other = AuditedGuest(name: bed.name + "-t2", tap: bed.name + "w", disks: [overlay])
        other.isGuarded = false
        other.format = "qcow2"
        self.other = other
        file = bed.directory + "/t1.xml"
        try Files.write(guest.xml(bridge: bed.bridge), to: file)
        try Files.write(other.xml(bridge: bed.bridge), to: bed.directory + "/t2.xml")
        try bed.virsh(["define", bed.directory + "/t2.xml"])
        daemon = try Quelld(on: bed, name: "turnover", policy: [])
    }

    /// Asks what is left of the guest.
    ///
    /// - Parameter arguments: What else is asked.
    /// - Returns: The exit status, and what was found or why nothing was looked at.
    /// - Throws: ``BedError`` where neither came.
    func look(_ arguments: [String] = []) throws(BedError) -> (status: Int32, found: Quelld.Turned?, errors: String) {
        let names = [guest.uuid, "--name", guest.name, "--interface", guest.tap]
        return try daemon.turnover(names + arguments)
    }

    /// Whether a volume holds what was written into it.
    func isWritten(_ index: Int) -> Bool { bytes(index).map { $0.allSatisfy { $0 == 0xA5 } } ?? false }

    /// Whether a volume holds nothing but zeros.
    func isZero(_ index: Int) -> Bool { bytes(index).map { $0.count == 1 << 20 && $0.allSatisfy { $0 == 0 } } ?? false }

    private func bytes(_ index: Int) -> Data? { FileManager.default.contents(atPath: volumes[index]) }

    /// Leaves what a host has after the guest's libvirtd and QEMU have died.
    ///
    /// - Parameters:
    ///   - bed: Where.
    ///   - guest: A guest that runs, beside whose cgroup one is left.
    /// - Throws: ``BedError`` if it cannot be made.
    func leave(in bed: Bed, like guest: Guest) throws(BedError) {
        try Shell.run(["ip", "tuntap", "add", "dev", self.guest.tap, "mode", "tap"])
        try Shell.run(["ebtables", "-t", "nat", "-N", chain])
        try Files.makeDirectory(cgroup(like: guest))
        try Files.write("1\n", to: "/run/libvirt/qemu/\(self.guest.name).pid")
    }

    /// Removes whatever is left after a failure.
    ///
    /// - Parameters:
    ///   - bed: Where.
    ///   - guest: The guest beside whose cgroup one may have been left.
    func remove(from bed: Bed, like guest: Guest) {
        _ = try? Shell.attempt(["ip", "link", "delete", self.guest.tap], shielded: true)
        _ = try? Shell.attempt(["ebtables", "-t", "nat", "-X", chain], shielded: true)
        Files.removeEmptyDirectory(cgroup(like: guest))
        _ = try? bed.virsh(["undefine", self.guest.uuid, "--managed-save", "--nvram", "--tpm"], shielded: true)
        _ = try? bed.virsh(["undefine", other.uuid], shielded: true)
        _ = try? bed.virsh(["pool-destroy", pool], shielded: true)
    }

    /// The chain that libvirt makes for what comes from its interface.
    private var chain: String { "libvirt-I-" + guest.tap }

    /// A cgroup of the guest's, named as libvirt does where systemd does not run, beside that of another guest.
    private func cgroup(like guest: Guest) -> String {
        var path = Cgroups.cpu(ofTask: "/proc/\(guest.pid)")?.path ?? "/sys/fs/cgroup"
        let isOwn = { (part: String) in part.hasPrefix("qemu-") || part.hasSuffix(".scope") }
        while path.count > "/sys/fs/cgroup".count, !isOwn((path as NSString).lastPathComponent) {
            path = (path as NSString).deletingLastPathComponent
        }
        return (path as NSString).deletingLastPathComponent + "/qemu-99-\(self.guest.name).libvirt-qemu"
    }
}
