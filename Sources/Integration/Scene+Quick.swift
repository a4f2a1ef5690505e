import Foundation

extension Scene {
    /// Seconds for which a quick daemon must see a quiet host before it can tell who disturbs it: eight ticks, and some.
    static let quickWarmUp = 7.0

    /// A daemon that acts within seconds of its start, two ticks a second, for scenarios in which noise comes many times.
    ///
    /// It goes by the bound alone and not by what it has learned, and climbs and descends its ladder fast. On a busy host
    /// that would blame the victims for each other, so that they are never held.
    ///
    /// - Parameter name: What its directories are named after.
    /// - Returns: The daemon, not started yet.
    /// - Throws: ``BedError`` if it was not built.
    func quickDaemon(_ name: String) throws(BedError) -> Quelld {
        let file = bed.directory + "/" + name + ".yaml"
        let names = victims.map(\.name).joined(separator: ", ")
        try Files.write(Self.quick + "protect:\n  vms: [\(names)]\n", to: file)
        let shipped = FileManager.default.currentDirectoryPath + "/Thresholds/default.yaml"
        return try Quelld(on: bed, name: name, policy: [shipped, file], tick: "500ms")
    }

    private static let quick = """
        version: 1
        mode: enforce
        limits:
          actions-per-minute: 60
        rules:
          - name: cpu-starved
            above: 120 ms/s
            deviation: none
            clear-after: 2 s
          - name: cpu-starved-severely
            clear-after: 2 s
        ladders:
          cpu-throttle:
            step-after: 2 s
            calm: 2 s
            raise-every: 1 s
            acquittal: 1 s

        """

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
