import Foundation
import Signals

extension Scene {
    /// Times that the daemon is killed.
    private static let crashes = 24
    /// How the guest is held, in turns.
    private static let steps = [
        ("35%", "cpu"), ("quarantine", "cpu"), ("50%", "disk"), ("suspend", "cpu"), ("20%", "bus-lock"),
    ]

    /// What many crashes have come to.
    private struct Toll {
        /// Times that it was killed while anything of the guest was changed.
        var held = 0
        /// Times that a person changed the quota between the crash and the restart.
        var changed = 0
        /// Of these, those after which the person's quota was gone.
        var overwritten = 0
        /// What the guest did not get back, after which crash.
        var stuck: [String] = []
        /// Holds that stayed in the ledger.
        var leases = 0
        /// The longest time from a restart until all was as before, in seconds.
        var slowest = 0.0
    }

    /// The daemon is killed at random moments while it holds, steps and lets go, and started again each time.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func manyCrashes(_ report: inout Report) throws(BedError) {
        try noisy.tell("log")
        let others = try Bystanders(victims.map(\.uuid), on: bed)
        let before = try HeldState(of: noisy, on: bed)
        let daemon = try quickDaemon("crash")
        report.check(try isWatching(daemon, guests.count), "\(guests.count) guests are watched")
        var random = SplitMix64(seed: 20_261_201)
        var toll = Toll()
        let start = Moment.now
        for round in 1...Self.crashes { try crash(round, daemon, before, &random, &toll) }
        say("  \(Self.crashes) crashes in \(seconds(start.age)); slowest back \(seconds(toll.slowest)) after a restart")
        report.check(toll.held >= Self.crashes / 2, "\(toll.held) of \(Self.crashes) crashes came while it was held")
        report.check(toll.stuck.isEmpty, "not given back: \(list(toll.stuck))")
        report.check(toll.leases == 0, "\(toll.leases) leases left")
        report.check(
            toll.overwritten == 0 && toll.changed > 0,
            "\(toll.overwritten) of \(toll.changed) foreign values overwritten"
        )
        let changes = try others.changes()
        report.check(changes.isEmpty, "everybody else is as before: \(list(changes))")
        endWell(daemon, &report)
        try rest()
    }

    /// One crash: while it begins to hold, while it goes from step to step, or while it lets go.
    private func crash(
        _ round: Int,
        _ daemon: Quelld,
        _ before: HeldState,
        _ random: inout SplitMix64,
        _ toll: inout Toll
    ) throws(BedError) {
        let part = Double(random.next() % 1_000) / 1_000
        let (step, over) = Self.steps[round % Self.steps.count]
        // The use of a disk is read some ticks after the start, and only what is used can be held back.
        if over == "disk" { try Wait.seconds(4) }
        var commands = [daemon.holdCommand(noisy, step, over: over)]
        switch round % 3 {
        case 0: break
        case 1:
            _ = try daemon.hold(noisy, "60%", over: over)
        default:
            _ = try daemon.hold(noisy, step, over: over)
            commands = [daemon.releaseCommand(noisy)]
        }
        // A command takes some 50 ms to reach the daemon, and the daemon about as long to carry it out.
        let command = try bed.launch(commands[0], log: "crash")
        try Wait.seconds(part * 0.3)
        daemon.kill()
        command.waitForEnd(20)
        let atDeath = try HeldState(of: noisy, on: bed).differences(from: before)
        if !atDeath.isEmpty { toll.held += 1 }
        // Only a quota that Quell has set can be taken for its own.
        let isChanged = round % 2 == 0 && atDeath.contains { $0.hasPrefix("vcpu-quota") }
        if isChanged {
            toll.changed += 1
            try bed.virsh(["schedinfo", noisy.uuid, "--live", "--set", "vcpu_quota=77000"])
        }
        let restart = Moment.now
        try daemon.start()
        var left: [String] = []
        _ = try seen(within: 20) { () throws(BedError) in
            left = try HeldState(of: noisy, on: bed).differences(from: before)
            return left.allSatisfy { isChanged && $0.hasPrefix("vcpu-quota") }
        }
        toll.slowest = max(toll.slowest, restart.age)
        if isChanged {
            try Wait.seconds(2)
            if noisy.vcpus.contains(where: { $0.quota?.quota != 77_000 }) { toll.overwritten += 1 }
            try bed.virsh(["schedinfo", noisy.uuid, "--live", "--set", "vcpu_quota=-1"])
            left.removeAll { $0.hasPrefix("vcpu-quota") }
        }
        if !left.isEmpty { toll.stuck.append("\(round): \(left.joined(separator: ", "))") }
        // A change that was under way may still come, so such a lease is watched for a minute.
        if try !daemon.holds(0, within: 75) { toll.leases += try daemon.leases() }
        let when = ["beginning", "stepping", "letting go"][round % 3]
        let what = isChanged ? "a person's change" : "back after \(seconds(restart.age))"
        say("  \(round): \(step) over \(over), \(when): \(atDeath.joined(separator: "; ")); \(what)")
    }
}
