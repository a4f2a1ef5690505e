import Foundation

extension Scene {
    /// The daemon is killed while it holds the noisy guest: once it is started again, once it stays dead.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func killedDaemon(_ report: inout Report) throws(BedError) {
        for restarts in [true, false] {
            try work()
            let (daemon, _) = try daemon(restarts ? "killed" : "dead")
            try Wait.seconds(Self.warmUp)
            let outbreak = try breakOut()
            report.check(outbreak.throttled != nil, "held \(seconds(outbreak.throttled)) after the noise began")
            // Once in the middle of its action, as soon as the kernel shows the quota; once when all is written down.
            if !restarts { try Wait.seconds(1) }
            daemon.kill()
            report.check(!daemon.isRunning, "the daemon is dead")
            report.check(!outbreak.watch.isAsAtFirst(noisy), "the quota outlives it: \(quotaText)")
            try noisy.tell("idle")
            let start = Moment.now
            if restarts {
                try daemon.start()
            } else {
                let output = try daemon.releaseAll()
                let text = (output.text + output.errors).split(whereSeparator: \.isNewline).joined(separator: "; ")
                report.check(output.status == 0, "`quell release --all` with the daemon dead: \(text)")
            }
            while !outbreak.watch.isAsAtFirst(noisy), start.age < Self.patience { try Wait.seconds(0.05) }
            report.check(
                outbreak.watch.isAsAtFirst(noisy),
                "quota as at first \(seconds(start.age)) after \(restarts ? "the restart" : "the command"): \(quotaText)"
            )
            if !restarts { try daemon.start() }
            // A change that was under way when it died may still happen, so such a lease is watched for a minute.
            let isEmpty = try daemon.holds(0, within: restarts ? 75 : 5)
            report.check(isEmpty, "no lease in the ledger \(seconds(start.age)) after")
            endWell(daemon, &report)
            report.check(outbreak.watch.isAsAtFirst(noisy), "the quota stays as it was: \(quotaText)")
            try rest()
        }
    }

    /// The noisy guest's quota for people.
    var quotaText: String { noisy.vcpus[0].quota.map { "\($0)" } ?? "gone" }
}
