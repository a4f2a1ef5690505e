import Foundation

/// What contention looks like on this host, without Quell: the figures that thresholds are set by.
enum Measure {
    /// A stretch of time as seen from outside and inside of a guest.
    struct Stretch {
        /// Cores in use.
        var cores: Double
        /// Seconds of waiting for a CPU a second, over all of its vCPUs.
        var delay: Double
        /// The fixed piece of work on the guest's own clock, in milliseconds: mean and longest.
        var service: (mean: Double, longest: Double)?
    }

    /// Watches guests for a while.
    ///
    /// - Parameters:
    ///   - guests: The guests.
    ///   - seconds: How long.
    /// - Returns: What each used and suffered, in the same order.
    /// - Throws: ``BedError/interrupted``.
    static func watch(_ guests: [Guest], seconds: Double) throws(BedError) -> [Stretch] {
        let start = Moment.now
        let before = guests.map { ($0.usage, $0.mark) }
        try Wait.seconds(seconds)
        let length = start.age
        return zip(guests, before).map { guest, before in
            let usage = guest.usage
            return Stretch(
                cores: (usage.run - before.0.run) / length,
                delay: (usage.delay - before.0.delay) / length,
                service: guest.service(since: before.1)
            )
        }
    }

    /// Prints a line for each guest.
    ///
    /// - Parameters:
    ///   - title: What was going on.
    ///   - guests: The guests.
    ///   - stretches: What each used and suffered.
    static func show(_ title: String, _ guests: [Guest], _ stretches: [Stretch]) {
        say("\(title) (load average \(load))")
        for (guest, stretch) in zip(guests, stretches) {
            var line = "  \(guest.spec.label): \(Report.number(stretch.cores)) cores, "
            line += "run delay \(Report.number(stretch.delay * 1_000)) ms/s"
            if let service = stretch.service {
                line += ", work \(Report.number(service.mean)) ms, longest \(Report.number(service.longest)) ms"
            }
            say(line)
        }
    }

    /// The host's load average over a minute.
    static var load: String {
        Files.text("/proc/loadavg")?.split(separator: " ").first.map(String.init) ?? "unknown"
    }

    /// Prints figures for several duties of the victims, quiet, with noise and with the noise held back.
    ///
    /// - Parameter scene: The guests, all at rest.
    /// - Throws: ``BedError`` if it breaks off.
    static func run(on scene: Scene) throws(BedError) {
        let vcpu = scene.noisy.vcpus[0]
        show("all at rest", scene.guests, try watch(scene.guests, seconds: 5))
        try scene.noisy.tell("spin")
        show("\(scene.noisy.spec.label) spins, the others at rest", scene.guests, try watch(scene.guests, seconds: 5))
        for duty in ["20 40", "25 80", "40 80"] {
            try scene.noisy.tell("idle")
            for victim in scene.victims { try victim.tell("duty \(duty)") }
            try Wait.seconds(2)
            for _ in 1...2 { show("duty \(duty), quiet", scene.guests, try watch(scene.guests, seconds: 5)) }
            try scene.noisy.tell("spin")
            for _ in 1...3 { show("duty \(duty), noise, 1 s", scene.guests, try watch(scene.guests, seconds: 1)) }
            for _ in 1...2 { show("duty \(duty), noise", scene.guests, try watch(scene.guests, seconds: 5)) }
            for cap in [60_000, 35_000, 20_000, -1] {
                try scene.bed.virsh(["schedinfo", scene.noisy.name, "--live", "--set", "vcpu_quota=\(cap)"])
                let quota = vcpu.quota.map { "\($0)" } ?? "gone"
                if cap < 0 {
                    say("quota taken away: \(quota)")
                    continue
                }
                try Wait.seconds(1)
                let before = vcpu.throttling
                show("duty \(duty), noise held to \(quota)", scene.guests, try watch(scene.guests, seconds: 5))
                if let before, let after = vcpu.throttling {
                    let time = Report.number(after.seconds - before.seconds)
                    say("  held back in \(after.periods - before.periods) periods, for \(time) s")
                }
            }
        }
        try scene.rest()
    }
}
