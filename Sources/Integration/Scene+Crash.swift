import Foundation
import Signals

extension Scene {
    /// Times that the daemon is killed.
    private static let crashes = 20
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
        var before: [HeldState] = []
        for guest in guests { before.append(try HeldState(of: guest, on: bed)) }
        let daemon = try quickDaemon("crash")
        report.check(try isWatching(daemon, guests.count), "\(guests.count) guests are watched")
        var random = SplitMix64(seed: 20_261_201)
        var toll = Toll()
        let start = Moment.now
        for round in 1...Self.crashes {
            // In turns, because what was under way at a crash is watched for a minute.
            let index = round % guests.count
            try crash(round, of: guests[index], daemon, before[index], &random, &toll)
        }
        if try !daemon.holds(0, within: 75) { toll.leases = try daemon.leases() }
        say("  \(Self.crashes) crashes in \(seconds(start.age)); slowest back \(seconds(toll.slowest)) after a restart")
        report.check(toll.held >= Self.crashes / 2, "\(toll.held) of \(Self.crashes) crashes came while it was held")
        report.check(toll.stuck.isEmpty, "not given back: \(list(toll.stuck))")
        report.check(toll.leases == 0, "\(toll.leases) leases left")
        report.check(
            toll.overwritten == 0 && toll.changed > 0,
            "\(toll.overwritten) of \(toll.changed) foreign values overwritten"
        )
        var changes: [String] = []
        for (guest, state) in zip(guests, before) {
            let left = try HeldState(of: guest, on: bed).differences(from: state)
            if !left.isEmpty { changes.append("\(guest.name): \(left.joined(separator: ", "))") }
        }
        report.check(changes.isEmpty, "in the end every guest is as before, marks included; not so: \(list(changes))")
        endWell(daemon, &report)
        try rest()
    }

    /// One crash: while it begins to hold, while it goes from step to step, or while it lets go.
    private func crash(
        _ round: Int,
        of guest: Guest,
        _ daemon: Quelld,
        _ before: HeldState,
        _ random: inout SplitMix64,
        _ toll: inout Toll
    ) throws(BedError) {
        let part = Double(random.next() % 1_000) / 1_000
        let (step, over) = Self.steps[round % Self.steps.count]
        let isFree = try seen(within: 75) { () throws(BedError) in
            guard try daemon.vms().count == guests.count else { return false }
            return try !daemon.holdRows().contains { $0.name == guest.name }
        }
        if !isFree { toll.stuck.append("\(round): a lease of \(guest.name) is still there") }
        // The use of a disk is read some ticks after it began, and only what is used can be held back.
        if over == "disk" {
            try guest.tell("log")
            _ = try seen(within: 20) { () throws(BedError) in
                let vm = try daemon.vms().first { $0.name == guest.name }
                return vm?.readings.contains { $0.key.hasPrefix("disk.write") && $0.value > 0 } ?? false
            }
        }
        var commands = [daemon.holdCommand(guest, step, over: over)]
        switch round % 3 {
        case 0: break
        case 1:
            _ = try daemon.hold(guest, "60%", over: over)
        default:
            _ = try daemon.hold(guest, step, over: over)
            commands = [daemon.releaseCommand(guest)]
        }
        // A command takes some 50 ms to reach the daemon, and the daemon about as long to carry it out.
        let command = try bed.launch(commands[0], log: "crash")
        try Wait.seconds(part * 0.6)
        daemon.kill()
        command.waitForEnd(20)
        let atDeath = try HeldState(of: guest, on: bed).differences(from: before)
        if !atDeath.isEmpty { toll.held += 1 }
        // Only a quota that Quell has set can be taken for its own.
        let isChanged = round % 2 == 0 && atDeath.contains { $0.hasPrefix("vcpu-quota") }
        if isChanged {
            toll.changed += 1
            try bed.virsh(["schedinfo", guest.uuid, "--live", "--set", "vcpu_quota=77000"])
        }
        // Where it died between writing a change ahead and making it, the change may still come, so that the lease and the
        // mark of it are kept for a minute.
        let restart = Moment.now
        try daemon.start()
        var left: [String] = []
        _ = try seen(within: 75) { () throws(BedError) in
            left = try HeldState(of: guest, on: bed).differences(from: before)
            return left.allSatisfy { isChanged && $0.hasPrefix("vcpu-quota") }
        }
        let back = restart.age
        toll.slowest = max(toll.slowest, back)
        if isChanged {
            try Wait.seconds(2)
            if guest.vcpus.contains(where: { $0.quota?.quota != 77_000 }) { toll.overwritten += 1 }
            try bed.virsh(["schedinfo", guest.uuid, "--live", "--set", "vcpu_quota=-1"])
            left.removeAll { $0.hasPrefix("vcpu-quota") }
        }
        if !left.isEmpty { toll.stuck.append("\(round): \(left.joined(separator: ", "))") }
        if over == "disk" { try guest.tell("idle") }
        let when = ["beginning", "stepping", "letting go"][round % 3]
        let what = !left.isEmpty ? "not back: \(left)" : isChanged ? "a person's change" : "back after \(seconds(back))"
        say("  \(round): \(step) over \(over), \(when): \(atDeath.joined(separator: "; ")); \(what)")
    }
}
