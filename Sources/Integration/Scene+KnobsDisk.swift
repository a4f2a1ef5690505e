import Signals

extension Scene {
    /// The limits of a disk, beside a guest that writes little at a time to the same storage.
    func diskLimits(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let victim = KnobLook(bed: bed, guest: stage.neighbour)
        let look = stage.look
        try stage.guest.tell("disk")
        try stage.neighbour.tell("log")
        try Wait.seconds(2)
        let free = try KnobLook.rate(4) { () throws(BedError) in try look.written() }
        let hurt = try KnobLook.rate(4) { () throws(BedError) in try victim.written() }
        let limit: UInt64 = 1 << 20
        let person: UInt64 = 3 << 20
        let trial = KnobTrial(
            knob: .disk("vda"),
            setting: .disk(DiskLimit(["write_bytes": limit])),
            shown: "bps_wr \(limit)",
            person: ["blkdeviotune", stage.guest.name, "vda", "--live", "--write-bytes-sec", "\(person)"],
            theirs: .disk(DiskLimit(["write_bytes": person]))
        )
        try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            try Wait.seconds(2)
            let held = try KnobLook.rate(6) { () throws(BedError) in try look.written() }
            let relieved = try KnobLook.rate(4) { () throws(BedError) in try victim.written() }
            report.check(
                held < Double(limit) * 1.3 && free > held * 3,
                "disk:vda: it writes \(mebibytes(held)) MiB/s for \(mebibytes(free)); 1 allowed"
            )
            report.check(
                relieved > hurt * 2,
                "disk:vda: its neighbour writes \(mebibytes(relieved)) MiB/s in small pieces for \(mebibytes(hurt))"
            )
        }
        try stage.guest.tell("idle")
        try burstLimits(stage, &report)
    }

    /// What libvirt and QEMU make of limits with bursts.
    private func burstLimits(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let knob = Knob.disk("vda")
        let whole = DiskLimit([
            "total_iops": 500, "total_iops_max": 900, "total_iops_max_length": 5, "total_bytes": 4 << 20,
            "total_bytes_max": 8 << 20, "size_iops": 4_096,
        ])
        try stage.hand.set(knob, to: .disk(whole), of: stage.guest)
        let first = try stage.hand.read(knob, of: stage.guest)
        report.check(first.means(.disk(whole)), "\(knob): bursts too read back as set: \(try stage.look.state(knob))")
        let narrow = DiskLimit(["read_iops": 50])
        try stage.hand.set(knob, to: .disk(narrow), of: stage.guest)
        let second = try stage.hand.read(knob, of: stage.guest)
        let seen = try stage.look.state(knob)
        report.check(
            second.means(.disk(narrow)) && seen == "iops_rd 50",
            "\(knob): a limit of another kind takes the place of all of them: \(seen)"
        )
        for (limit, why) in [
            (DiskLimit(["total_bytes_max": 5 << 20]), "a burst without its limit"),
            (DiskLimit(["total_bytes": 1 << 20, "size_iops": 4_096]), "a size of operations without their limit"),
            (DiskLimit(["total_bytes": 1 << 20, "read_bytes": 1 << 20]), "a total beside one of its parts"),
            (DiskLimit(["bytes_per_minute": 60]), "a limit of an unknown name"),
        ] {
            let refusal = try stage.hand.refusal(knob, of: stage.guest, .disk(limit))
            let now = try stage.look.state(knob)
            report.check(
                Self.isRefused(refusal) && now == seen,
                "\(knob): \(why) is refused and leaves \(now): \(refusal.map { "\($0)" } ?? "")"
            )
        }
        try stage.hand.set(knob, to: .disk(DiskLimit()), of: stage.guest)
        let last = try stage.look.state(knob)
        report.check(last == "none", "\(knob): taken off: \(last)")
    }

    private func mebibytes(_ bytes: Double) -> String { Report.number(bytes / 1_048_576) }
}
