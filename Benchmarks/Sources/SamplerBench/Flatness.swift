internal import CMeter
internal import Sampling
internal import Signals

/// `tick`: what a tick costs per VM on hosts of different sizes.
///
/// Real ticks are a second apart and the guests use the caches in between, so the fair figures are those with caches that
/// were emptied before each tick; with hot caches a small host fits into them and a large one does not. A cold tick also
/// costs something before its first VM, foremost fetching its code; shared by few VMs that can be seen, and since it is no
/// cost per VM, what is held to the target is the cost of each further VM and not the mean, which is told beside it.
enum Flatness {
    /// How much dearer than the cheapest a further VM may be at any size, and the mean VM of any host than one of the
    /// smallest.
    static let target = 1.2

    /// How often each size is gone to.
    private static let laps = 20

    /// One size and what it cost, in nanoseconds a VM.
    private struct Size {
        let vms: Int
        let adding: Double
        var duel: Duel
        var cold = Duel.Result()
        var hot = Duel.Result()

        /// A whole cold tick, in nanoseconds.
        var coldTick: Double { cold.tick.median * Double(vms) }
    }

    /// Measures; all sizes in turns, so that a change of the host's load falls on all of them.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        let wanted = [1] + options.sizes.filter { $0 > 1 }
        let processes = try host.processes(for: wanted)
        try host.grow(to: processes)
        var sizes: [Size] = []
        for (place, vms) in wanted.enumerated() {
            let sampler = try host.sampler(of: vms, processes: processes, isSharing: true)
            sizes.append(Size(vms: vms, adding: host.addingTime, duel: Duel(sampler, vms: vms, recording: place)))
        }
        for _ in 0..<laps {
            for place in sizes.indices {
                let rounds = max(2, min(20, 1_000 / sizes[place].vms))
                sizes[place].cold.add(try sizes[place].duel.run(rounds: rounds, isCold: true))
                sizes[place].hot.add(try sizes[place].duel.run(rounds: rounds, isCold: false))
            }
        }
        tell(sizes, processes, &report)
        let empty = try fixedCost(recording: sizes.count)
        report.say("  a tick without VMs: \(fixed(empty / 1_000, 0)) µs cold")
    }

    /// Says what was found.
    private static func tell(_ sizes: [Size], _ processes: Int, _ report: inout Report) {
        report.say("")
        report.say("tick: CPU time in µs a VM, medians, all sizes and their floors in turns, \(laps) laps")
        report.say("    VMs   cold: tick  floor  ratio  each further VM   hot: tick  floor  ratio   calls  to add a VM")
        var further = Statistics()
        var growth = 0.0
        for (place, size) in sizes.enumerated() {
            var step = ""
            if place > 0 {
                let before = sizes[place - 1]
                let value = (size.coldTick - before.coldTick) / Double(size.vms - before.vms)
                further.add(value)
                step = fixed(value / 1_000, 2)
                growth = max(growth, size.cold.tick.median / sizes[1].cold.tick.median)
            }
            report.say(
                padded("\(size.vms)", 7) + columns(size.cold, 13) + padded(step, 17) + columns(size.hot, 12)
                    + padded(fixed(size.duel.calls / Double(size.vms), 1), 8)
                    + padded(fixed(size.adding / 1_000, 0), 13)
            )
        }
        if let largest = sizes.last?.vms, processes < largest {
            report.say(
                "  more than \(processes) VMs: the limit of open descriptors is too low for a process each, so that"
            )
            report.say("  each process is several VMs to the sampler, with a tap each; else every VM is a process")
        }
        let spread = further.largest / max(1, further.percentile(0))
        report.judge("cold tick, a further VM: dearest size by the cheapest", spread, atMost: target)
        report.judge("cold tick, a mean VM: dearest size by the smallest", growth, atMost: target)
    }

    /// What a tick without VMs costs with cold caches, in nanoseconds.
    private static func fixedCost(recording: Int) throws(BenchFailure) -> Double {
        let sampler = HostSampler(hostCPUs: 1)
        for second in 1...20 { sampler.tick(at: MonotonicTime(seconds: Double(second))) }
        var duel = Duel(sampler, vms: 1, recording: recording)
        return try duel.run(rounds: 200, isCold: true).tick.median
    }

    /// The three figures of one kind of round.
    private static func columns(_ result: Duel.Result, _ width: Int) -> String {
        padded(fixed(result.tick.median / 1_000, 2), width) + padded(fixed(result.floor.median / 1_000, 2), 7)
            + padded(fixed(result.ratio.median, 2), 7)
    }
}
