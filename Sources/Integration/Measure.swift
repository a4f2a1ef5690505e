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

    static func run(on bed: Bed) throws(BedError) {
        let guests = try bed.boot([
            GuestSpec(label: "a1", tenant: "a"), GuestSpec(label: "a2", tenant: "a"),
            GuestSpec(label: "b1", tenant: "b"),
            GuestSpec(label: "c1", tenant: "c", vcpus: 2),
        ])
        for guest in guests { say("\(guest.name): \(guest.console.split(whereSeparator: \.isNewline))") }
        guard let noisy = guests.last, let vcpu = noisy.vcpus.first else { return }
        say("cgroup \(vcpu.cgroup), quota \(vcpu.quota.map { "\($0)" } ?? "?")")
        try show("idle", guests, watch(guests, seconds: 10))
        for duty in [30, 40, 50] {
            for victim in guests.dropLast() { try victim.tell("duty \(duty)") }
            try Wait.seconds(2)
            for second in 1...3 { try show("duty \(duty), quiet \(second)", guests, watch(guests, seconds: 5)) }
            try noisy.tell("spin")
            for second in 1...5 { try show("duty \(duty), spin \(second)", guests, watch(guests, seconds: 1)) }
            for second in 1...3 { try show("duty \(duty), spin \(second)", guests, watch(guests, seconds: 5)) }
            for cap in [60_000, 35_000, 20_000, 10_000] {
                try bed.virsh(["schedinfo", noisy.name, "--live", "--set", "vcpu_quota=\(cap)"])
                try Wait.seconds(1)
                let before = vcpu.throttling
                try show("duty \(duty), quota \(vcpu.quota.map { "\($0)" } ?? "?")", guests, watch(guests, seconds: 5))
                if let before, let after = vcpu.throttling {
                    say("  held back \(after.periods - before.periods) periods, \(after.seconds - before.seconds) s")
                }
            }
            try bed.virsh(["schedinfo", noisy.name, "--live", "--set", "vcpu_quota=-1"])
            say("quota back: \(vcpu.quota.map { "\($0)" } ?? "?")")
            try noisy.tell("idle")
        }
    }
}
