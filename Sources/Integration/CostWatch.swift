import Foundation

/// Reads what agents cost on a herd of guests: their own CPU time and what libvirtd and QEMU spend for them.
struct CostWatch {
    /// The bed.
    let bed: Bed
    /// The guests.
    let herd: Herd

    /// What was used over a stretch of time.
    struct Stretch {
        /// Who used how much, in seconds.
        var bill: Bill
        /// How long it was, in seconds.
        var seconds: Double
        /// Beats in it.
        var beats: Int

        /// Who used how much in a second, in cores.
        var rate: Bill { bill * (1 / seconds) }
    }

    /// All bills so far.
    ///
    /// - Parameter agent: The agent's process; `nil` while none runs.
    /// - Returns: Seconds of CPU time since each was started.
    func bill(_ agent: Int32?) -> Bill {
        Bill(
            agent: agent.flatMap { CPUMeter.seconds(of: $0) } ?? 0,
            libvirtd: bed.libvirtdPID.flatMap { CPUMeter.seconds(of: $0) } ?? 0,
            qemu: herd.pids.reduce(0) { $0 + (CPUMeter.seconds(of: $1) ?? 0) },
            journald: bed.journaldPID.flatMap { CPUMeter.seconds(of: $0) } ?? 0
        )
    }

    /// Lets time pass and tells who used it.
    ///
    /// - Parameters:
    ///   - seconds: How long, in whole seconds.
    ///   - agent: Who is at work; `nil` for nobody.
    /// - Returns: What was used.
    /// - Throws: ``BedError`` if the agent fails.
    func stretch(_ seconds: Int, _ agent: (any Agent)? = nil) throws(BedError) -> Stretch {
        let start = Moment.now
        let before = bill(agent?.pid)
        var beats = 0
        while start.age < Double(seconds) {
            let began = start.age
            try agent?.beat()
            beats += 1
            // A beat that takes longer than a second leaves out those that it covers.
            try Wait.seconds(max(0, began.rounded(.down) + 1 - start.age))
        }
        let length = start.age
        return Stretch(bill: bill(agent?.pid) - before, seconds: length, beats: beats)
    }

    /// Runs an agent for a while, between two times in which nobody is at work.
    ///
    /// - Parameters:
    ///   - agent: The agent.
    ///   - seconds: How long it is watched once it is steady.
    ///   - idle: What the idle host uses, from before; taken anew at the end.
    /// - Returns: What was used because of it, and the figures of one guest that it gives.
    /// - Throws: ``BedError`` if it fails.
    func cost(
        of agent: some Agent,
        seconds: Int,
        idle: inout Stretch
    ) throws(BedError) -> (extra: Stretch, figures: Int) {
        try agent.start()
        _ = try stretch(Int(agent.settling), agent)
        var stretch = try stretch(seconds, agent)
        let figures = try agent.figures(of: herd.names[0])
        agent.stop()
        try Wait.seconds(3)
        let after = try self.stretch(30)
        let quiet = Bill(
            libvirtd: (idle.rate.libvirtd + after.rate.libvirtd) / 2,
            qemu: (idle.rate.qemu + after.rate.qemu) / 2,
            journald: (idle.rate.journald + after.rate.journald) / 2
        )
        idle = after
        stretch.bill = stretch.bill - quiet * stretch.seconds
        return (stretch, figures)
    }

    /// Prints what the idle host uses.
    func show(idle: Stretch) {
        let rate = idle.rate
        let text = [rate.libvirtd, rate.qemu].map { Report.number($0 * 1e6 / Double(herd.pids.count)) }
        let load = Measure.load
        say("  nobody at work: libvirtd \(text[0]), QEMU \(text[1]) µs per guest and second (load average \(load))")
    }
}
