import Foundation

extension Scene {
    /// Seconds for which a quick daemon must see a quiet host before it can tell who disturbs it: eight ticks, and some.
    static let quickWarmUp = 7.0

    /// A daemon that acts within seconds of its start, two ticks a second, for scenarios in which noise comes many times.
    ///
    /// It goes by a bound alone and not by what it has learned, and climbs and descends its ladder fast. The bound lies
    /// between what the victims wait on this host in peace and beside noise, which is measured here. On a busy host that
    /// would blame the victims for each other, so they are never held.
    ///
    /// - Parameter name: What its directories are named after.
    /// - Returns: The daemon, not started yet.
    /// - Throws: ``BedError`` if it was not built.
    func quickDaemon(_ name: String) throws(BedError) -> Quelld {
        let file = bed.directory + "/" + name + ".yaml"
        let calm = try worstDelay(seconds: 6)
        try noisy.tell("spin")
        try Wait.seconds(1)
        let loud = try worstDelay(seconds: 4)
        try noisy.tell("idle")
        let bound = Int((calm * loud).squareRoot() * 1_000)
        say("  the victims wait up to \(Report.number(calm * 1_000)) ms/s in peace, \(Report.number(loud * 1_000)) beside noise")
        let names = victims.map(\.name).joined(separator: ", ")
        try Files.write(Self.quick(max(20, bound)) + "protect:\n  vms: [\(names)]\n", to: file)
        let shipped = FileManager.default.currentDirectoryPath + "/Thresholds/default.yaml"
        return try Quelld(on: bed, name: name, policy: [shipped, file], tick: "500ms")
    }

    /// The longest that a victim waits for a CPU, in seconds a second.
    private func worstDelay(seconds: Double) throws(BedError) -> Double {
        try Measure.watch(victims, seconds: seconds).map(\.delay).max() ?? 0
    }

    private static func quick(_ bound: Int) -> String {
        """
        version: 1
        mode: enforce
        limits:
          actions-per-minute: 60
        rules:
          - name: cpu-starved
            above: \(bound) ms/s
            deviation: none
            clear-after: 2 s
          - name: cpu-starved-severely
            enabled: no
          - name: cpu-starved-shift
            enabled: no
        ladders:
          cpu-throttle:
            step-after: 2 s
            calm: 2 s
            raise-every: 1 s
            acquittal: 1 s

        """
    }

    /// Lets the noisy guest spin until it is held, and again after a rest where it was not.
    ///
    /// Where other work keeps the host busy the victims may be hurt before the noise begins, and then nobody new is
    /// blamed. What these scenarios try begins with a hold, however it came about.
    ///
    /// - Returns: What came of it in the end.
    /// - Throws: ``BedError`` if it does not answer.
    func provoke() throws(BedError) -> Outbreak {
        var outbreak = try breakOut()
        for _ in 1...3 where outbreak.throttled == nil {
            say("  note: not held in \(Self.patience) s (load average \(Measure.load)); once more")
            for record in try bed.journal.records(since: outbreak.start).prefix(4) { say("  journal: \(record.text)") }
            try noisy.tell("idle")
            try Wait.seconds(2 * Self.quickWarmUp)
            outbreak = try breakOut()
        }
        return outbreak
    }

    /// Waits until something is so.
    ///
    /// - Parameters:
    ///   - limit: The longest wait in seconds.
    ///   - condition: Whether it is so.
    /// - Returns: Whether it came in time.
    /// - Throws: What the condition throws.
    func seen(within limit: Double, _ condition: () throws(BedError) -> Bool) throws(BedError) -> Bool {
        let start = Moment.now
        while try !condition() {
            if start.age > limit { return false }
            try Wait.seconds(0.2)
        }
        return true
    }
}
