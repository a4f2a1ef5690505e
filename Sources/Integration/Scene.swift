import Foundation

/// Four guests on a host with two CPUs: three with steady work of two tenants, and one of a third tenant.
///
/// What each scenario needs of them, and the steps that several share.
struct Scene {
    /// The victims' work: a fifth of a CPU by the guest's own measure, in bursts of 80 ms.
    static let duty = "duty 20 80"
    /// Seconds for which the daemon learns what is usual before the noise begins.
    static let warmUp = 45.0
    /// Seconds within which noise must be answered at the latest.
    static let patience = 20.0
    /// Seconds within which a quota must be gone after the noise: some 30 where the victims are calm again, and with the
    /// end of the lease at the latest.
    static let releasePatience = 320.0

    /// The bed.
    let bed: Bed
    /// The guests with steady work: two of tenant a, one of tenant b.
    let victims: [Guest]
    /// The guest of tenant c, with as many vCPUs as the host has CPUs.
    let noisy: Guest
    /// All of them.
    var guests: [Guest] { victims + [noisy] }

    /// Boots the guests.
    ///
    /// - Parameter bed: Where.
    /// - Throws: ``BedError`` if one does not come up.
    init(on bed: Bed) throws(BedError) {
        self.bed = bed
        let cpus = min(4, max(2, ProcessInfo.processInfo.processorCount))
        let guests = try bed.boot([
            GuestSpec(label: "a1", tenant: "a"), GuestSpec(label: "a2", tenant: "a"),
            GuestSpec(label: "b1", tenant: "b"), GuestSpec(label: "c1", tenant: "c", vcpus: cpus),
        ])
        victims = Array(guests.dropLast())
        noisy = guests[guests.count - 1]
    }

    /// Sets the victims to work.
    ///
    /// - Throws: ``BedError`` if one does not answer.
    func work() throws(BedError) {
        for victim in victims { try victim.tell(Self.duty) }
    }

    /// Sets all guests to rest.
    ///
    /// - Throws: ``BedError`` if one does not answer.
    func rest() throws(BedError) {
        for guest in guests { try guest.tell("idle") }
    }

    /// Starts a daemon that acts, with the shipped policy.
    ///
    /// - Parameters:
    ///   - name: What its directories are named after.
    ///   - arguments: More arguments of its command line.
    /// - Returns: The running daemon and the file that makes it act.
    /// - Throws: ``BedError`` if it does not come up.
    func daemon(_ name: String, _ arguments: [String] = []) throws(BedError) -> (daemon: Quelld, file: String) {
        let file = bed.directory + "/" + name + ".yaml"
        try Files.write(Self.enforce, to: file)
        let daemon = try Quelld(on: bed, name: name, policy: [Quelld.shippedPolicy, file], arguments: arguments)
        try daemon.start()
        return (daemon, file)
    }

    /// What makes the shipped policy act, and what its comment asks of a crowded host: on two CPUs that emulate guests,
    /// a quiet one waits for up to 70 ms/s.
    static let enforce = """
        version: 1
        mode: enforce
        rules:
          - name: cpu-starved
            above: 120 ms/s

        """

    /// What came of one outbreak of noise.
    struct Outbreak {
        /// When the noisy guest was told to spin.
        var start: Moment
        /// Seconds until its quota was in force; `nil` if it never was.
        var throttled: Double?
        /// The guests that were held though they did nothing.
        var wronglyHeld: [String]
        /// Its quotas before.
        var watch: QuotaWatch
    }

    /// Lets the noisy guest spin until it is held or patience is at its end.
    ///
    /// - Returns: What came of it.
    /// - Throws: ``BedError`` if it does not answer.
    func breakOut() throws(BedError) -> Outbreak {
        var watch = QuotaWatch(guests)
        let start = try noisy.tell("spin")
        try watch.look(limit: Self.patience) { $0.change(of: noisy) != nil }
        return Outbreak(
            start: start,
            throttled: watch.change(of: noisy),
            wronglyHeld: victims.filter { watch.change(of: $0) != nil }.map(\.name),
            watch: watch
        )
    }

    /// Stops the noise and waits until its quota is what it was.
    ///
    /// - Parameter watch: What it was.
    /// - Returns: Seconds until then; `nil` if that did not come.
    /// - Throws: ``BedError`` if it does not answer.
    func calmDown(_ watch: QuotaWatch) throws(BedError) -> Double? {
        let start = try noisy.tell("idle")
        while !watch.isAsAtFirst(noisy) {
            if start.age > Self.releasePatience { return nil }
            try Wait.seconds(0.05)
        }
        return start.age
    }
}
