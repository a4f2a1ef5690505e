internal import CMeter
internal import Sampling
internal import Signals

/// `allocations`: how often a warm tick asks for memory or gives memory back; must be never.
enum Allocations {
    /// Measures.
    static func run(_ host: BenchHost, _ options: Options, _ report: inout Report) throws(BenchFailure) {
        let count = min(50, options.floorVMs)
        let ticks = 40
        _ = meter_raise_descriptors(1_000_000)
        report.say("")
        report.say("allocations: calls of malloc and its kin, counted by an interposed malloc of our own")
        try checkCounter(report)

        let sampler = try host.sampler(of: count)
        var now = MonotonicTime(seconds: 1_000)
        var worst: UInt64 = 0
        for tick in 0..<10 + ticks {
            // What comes from outside of the tick is taken before it; taking may allocate, telling must not.
            hand(sampler, host.vms[tick % count], at: now, tick)
            now = now.advanced(bySeconds: 1)
            let isWarm = tick >= 10
            if isWarm { meter_count_allocations() }
            sampler.tick(at: now)
            meter_stop_counting()
            if isWarm { worst = max(worst, meter_allocations() + meter_frees()) }
        }
        report.say(
            "  \(count) VMs, \(ticks) warm ticks, with answers of libvirt, side readings and VMs paused in between:"
                + " at most \(worst) a tick"
        )
        report.judge("allocations and frees of a warm tick", Double(worst), atMost: 0)
    }

    /// Hands the sampler what other threads would, and pauses and resumes a VM.
    private static func hand(_ sampler: HostSampler, _ vm: VMDescription, at now: MonotonicTime, _ tick: Int) {
        var answer = SlowReadings(identity: vm.record.identity, time: now)
        answer.latency = 0.001
        answer.swapIn = UInt64(tick)
        answer.disks = [SlowReadings.Disk(name: "vda")]
        sampler.take(answer)
        var batch = SideBatch(lifetime: 3)
        batch.host = [SideReading(.hostFrequency, Reading(3e9))]
        batch.vms = [(vm.record.identity, [SideReading(.gpuPower, Reading(200))])]
        sampler.take(batch, at: now)
        var record = vm.record
        record.running = tick % 3 != 0
        sampler.update(record)
    }

    /// A class whose instances are on the heap.
    private final class Box {
        let value: Int

        private init(_ value: Int) {
            self.value = value
        }

        /// An instance that the optimiser cannot put on the stack, since it does not see who uses it.
        @inline(never)
        static func made(of value: Int) -> Box {
            Box(value)
        }
    }

    /// Proves that the counter counts: things that must allocate are counted, arithmetic is not.
    ///
    /// - Throws: Where it does not; then a 0 of the tick would prove nothing.
    private static func checkCounter(_ report: Report) throws(BenchFailure) {
        let size = 100 + CommandLine.arguments.count
        let controls: [(name: String, isZero: Bool, count: UInt64)] = [
            ("an array", false, counted { [Int](repeating: size, count: size) }),
            ("an instance of a class", false, counted { Box.made(of: size) }),
            ("a string", false, counted { String(repeating: "x", count: size) }),
            ("a dictionary", false, counted { [size: size] }),
            ("a number", true, counted { size &* 3 }),
        ]
        for control in controls where (control.count == 0) != control.isZero {
            throw BenchFailure(reason: "the counter is broken: \(control.name) counted as \(control.count)")
        }
        report.say("  control: " + controls.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
    }

    /// How many allocations making something takes.
    @inline(never)
    private static func counted<Value>(_ make: () -> Value) -> UInt64 {
        meter_count_allocations()
        let value = make()
        meter_stop_counting()
        return withExtendedLifetime(value) { meter_allocations() }
    }
}
