internal import CMeter
internal import Sampling
internal import Signals

/// The sampler's tick against the floor: a C loop that makes the same system calls on the same descriptors, in turns.
///
/// The floor makes exactly the calls that the sampler itself was seen to make, recorded over ten ticks since what is read
/// repeats every tenth tick; so what the sampler reads and what the floor reads cannot drift apart.
struct Duel {
    /// What one kind of round gave; times in nanoseconds a VM.
    struct Result {
        /// CPU time of the tick.
        var tick = Statistics()
        /// CPU time of the floor.
        var floor = Statistics()
        /// CPU time of the tick by that of the floor, round by round.
        var ratio = Statistics()
        /// The same on the clock.
        var wallRatio = Statistics()
        /// Time of the tick on the clock.
        var tickWall = Statistics()

        /// Adds the rounds of another result.
        mutating func add(_ other: Result) {
            tick.add(other.tick)
            floor.add(other.floor)
            ratio.add(other.ratio)
            wallRatio.add(other.wallRatio)
            tickWall.add(other.tickWall)
        }
    }

    private let sampler: HostSampler
    private let vms: Double
    private let recording: Int32
    private var now = MonotonicTime(seconds: 1_000)

    /// System calls of a mean tick.
    private(set) var calls = 0.0
    /// Those of them that are `pread`.
    private(set) var preads = 0.0

    /// Records what a sampler does.
    ///
    /// - Parameters:
    ///   - sampler: The sampler, warm.
    ///   - vms: How many VMs it watches.
    ///   - recording: Where to keep what it does, from 0 and below `METER_RECORDINGS`.
    init(_ sampler: HostSampler, vms: Int, recording: Int = 0) {
        self.sampler = sampler
        self.vms = Double(vms)
        self.recording = Int32(recording)
        meter_choose(self.recording)
        meter_forget_calls()
        for _ in 0..<METER_TICKS {
            let phase = nextPhase
            meter_record(phase)
            tick()
            meter_stop_recording()
            calls += Double(meter_recorded(phase)) / Double(METER_TICKS)
            preads += Double(meter_recorded_preads(phase)) / Double(METER_TICKS)
        }
    }

    /// Goes through rounds, in every other the floor first.
    ///
    /// - Parameters:
    ///   - rounds: How many.
    ///   - isCold: Whether the caches are emptied before each of the two; else both are done once before the first round,
    ///     unmeasured.
    /// - Returns: What came of it.
    /// - Throws: Where the floor cannot read, or at an interrupt.
    mutating func run(rounds: Int, isCold: Bool) throws(BenchFailure) -> Result {
        var result = Result()
        meter_choose(recording)
        if !isCold {
            tick()
            _ = meter_replay(nextPhase)
        }
        for round in 0..<rounds {
            try BenchFailure.checkInterrupt()
            let phase = nextPhase
            var ticked = Duration(cpu: 0, wall: 0)
            var floored = Duration(cpu: 0, wall: 0)
            var bytes: Int64 = 0
            for turn in 0..<2 {
                if isCold { meter_evict_caches() }
                if (round + turn) % 2 == 0 {
                    ticked = Duration.of { tick() }
                } else {
                    floored = Duration.of { bytes = meter_replay(phase) }
                }
            }
            guard bytes > 0 else { throw BenchFailure(reason: "the floor could not read what the sampler reads") }
            result.tick.add(ticked.cpu / vms)
            result.tickWall.add(ticked.wall / vms)
            result.floor.add(floored.cpu / vms)
            result.ratio.add(ticked.cpu / max(1, floored.cpu))
            result.wallRatio.add(ticked.wall / max(1, floored.wall))
        }
        return result
    }

    /// Which recorded tick the next one will be like.
    private var nextPhase: Int32 { Int32((sampler.frame.tick + 1) % UInt64(METER_TICKS)) }

    /// One tick, a second after the one before.
    private mutating func tick() {
        now = now.advanced(bySeconds: 1)
        sampler.tick(at: now)
    }
}
