import Foundation

extension Scene {
    /// A daemon that acts on nothing but what a person asks for, within a second, and has a quarantine to put guests in.
    ///
    /// What the scenarios try that use it begins with a hold; how that came about is another matter, and takes a quiet
    /// host.
    ///
    /// - Parameters:
    ///   - name: What its directories are named after.
    ///   - protecting: Guests that it may never hold.
    /// - Returns: The daemon, not started yet.
    /// - Throws: ``BedError`` if it was not built.
    func quickDaemon(_ name: String, protecting: [Guest] = []) throws(BedError) -> Quelld {
        let file = bed.directory + "/" + name + ".yaml"
        let names = protecting.map(\.name).joined(separator: ", ")
        try Files.write(Self.quick + "protect:\n  vms: [\(names)]\n", to: file)
        return try Quelld(on: bed, name: name, policy: [Quelld.shippedPolicy, file], tick: "500ms")
    }

    private static let quick = """
        version: 1
        mode: enforce
        quarantine:
          cpus: 0
          share: 20%
          links: down

        """

    /// Starts a daemon and waits until it watches a number of guests.
    ///
    /// - Parameters:
    ///   - daemon: The daemon.
    ///   - count: The guests.
    /// - Returns: Whether it does within 20 s.
    /// - Throws: ``BedError`` if it does not come up.
    func isWatching(_ daemon: Quelld, _ count: Int) throws(BedError) -> Bool {
        try daemon.start()
        return try seen(within: 20) { () throws(BedError) in try daemon.vms().count == count }
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
