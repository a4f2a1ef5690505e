import Signals

extension Scene {
    /// The soft limit of memory and the balloon.
    func memoryLimits(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let name = stage.guest.name
        let limit = KnobTrial(
            knob: .memorySoftLimit,
            setting: .memory(80 << 20),
            shown: "\(80 << 20)",
            person: ["memtune", name, "--live", "--soft-limit", "65536"],
            theirs: .memory(64 << 20)
        )
        try limit.run(on: stage, &report)
        try stage.hand.set(.memorySoftLimit, to: .memory(80 << 20 | 0x5ff), of: stage.guest)
        let rounded = try stage.hand.read(.memorySoftLimit, of: stage.guest)
        report.check(rounded.means(.memory(80 << 20)), "memory-soft-limit: rounded down to whole pages")
        try stage.hand.set(.memorySoftLimit, to: .memory(nil), of: stage.guest)

        let whole = try stage.guest.counts().memory
        let balloon = KnobTrial(
            knob: .balloon,
            setting: .balloon(88 << 20),
            shown: "\(88 << 20)",
            person: ["setmem", name, "100MiB", "--live"],
            theirs: .balloon(100 << 20),
            patience: 15
        )
        try balloon.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            let left = try stage.guest.counts().memory
            report.check(
                whole - left == 24 << 10,
                "balloon: the guest's own kernel has \(left) KiB for \(whole): 24 MiB less"
            )
        }
        let after = try stage.guest.counts().memory
        report.check(after == whole, "balloon: the guest's own kernel has \(after) KiB again")
        let beyond = try stage.hand.refusal(.balloon, of: stage.guest, .balloon(1 << 40))
        report.check(
            Self.isRefused(beyond),
            "balloon: more than it may have is refused: \(beyond.map { "\($0)" } ?? "")"
        )
    }
}
