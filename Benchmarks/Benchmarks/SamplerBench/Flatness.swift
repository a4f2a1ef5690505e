internal import CMeter
internal import Sampling
internal import Signals

/// `tick`: what a tick costs per VM on hosts of different sizes.
///
/// Real ticks are a second apart and the guests use the caches in between, so the fair figures are those with caches that
/// were emptied before each tick; with hot caches a small host fits into them and a large one does not. What a tick costs
/// without any VM is told beside it and is in the cost per VM: on a small host it is a part that can be seen.
enum Flatness {
    /// How much dearer the dearest size may be than the cheapest.
    static let target = 1.2

    /// What one size cost, in nanoseconds a VM.
    private struct Cost {
        var processes: Int
        var adding: Double
        var calls: Double
        var cold: Duel.Result
        var hot: Duel.Result
    }

    /// Measures.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        report.say("")
        report.say("tick: CPU time in µs a VM, medians, the floor in turns with the tick")
        report.say("    VMs  processes   cold: tick  floor  ratio   hot: tick  floor  ratio   calls  to add a VM")
        var cold = Statistics()
        var hot = Statistics()
        var ratio = Statistics()
        var isShared = false
        for size in options.sizes {
            let cost = try measure(host, size)
            report.say(
                padded("\(size)", 7) + padded("\(cost.processes)", 11) + columns(cost.cold, 13) + columns(cost.hot, 12)
                    + padded(fixed(cost.calls, 1), 8) + padded(fixed(cost.adding / 1_000, 0), 13)
            )
            isShared = isShared || cost.processes < size
            cold.add(cost.cold.tick.median)
            hot.add(cost.hot.tick.median)
            ratio.add(cost.cold.ratio.median)
        }
        if isShared {
            report.say(
                "  where there are fewer processes than VMs the limit of open descriptors is too low: each process is"
            )
            report.say("  several VMs to the sampler, with a tap each")
        }
        let empty = try fixedCost()
        report.say(
            "  a tick without VMs: \(fixed(empty / 1_000, 0)) µs cold; dearest by cheapest hot: \(spread(of: hot))"
        )
        report.say("  dearest by cheapest of the ratio to the floor, cold: \(spread(of: ratio))")
        let value = cold.largest / max(1, cold.percentile(0))
        report.judge("dearest size by the cheapest, CPU time of a cold tick per VM", value, atMost: target)
    }

    /// Measures one size.
    private static func measure(_ host: BenchHost, _ size: Int) throws(BenchFailure) -> Cost {
        let processes = try host.processes(for: size)
        try host.grow(to: processes)
        let sampler = try host.sampler(of: size, processes: processes)
        let adding = host.addingTime
        var duel = Duel(sampler, vms: size)
        let rounds = max(30, min(400, 40_000 / size))
        let cold = try duel.run(rounds: rounds, isCold: true)
        let hot = try duel.run(rounds: rounds, isCold: false)
        let calls = duel.calls / Double(size)
        return Cost(processes: processes, adding: adding, calls: calls, cold: cold, hot: hot)
    }

    /// What a tick without VMs costs with cold caches, in nanoseconds.
    private static func fixedCost() throws(BenchFailure) -> Double {
        let sampler = HostSampler(hostCPUs: 1)
        for second in 1...20 { sampler.tick(at: MonotonicTime(seconds: Double(second))) }
        var duel = Duel(sampler, vms: 1)
        return try duel.run(rounds: 200, isCold: true).tick.median
    }

    /// The largest value by the smallest, for people.
    private static func spread(of values: Statistics) -> String {
        fixed(values.largest / max(0.001, values.percentile(0)), 2)
    }

    /// The three figures of one kind of round.
    private static func columns(_ result: Duel.Result, _ width: Int) -> String {
        padded(fixed(result.tick.median / 1_000, 2), width) + padded(fixed(result.floor.median / 1_000, 2), 7)
            + padded(fixed(result.ratio.median, 2), 7)
    }
}
