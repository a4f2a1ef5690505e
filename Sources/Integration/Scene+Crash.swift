import Foundation
import Signals

extension Scene {
    /// Times that the daemon is killed.
    private static let crashes = 20

    /// What many crashes have come to.
    private struct Toll {
        /// Times that it was killed while the guest was held.
        var held = 0
        /// Times that a person changed the quota between the crash and the restart.
        var changed = 0
        /// Of these, those after which the person's quota was gone.
        var overwritten = 0
        /// Times after which the guest did not get back what it had.
        var stuck = 0
        /// Leases that stayed.
        var leases = 0
        /// Marks that stayed.
        var marks = 0
        /// The longest time from a restart until all was as before, in seconds.
        var slowest = 0.0
    }

    /// The daemon is killed at random moments while it holds, steps and lets go, and started again each time.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func manyCrashes(_ report: inout Report) throws(BedError) {
        try work()
        let others = try Bystanders(victims.map(\.uuid), on: bed)
        let daemon = try quickDaemon("crash")
        try daemon.start()
        var random = SplitMix64(seed: 20_261_201)
        var toll = Toll()
        let start = Moment.now
        for round in 1...Self.crashes {
            try Wait.seconds(Self.quickWarmUp)
            try crash(round, daemon, &random, &toll)
        }
        say("  \(Self.crashes) crashes in \(seconds(start.age)), \(toll.held) of them with the guest held")
        report.check(toll.held >= Self.crashes / 2, "\(toll.held) of \(Self.crashes) crashes came while it was held")
        report.check(
            toll.stuck == 0,
            "\(toll.stuck) times it did not get back what it had; slowest \(seconds(toll.slowest))"
        )
        report.check(toll.leases == 0, "\(toll.leases) leases left")
        report.check(toll.marks == 0, "\(toll.marks) marks left")
        report.check(
            toll.overwritten == 0 && toll.changed > 0,
            "\(toll.overwritten) of \(toll.changed) foreign values overwritten"
        )
        let changes = try others.changes()
        report.check(changes.isEmpty, "everybody else is as before: \(list(changes))")
        endWell(daemon, &report)
        try rest()
    }

    /// One crash.
    private func crash(
        _ round: Int,
        _ daemon: Quelld,
        _ random: inout SplitMix64,
        _ toll: inout Toll
    ) throws(BedError) {
        let part = Double(random.next() % 1_000) / 1_000
        let outbreak = try provoke().watch
        // A third is killed at once, in the middle of the first action; a third on the way down; a third on the way up.
        switch round % 3 {
        case 0: try Wait.seconds(part * 0.1)
        case 1: try Wait.seconds(part * 6)
        default:
            try Wait.seconds(part * 2)
            try noisy.tell("idle")
            try Wait.seconds(3 + part * 7)
        }
        daemon.kill()
        let quota = quotaText
        let wasHeld = !outbreak.isAsAtFirst(noisy)
        if wasHeld { toll.held += 1 }
        try noisy.tell("idle")
        let isChanged = wasHeld && round % 4 == 1
        if isChanged {
            toll.changed += 1
            try bed.virsh(["schedinfo", noisy.uuid, "--live", "--set", "vcpu_quota=77000"])
        }
        let restart = Moment.now
        try daemon.start()
        if isChanged {
            try Wait.seconds(4)
            if noisy.vcpus.contains(where: { $0.quota?.quota != 77_000 }) { toll.overwritten += 1 }
            try bed.virsh(["schedinfo", noisy.uuid, "--live", "--set", "vcpu_quota=-1"])
        } else {
            let isBack = try seen(within: 20) { () throws(BedError) in outbreak.isAsAtFirst(noisy) }
            if !isBack { toll.stuck += 1 }
            toll.slowest = max(toll.slowest, restart.age)
        }
        // A change that was under way may still come, so such a lease is watched for a minute.
        if try !daemon.holds(0, within: 75) { toll.leases += try daemon.leases() }
        let mark = try Shell.attempt([
            "virsh", "-q", "-c", bed.uri, "metadata", noisy.uuid, "urn:quell:hold:1", "--live",
        ])
        if mark.status == 0 { toll.marks += 1 }
        let what = isChanged ? "a person's change kept" : "back after \(seconds(restart.age))"
        say("  \(round): killed at \(quota), \(what), now \(quotaText)")
    }
}
