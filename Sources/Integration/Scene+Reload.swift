import Foundation

extension Scene {
    /// Malformed threshold files are offered to the running daemon, which keeps the policy that it has.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func malformedPolicies(_ report: inout Report) throws(BedError) {
        try work()
        let (daemon, file) = try daemon("reload")
        let start = Moment.now
        let watch = QuotaWatch(guests)
        var accepted: [String] = []
        let texts = MalformedPolicy.all
        for text in texts {
            try Files.write(text, to: file)
            if try daemon.accepts(file) { accepted.append(text) }
            daemon.reload()
            try Wait.seconds(0.3)
            guard daemon.isRunning else {
                report.check(false, "the daemon ended after: \(text.debugDescription)")
                return
            }
        }
        report.check(
            accepted.isEmpty,
            "\(texts.count) malformed policies; called good: \(list(accepted.map(\.debugDescription)))"
        )
        let records = try bed.journal.records(since: start)
        for record in records.prefix(3) { say("  journal: \(record.text)") }
        report.check(!records.isEmpty, "the journal tells of them in \(records.count) records")
        report.check(guests.allSatisfy { watch.isAsAtFirst($0) }, "nobody was held meanwhile")

        // The file on disk is still a bad one, so only the policy of before can be what answers the noise.
        try Wait.seconds(Self.warmUp / 2)
        let outbreak = try breakOut()
        report.check(outbreak.throttled != nil, "the policy of before is in force: held \(seconds(outbreak.throttled))")
        try Files.write(Self.enforce, to: file)
        daemon.reload()
        report.check(try calmDown(outbreak.watch) != nil, "a good policy is taken again, and the guest let go")
        endWell(daemon, &report)
        try rest()
    }
}
