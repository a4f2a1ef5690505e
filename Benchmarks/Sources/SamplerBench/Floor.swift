internal import CMeter

/// `sampling-floor`: how much more CPU time the tick takes than the kernel alone for the same answers.
enum Floor {
    /// The largest ratio that is good enough.
    static let target = 1.3

    /// Measures.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        let count = options.floorVMs
        _ = meter_raise_descriptors(1_000_000)
        var duel = Duel(try host.sampler(of: count), vms: count)
        report.say("")
        report.say("sampling-floor: \(count) VMs, tick and floor in turns, \(options.rounds) rounds each")
        report.say(
            "  \(fixed(duel.calls / Double(count), 1)) system calls a VM and tick,"
                + " \(fixed(duel.preads / Double(count), 1)) of them pread; CPU time of the thread:"
        )
        // Hot and cold in turns too, so that no change of the host's load falls on one of them.
        let parts = 4
        var hot = Duel.Result()
        var cold = Duel.Result()
        for _ in 0..<parts {
            hot.add(try duel.run(rounds: max(1, options.rounds / parts), isCold: false))
            cold.add(try duel.run(rounds: max(1, options.rounds / parts), isCold: true))
        }
        for (name, result) in [("hot caches ", hot), ("cold caches", cold)] {
            report.say(
                "  \(name)  tick \(fixed(result.tick.median / 1_000, 2)) µs a VM,"
                    + " floor \(fixed(result.floor.median / 1_000, 2)) µs a VM, ratio \(result.ratio.text(3));"
                    + " on the clock \(result.wallRatio.text(3))"
            )
        }
        report.judge("tick by the C floor, \(count) VMs, hot caches", hot.ratio.median, atMost: target)
        report.judge("tick by the C floor, \(count) VMs, cold caches", cold.ratio.median, atMost: target)
    }
}
