import Foundation

extension Scene {
    /// A guest spins while the others rest: it is busy, and nobody is hurt.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func quietHost(_ report: inout Report) throws(BedError) {
        let (daemon, _) = try daemon("quiet")
        let start = Moment.now
        try Wait.seconds(Self.warmUp)
        let busy = try breakOut()
        let more = try Measure.watch(guests, seconds: 20)
        Measure.show("a busy guest alone", guests, more)
        report.check(busy.throttled == nil && busy.watch.isAsAtFirst(noisy), "not held in 40 s")
        report.check(busy.wronglyHeld.isEmpty, "wrongly held: \(list(busy.wronglyHeld))")
        try blameNobody(since: start, "on a quiet host", &report)
        report.check(try daemon.holds(0), "no lease in the ledger")
        let trace = try daemon.recorded(seconds: 8)
        report.check(
            trace.problem == nil && trace.stored >= 6 && trace.replayed == trace.stored,
            "\(trace.stored) ticks recorded in 8 s, \(trace.replayed) replayed \(trace.problem ?? "")"
        )
        endWell(daemon, &report)
        try rest()
    }
}
