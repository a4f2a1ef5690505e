import Foundation

extension Scene {
    /// One guest turns noisy; everything that follows is held against the kernel's own figures.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func noisyNeighbour(_ report: inout Report) throws(BedError) {
        try work()
        let (daemon, _) = try daemon("noisy")
        let begin = Moment.now
        try Wait.seconds(Self.warmUp - 10)
        let calm = try Measure.watch(victims, seconds: 10)
        Measure.show("before", victims, calm)
        try blameNobody(since: begin, "in the warm-up", &report)

        let outbreak = try breakOut()
        let hurt = try Measure.watch(victims, seconds: 1)
        report.check(outbreak.throttled != nil, "held \(seconds(outbreak.throttled)) after the noise began")
        report.check(outbreak.wronglyHeld.isEmpty, "wrongly held: \(list(outbreak.wronglyHeld))")
        Measure.show("just held, at \(noisy.vcpus[0].quota.map { "\($0)" } ?? "gone")", victims, hurt)
        try Wait.seconds(9)
        let before = noisy.vcpus[0].throttling
        let after = try Measure.watch(victims, seconds: 10)
        Measure.show("held, at \(noisy.vcpus[0].quota.map { "\($0)" } ?? "gone")", victims, after)
        if let before, let now = noisy.vcpus[0].throttling {
            report.check(now.periods > before.periods, "held back in \(now.periods - before.periods) periods of 10 s")
        }
        try blameOnlyTheNoisy(since: outbreak.start, &report)
        report.check(try daemon.holds(1), "one lease in the ledger")

        let restored = try calmDown(outbreak.watch)
        report.check(restored != nil, "quota as at first \(seconds(restored)) after the noise ended")
        report.check(try daemon.holds(0), "no lease in the ledger")
        Measure.show("afterwards", victims, try Measure.watch(victims, seconds: 5))
        endWell(daemon, &report)
        try rest()
    }

    /// Checks that the journal names nobody.
    ///
    /// - Parameters:
    ///   - start: From when on.
    ///   - when: That time in words.
    ///   - report: Takes the verdict.
    /// - Throws: ``BedError`` if the journal cannot be read.
    func blameNobody(since start: Moment, _ when: String, _ report: inout Report) throws(BedError) {
        let blames = try bed.journal.records(since: start).filter { !$0["QUELL_CULPRIT"].isEmpty }
        report.check(blames.isEmpty, "wrongly blamed \(when): \(list(blames.map(\.text)))")
    }

    /// Checks that the journal names the noisy guest and nobody else, and prints its records.
    ///
    /// - Parameters:
    ///   - outbreak: When the noise began.
    ///   - report: Takes the verdicts.
    /// - Throws: ``BedError`` if the journal cannot be read.
    func blameOnlyTheNoisy(since outbreak: Moment, _ report: inout Report) throws(BedError) {
        let records = try bed.journal.records(since: outbreak)
        for record in records.prefix(20) {
            say("  journal \(Report.number(record.time - outbreak.wall)) s: \(record.text)")
        }
        let blames = records.filter { !$0["QUELL_CULPRIT"].isEmpty }
        let wrong = blames.filter { ![noisy.name, noisy.uuid].contains($0["QUELL_CULPRIT"]) }
        let onset = blames.first.map { $0.time - outbreak.wall }
        report.check(onset != nil, "culprit named in the journal \(seconds(onset)) after the noise began")
        report.check(wrong.isEmpty, "wrongly blamed: \(list(wrong.map(\.text)))")
        let known = Set(victims.flatMap { [$0.name, $0.uuid] })
        let named = blames.filter { known.contains($0["QUELL_VICTIM"]) }
        report.check(!named.isEmpty, "a victim named with the culprit in \(named.count) records")
        let undo = records.filter { !$0["QUELL_UNDO"].isEmpty }
        report.check(!undo.isEmpty, "the way to undo it in \(undo.count) records: \(undo.first?["QUELL_UNDO"] ?? "")")
    }

    /// Ends the daemon as systemd does and checks its exit status.
    ///
    /// - Parameters:
    ///   - daemon: The daemon.
    ///   - report: Takes the verdict.
    func endWell(_ daemon: Quelld, _ report: inout Report) {
        let status = daemon.stop()
        report.check(status == 0, "the daemon ends with \(status) at SIGTERM")
        if status != 0 { for line in daemon.log.suffix(5) { say("  quelld: \(line)") } }
    }

    /// A length of time for people, or that there was none.
    func seconds(_ value: Double?) -> String { value.map { Report.number($0) + " s" } ?? "never" }

    /// Lines in one, or that there are none.
    func list(_ lines: [String]) -> String { lines.isEmpty ? "nobody" : lines.joined(separator: "; ") }
}
