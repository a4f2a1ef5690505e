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
        try changesByFile(file, daemon, &report)
        endWell(daemon, &report)
        try rest()
    }

    /// Changes the threshold file in the ways in which it gets changed, and sends no signal: each change is told once.
    private func changesByFile(_ file: String, _ daemon: Quelld, _ report: inout Report) throws(BedError) {
        let loaded = "5d7c18ae5b934f9595feee7068542c8d"
        let refused = "336299108401415db2a5cd32c5f9a07e"
        let good = Self.enforce
        let ways: [(what: String, id: String, part: String, change: () throws(BedError) -> Void)] = [
            (
                "a file overwritten in place", loaded, "mode enforce",
                { () throws(BedError) in
                    try Files.write(good + "# in place\n", to: file)
                }
            ),
            (
                "a fault in it", refused, "\(file):2:7: ",
                { () throws(BedError) in
                    try Files.write("version: 1\nmode: brave\n", to: file)
                }
            ),
            (
                "a good file moved over it", loaded, "mode enforce",
                { () throws(BedError) in
                    try Files.write(good + "# moved\n", to: file + ".new")
                    _ = try Shell.run(["mv", file + ".new", file])
                }
            ),
            (
                "it removed", refused, "there is no such file",
                { () throws(BedError) in
                    _ = try Shell.run(["rm", file])
                }
            ),
            ("it put back", loaded, "mode enforce", { () throws(BedError) in try Files.write(good, to: file) }),
        ]
        for way in ways {
            let start = Moment.now
            try way.change()
            var told: [JournalReader.Record] = []
            while told.isEmpty, start.age < 10 {
                try Wait.seconds(0.2)
                told = try bed.journal.records(since: start).filter { $0["MESSAGE_ID"] == way.id }
            }
            // What follows on one change would follow within this time.
            try Wait.seconds(1.5)
            told = try bed.journal.records(since: start).filter { [loaded, refused].contains($0["MESSAGE_ID"]) }
            let isTold = told.count == 1 && told[0]["MESSAGE_ID"] == way.id && told[0].text.contains(way.part)
            report.check(isTold, "\(way.what), no signal: \(list(told.map(\.text)))")
            guard daemon.isRunning else { return report.check(false, "the daemon ended") }
        }
        let start = Moment.now
        try Files.write(good, to: file)
        try Files.write("x", to: file + ".swp")
        try Wait.seconds(3)
        let told = try bed.journal.records(since: start).filter { [loaded, refused].contains($0["MESSAGE_ID"]) }
        report.check(told.isEmpty, "the same content again and an editor's own file are not told")
    }
}
