internal import CMeter

/// `tick`: what a tick costs per VM on hosts of different sizes.
///
/// Real ticks are a second apart and the guests use the caches in between, so the fair figures are those with caches that
/// were emptied before each tick; with hot caches a small host fits into them and a large one does not.
enum Flatness {
    /// How much dearer the dearest size may be than the cheapest.
    static let target = 1.2

    /// Measures.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        let largest = options.sizes.last ?? 1
        let wanted = UInt64(largest * (20 + 2 * options.vcpus) + 1_000)
        let limit = meter_raise_descriptors(wanted)
        report.say("")
        report.say("tick: CPU time in µs a VM, at \(options.sizes.map(String.init).joined(separator: ", ")) VMs")
        if limit < wanted { report.say("  only \(limit) descriptors may be open: larger sizes are left out") }
        report.say("    VMs   cold: tick  floor  ratio   hot: tick  floor  ratio   calls  µs to add a VM")
        var cold = Statistics()
        for size in options.sizes where UInt64(size * (20 + 2 * options.vcpus) + 1_000) <= limit {
            try host.grow(to: size)
            let before = meter_thread_time()
            let sampler = host.sampler(of: size)
            let adding = Double(meter_thread_time() - before) / Double(size) / 1_000
            var duel = Duel(sampler, vms: size)
            let rounds = max(20, min(400, 40_000 / size))
            let chilled = try duel.run(rounds: rounds, isCold: true)
            let warm = try duel.run(rounds: rounds, isCold: false)
            report.say(
                padded("\(size)", 7) + columns(chilled, 12) + columns(warm, 12)
                    + padded(fixed(duel.calls / Double(size), 1), 8) + padded(fixed(adding, 0), 17)
            )
            cold.add(chilled.tick.median)
        }
        report.say("  (the floor is the kernel's own part of each; it need not be flat itself)")
        let spread = cold.largest / max(1, cold.percentile(0))
        report.judge("dearest size by the cheapest, CPU time of a cold tick per VM", spread, atMost: target)
    }

    /// The three figures of one kind of round.
    private static func columns(_ result: Duel.Result, _ width: Int) -> String {
        padded(fixed(result.tick.median / 1_000, 2), width) + padded(fixed(result.floor.median / 1_000, 2), 7)
            + padded(fixed(result.ratio.median, 2), 7)
    }
}
