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

    /// Measures.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        let count = options.jitterVMs
        _ = meter_raise_descriptors(1_000_000)
        try host.grow(to: count)
        let sampler = host.sampler(of: count)
        let cpus = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let stress = "stress-ng --quiet --cpu 1 --cache 1 --taskset \(cpus - 1) --timeout \(options.seconds + 60)"
        // SAFETY: the text is a NUL-terminated copy that outlives the call.
        let process = unsafe meter_start(stress)
        defer { meter_end(process) }
        report.say("")
        report.say("jitter: \(count) VMs at \(options.hertz) Hz for \(options.seconds) s")
        report.say(
            process > 0
                ? "  one of \(cpus) CPUs kept busy by: \(stress)" : "  stress-ng is not there: no load but the host's own"
        )

        for _ in 0..<20 { sampler.tick(at: MonotonicTime(nanoseconds: meter_clock())) }
        var lag = Statistics()
        var wall = Statistics()
        var cpu = Statistics()
        let period = 1_000_000_000 / UInt64(options.hertz)
        let start = meter_clock() + period
        let processBefore = meter_process_time()
        var ticks: UInt64 = 0
        while ticks < UInt64(options.seconds * options.hertz) {
            let due = start + ticks * period
            meter_sleep_until(due)
            try BenchFailure.checkInterrupt()
            let now = meter_clock()
            let took = Duration.of { sampler.tick(at: MonotonicTime(nanoseconds: now)) }
            lag.add(Double(now - due) / 1e6)
            wall.add(took.wall / 1e6)
            cpu.add(took.cpu / 1e6)
            ticks += 1
        }
        let elapsed = Double(meter_clock() - start + period)
        let share = Double(meter_process_time() - processBefore) / elapsed * 100
        let memory = Double(meter_resident()) / 1e6
        for (name, values) in [("begins late", lag), ("takes", wall), ("CPU time", cpu)] {
            report.say(
                "  a tick \(name), ms: p50 \(fixed(values.median, 2)), p99 \(fixed(values.percentile(0.99), 2)),"
                    + " most \(fixed(values.largest, 2))"
            )
        }
        report.say("  \(fixed(share, 2)) % of one core, \(fixed(memory, 1)) MB resident")
        report.judge("lag of a tick, p99", lag.percentile(0.99), atMost: lagTarget, unit: " ms")
        if options.hertz == 1 { report.judge("share of one core", share, atMost: shareTarget, unit: " %") }
        report.judge("resident memory", memory, atMost: memoryTarget, unit: " MB")
    }
}
