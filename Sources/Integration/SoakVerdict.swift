import Proving

/// What a soak came to.
struct SoakVerdict {
    /// What was done.
    let tally: SoakTally
    /// The daemon meanwhile.
    let notes: [SoakNote]
    /// The daemon before the first guest and after the last.
    let before: SoakNote
    let after: SoakNote
    /// How long guests came and went.
    let seconds: Double
    /// Whether libvirtd was never started anew.
    let isSameLibvirtd: Bool

    /// Bytes by which memory may have grown for each life of a guest: less than the least that could be kept of it, which
    /// is its UUID, its generation and its name in one slot of a table.
    private static let bytesPerLife = 64.0
    /// KiB by which it may have grown whatever the lives: a page or two of each arena of the allocator, which come and go.
    private static let slack = 1_024.0
    /// How many times as much a tick may cost in the end, for each VM: other work on the host makes the same tick dearer.
    private static let dearer = 1.5
    /// Lives from which a drift weighs more than what else the host does meanwhile.
    private static let long = 2_000

    private var early: SoakStretch { SoakStretch(1, of: notes) }
    private var late: SoakStretch { SoakStretch(9, of: notes) }
    private var growth: Double { late.median(\.anonymous) - early.median(\.anonymous) }
    private var lives: Int { late.lives - early.lives }
    private var mayGrow: Double { max(Self.slack, Self.bytesPerLife * Double(lives) / 1_024) }

    /// What to type to have such a soak again.
    private var command: String {
        let isWhole = tally.lives >= SoakRun.Size.whole.lives
        return isWhole ? "make soak" : "make soak SOAK=\"--minutes \(Int((seconds / 60).rounded()))\""
    }

    /// Gives the verdicts.
    ///
    /// - Parameter report: Takes them.
    func give(_ report: inout Report) {
        say(
            "  \(tally.lives) lives in \(Report.number(seconds)) s, \(Report.number(Double(tally.lives) / seconds)) a second: "
                + "\(tally.reused) with a UUID again, \(tally.paused) paused, \(tally.killed) killed, \(tally.held) held; "
                + "\(tally.scrapes) scrapes, \(tally.answers) answers"
        )
        report.check(notes.count >= 20, "\(notes.count) notes of the daemon")
        report.check(
            growth <= mayGrow,
            "memory of its own: \(early.median(\.anonymous)) KiB in the 2nd tenth, \(late.median(\.anonymous)) in the last, "
                + "\(lives) lives later; \(Report.number(mayGrow)) KiB more allowed"
        )
        // At equal population: before the first guest and after the last.
        report.check(
            after.descriptors <= before.descriptors,
            "descriptors: \(before.descriptors) before the first guest, \(after.descriptors) after the last"
        )
        report.check(
            after.threads <= before.threads + 2,
            "threads: \(before.threads) before, \(after.threads) after, of which two of libvirt's calls may be new"
        )
        let cost =
            "a tick costs \(Report.number(early.cost * 1e6)) µs per VM in the 2nd tenth, "
            + "\(Report.number(late.cost * 1e6)) in the last"
        if tally.lives >= Self.long {
            report.check(late.cost <= Self.dearer * early.cost, "\(cost); at most \(Self.dearer) times as much")
        } else {
            say("  \(cost)")
        }
        report.check(after.known == before.known, "it knows \(after.known) VMs in the end, \(before.known) before")
        report.check(after.leases == 0, "\(after.leases) leases in the end")
        report.check(tally.unanswered == 0, "every scrape and question was answered; \(tally.unanswered) were not")
        report.check(tally.killed > 0 && tally.held > 0, "guests were killed and held")
        report.check(isSameLibvirtd, "libvirtd never went")
    }

    /// The figures worth telling.
    ///
    /// - Returns: The table.
    func evidence() -> EvidenceTable {
        var file = EvidenceTable(
            title: "Guests that come and go",
            command: command,
            columns: ["figure", "value", "meaning"]
        )
        file.add("lives", "\(tally.lives)", "guests created and ended while the daemon enforced, one tick a second")
        file.add("length", "\(Int(seconds)) s", "from the first guest to the last")
        file.add("population", "\(Int(late.median(\.running)))", "guests that ran at a time")
        file.add(
            "UUIDs again",
            "\(tally.reused)",
            "guests with name and UUID of the one before; all others had its name"
        )
        file.add("paused", "\(tally.paused)", "guests paused, of which half were destroyed so")
        file.add("killed", "\(tally.killed)", "guests whose QEMU was killed with SIGKILL")
        file.add("held", "\(tally.held)", "guests held by `quell hold` when they went")
        file.add("scrapes", "\(tally.scrapes)", "scrapes of the metrics meanwhile")
        file.add("questions", "\(tally.answers)", "questions at the control socket meanwhile")
        let (first, last) = (early.median(\.anonymous), late.median(\.anonymous))
        file.add("memory early", "\(Int(first)) KiB", "anonymous memory, median of the 2nd tenth")
        file.add("memory late", "\(Int(last)) KiB", "the same of the last tenth; \(Int(mayGrow)) KiB more allowed")
        file.add(
            "memory at rest",
            "\(before.anonymous) → \(after.anonymous) KiB",
            "before the first guest → after the last"
        )
        file.add(
            "descriptors",
            "\(before.descriptors) → \(after.descriptors)",
            "before the first guest → after the last"
        )
        file.add("threads", "\(before.threads) → \(after.threads)", "before the first guest → after the last")
        file.add(
            "tick early",
            "\(Report.number(early.cost * 1e6)) µs",
            "CPU per tick and VM, 2nd tenth, turnover included"
        )
        file.add("tick late", "\(Report.number(late.cost * 1e6)) µs", "the same of the last tenth")
        let usual = notes.map(\.lag.usual).sorted()
        if let middle = usual.isEmpty ? nil : usual[usual.count / 2] {
            file.add("beat", "\(Report.number(middle * 1_000)) ms", "99 of 100 ticks late at most, median of the notes")
        }
        file.add(
            "worst beat",
            "\(Report.number((notes.map(\.lag.worst).max() ?? 0) * 1_000)) ms",
            "the latest tick of all, on a host that starts guests on all its CPUs"
        )
        file.add("ledger", "\(notes.map(\.ledger).max() ?? 0) bytes", "the ledger at its largest")
        file.add(
            "left behind",
            "\(after.known) VMs, \(after.leases) leases",
            "that the daemon knows after the last guest"
        )
        return file
    }
}
