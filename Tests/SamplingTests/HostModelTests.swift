import Sampling
import Signals
import Testing

@Suite("The whole sampler beside a host of which the truth is known")
struct HostModelTests {
    /// A signal with the counters that it is made of and how they make it up.
    private struct Made {
        var signal: Signal
        var parts: [KnownHost.Key]
        var scale = 1.0
        var isMean = false
    }

    /// The signals of the VM.
    private func signals(_ host: KnownHost) -> [Made] {
        func disk(_ column: Int) -> [KnownHost.Key] { host.disks.map { .disk($0, column) } }
        func tap(_ column: Int) -> [KnownHost.Key] { host.taps.map { .tap($0, column) } }
        return [
            Made(signal: .cpuUsage, parts: [.usage], scale: 1e-6),
            Made(signal: .cpuRunDelay, parts: host.vcpus.map { .delay($0) }, scale: 1e-9, isMean: true),
            Made(signal: .cpuPressureSome, parts: [.cpuSome], scale: 1e-6),
            Made(signal: .cpuPressureFull, parts: [.cpuFull], scale: 1e-6),
            Made(signal: .memPressureSome, parts: [.memSome], scale: 1e-6),
            Made(signal: .memPressureFull, parts: [.memFull], scale: 1e-6),
            Made(signal: .ioPressureSome, parts: [.ioSome], scale: 1e-6),
            Made(signal: .ioPressureFull, parts: [.ioFull], scale: 1e-6),
            Made(signal: .memMajorFaults, parts: [.faults]),
            Made(signal: .memOOMEvents, parts: [.kills]),
            Made(signal: .diskReadBytes, parts: disk(0)), Made(signal: .diskWriteBytes, parts: disk(1)),
            Made(signal: .diskReadOps, parts: disk(2)), Made(signal: .diskWriteOps, parts: disk(3)),
            // A tap receives what the guest sends.
            Made(signal: .netTxBytes, parts: tap(0)), Made(signal: .netTxPackets, parts: tap(1)),
            Made(signal: .netErrors, parts: tap(2) + tap(6)), Made(signal: .netDrops, parts: tap(3) + tap(7)),
            Made(signal: .netRxBytes, parts: tap(4)), Made(signal: .netRxPackets, parts: tap(5)),
        ]
    }

    private func close(_ value: Double, _ truth: Double) -> Bool { abs(value - truth) <= 1e-6 * max(1, abs(truth)) }

    /// Checks one reading against the most that can be true and, where nothing was amiss, against the truth.
    private func check(_ made: Made, _ reading: Reading, _ host: KnownHost, isCalm: Bool, _ place: String) {
        guard reading.quality == .ok else {
            let isNothing = made.parts.isEmpty && reading.quality == .notObservable
            #expect(!isCalm || isNothing, "\(place): \(made.signal) is \(reading)")
            return
        }
        let most = made.parts.map { host.most($0, scale: made.scale) }
        let bound = made.isMean ? most.max() ?? 0 : most.reduce(0, +)
        #expect(
            reading.value >= 0 && reading.value <= bound + 1e-6 * max(1, bound),
            "\(place): \(made.signal) \(reading.value) of at most \(bound)"
        )
        guard isCalm else { return }
        let truths = made.parts.map { host.truth($0, scale: made.scale) }
        let truth = truths.reduce(0, +) / (made.isMean ? Double(max(1, truths.count)) : 1)
        #expect(close(reading.value, truth), "\(place): \(made.signal) \(reading.value), truth \(truth)")
    }

    /// Checks what is not a plain sum of counters: throttling, the share of the kernel, memory.
    private func checkOthers(_ host: KnownHost, _ slot: VMSlot, isCalm: Bool, _ place: String) {
        let frame = host.tree.sampler.frame
        let held = host.vcpus.map { host.most(.throttled($0), scale: 1e-6) }.max() ?? 0
        let bound = held + host.most(.scopeThrottled, scale: 1e-6) / Double(host.vcpus.count)
        let throttled = frame[slot, .cpuThrottled]
        #expect(throttled.quality != .ok || throttled.value <= bound + 1e-6, "\(place): throttled \(throttled)")
        let share = frame[slot, .cpuSystemShare]
        #expect(share.quality != .ok || (0...1).contains(share.value), "\(place): share \(share)")
        let rss = frame[slot, .memRSS]
        #expect(rss.quality != .ok || rss.value == Double(host.rss), "\(place): rss \(rss), truth \(host.rss)")
        let growth = frame[slot, .memGrowth]
        let range = host.growth
        #expect(
            growth.quality != .ok || (range.lowerBound - 1...range.upperBound + 1).contains(growth.value),
            "\(place): growth \(growth) outside \(range)"
        )
        if isCalm { #expect(rss.quality == .ok && growth.quality == .ok && throttled.quality == .ok, "\(place)") }
        for (signal, key) in [(Signal.hostCPUPressure, KnownHost.Key.hostCPU), (.hostIOPressure, .hostIO)] {
            let reading = frame[host: signal]
            let most = host.most(key, scale: 1e-6)
            #expect(reading.quality != .ok || reading.value <= most + 1e-6, "\(place): \(signal) \(reading)")
        }
    }

    @Test("whatever comes and goes, breaks or stands still, no ok reading exceeds the truth", arguments: 0..<10)
    func neverASpike(seed: Int) throws {
        let host = try KnownHost(seed: seed)
        var generator = SplitMix64(seed: UInt64(seed) &+ 31_337)
        var wasBroken = false
        // Ticks in a row in which nothing happened but what the host did; from the second on all must be told truly.
        var calm = 0
        var told = 0
        for tick in 0..<250 {
            var event = KnownClock.draw(&generator)
            // A counter that could not be read before the clock went back would be read over an interval too short.
            let isBroken = generator.chance(0.12)
            if isBroken || wasBroken, event == .back { event = .tick }
            let hasHappened = try disturb(host, &generator)
            if isBroken { host.breakFile() }
            wasBroken = isBroken
            let isTold = event == .tick || event == .late || event == .missed
            calm = isTold && !hasHappened && !isBroken && !host.isPaused ? calm + 1 : 0
            var clock = KnownClock()
            let seconds = clock.pass(event, &generator)
            host.work(seconds)
            try host.write()
            host.tree.tick(after: seconds)
            let slot = try #require(host.slot)
            let place = "seed \(seed), tick \(tick), \(event)"
            for made in signals(host) {
                check(made, host.tree.sampler.frame[slot, made.signal], host, isCalm: calm >= 2, place)
            }
            checkOthers(host, slot, isCalm: calm >= 2, place)
            if calm >= 2 { told += 1 }
        }
        #expect(told > 20, "\(told)")
    }

    /// Lets something happen to the VM; `false` where nothing did.
    private func disturb(_ host: KnownHost, _ generator: inout SplitMix64) throws -> Bool {
        switch generator.next() % 24 {
        case 0, 1: try host.plug()
        case 2, 3: host.togglePause()
        case 4, 5: host.restartCounter()
        case 6: try host.restartVM()
        default: return false
        }
        return true
    }
}
