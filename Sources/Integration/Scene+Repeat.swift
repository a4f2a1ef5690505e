import Foundation

extension Scene {
    /// Noise begins and ends many times; the time from its beginning to the quota in force is what counts.
    ///
    /// - Parameters:
    ///   - rounds: How many times.
    ///   - report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func manyOutbreaks(_ rounds: Int, _ report: inout Report) throws(BedError) {
        try work()
        let (daemon, _) = try daemon("repeat")
        let start = Moment.now
        try Wait.seconds(Self.warmUp)
        var times: [Double] = []
        var held: [String] = []
        for round in 1...rounds {
            let outbreak = try breakOut()
            held += outbreak.wronglyHeld
            let restored = try calmDown(outbreak.watch)
            let load = Measure.load
            say("  \(round): held \(seconds(outbreak.throttled)), let go \(seconds(restored)) (load average \(load))")
            report.check(outbreak.throttled != nil && restored != nil, "round \(round) held and let go")
            if let time = outbreak.throttled { times.append(time) }
            // Rounds must not fall into step with the daemon's tick.
            try Wait.seconds(10 + Double(round % 10) / 10)
        }
        times.sort()
        if let worst = times.last {
            let median = times[times.count / 2]
            // A figure, not a verdict: how long it takes depends on what else this machine does.
            say("  noise to throttle: median \(seconds(median)), worst \(seconds(worst)), \(times.count) rounds")
        }
        report.check(held.isEmpty, "wrongly held: \(list(held))")
        let blames = try bed.journal.records(since: start).filter { !$0["QUELL_CULPRIT"].isEmpty }
        let wrong = blames.filter { ![noisy.name, noisy.uuid].contains($0["QUELL_CULPRIT"]) }
        report.check(wrong.isEmpty, "wrongly blamed in \(blames.count) records: \(list(wrong.map(\.text)))")
        endWell(daemon, &report)
        try rest()
    }
}
