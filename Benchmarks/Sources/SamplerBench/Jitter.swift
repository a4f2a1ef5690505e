internal import CMeter
internal import Glibc
internal import Sampling
internal import Signals

/// `jitter`: how punctual and how long the ticks are while `stress-ng` keeps a core busy.
///
/// It is the sampler alone on a thread of its own; what detection, libvirt and the journal add is not in it.
enum Jitter {
    /// The longest that a tick may begin after its time, at the 99th percentile, in milliseconds.
    static let lagTarget = 10.0
    /// The largest share of one core that the sampler may take, in percent.
    static let shareTarget = 5.0
    /// The most memory that the process may have resident, in MB.
    static let memoryTarget = 64.0

    /// What the ticks were like, in milliseconds.
    private struct Ticks {
        var lag = Statistics()
        var wall = Statistics()
        var cpu = Statistics()
        /// The process's share of one core, in percent.
        var share = 0.0
    }

    /// Measures.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        let count = options.jitterVMs
        _ = meter_raise_descriptors(1_000_000)
        let sampler = try host.sampler(of: count)
        let cpus = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let stress = "stress-ng --quiet --cpu 1 --cache 1 --taskset \(cpus - 1) --timeout \(options.seconds + 60)"
        // SAFETY: the text is a NUL-terminated copy that outlives the call.
        let process = unsafe meter_start(stress)
        defer { meter_end(process) }
        report.say("")
        report.say("jitter: \(count) VMs at \(options.hertz) Hz for \(options.seconds) s, \(cpus) CPUs")
        report.say(process > 0 ? "  one CPU busy with: \(stress)" : "  no stress-ng: only the host's own load")
        var ticks = Ticks()
        try host.weighted { (isWeighted) throws(BenchFailure) in
            report.say(isWeighted ? "  with the CPU weight of the unit" : "  with no CPU weight of its own")
            ticks = try watch(sampler, options)
        }
        for (name, values) in [("begins late", ticks.lag), ("takes", ticks.wall), ("takes of CPU time", ticks.cpu)] {
            report.say(
                "  a tick \(name), ms: p50 \(fixed(values.median, 2)), p99 \(fixed(values.percentile(0.99), 2)),"
                    + " most \(fixed(values.largest, 2))"
            )
        }
        let memory = Double(meter_resident()) / 1e6
        report.say("  \(fixed(ticks.share, 2)) % of one core, \(fixed(memory, 1)) MB resident")
        report.judge("lag of a tick, p99", ticks.lag.percentile(0.99), atMost: lagTarget, unit: " ms")
        if options.hertz == 1 { report.judge("share of one core", ticks.share, atMost: shareTarget, unit: " %") }
        report.judge("resident memory", memory, atMost: memoryTarget, unit: " MB")
    }

    /// Ticks at the given rate for the given time.
    private static func watch(_ sampler: HostSampler, _ options: Options) throws(BenchFailure) -> Ticks {
        var ticks = Ticks()
        let period = 1_000_000_000 / UInt64(options.hertz)
        let start = meter_clock() + period
        let before = meter_process_time()
        let count = UInt64(options.seconds * options.hertz)
        for number in 0..<count {
            let due = start + number * period
            meter_sleep_until(due)
            try BenchFailure.checkInterrupt()
            let now = meter_clock()
            let took = Duration.of { sampler.tick(at: MonotonicTime(nanoseconds: now)) }
            ticks.lag.add(Double(now - due) / 1e6)
            ticks.wall.add(took.wall / 1e6)
            ticks.cpu.add(took.cpu / 1e6)
        }
        ticks.share = Double(meter_process_time() - before) / Double(count * period) * 100
        return ticks
    }
}
