import HostReaders
import Signals
import Testing

@testable import Sampling

@Suite("Counting by the CPUs' counters")
struct PerfSumTests {
    /// A readout: seconds enabled and running, and the counters.
    private func readout(
        _ enabled: Double,
        _ running: Double,
        _ cycles: UInt64,
        _ instructions: UInt64,
        _ misses: UInt64 = 0
    ) -> PerfReadout {
        PerfReadout(
            enabled: UInt64(enabled * 1e9),
            running: UInt64(running * 1e9),
            counts: [cycles, instructions, misses]
        )
    }

    private let zero = PerfReadout(enabled: 0, running: 0, counts: [0, 0, 0])

    /// The sum over CPUs that all began at zero.
    private func sum(_ readouts: [PerfReadout]) -> PerfSum {
        var sum = PerfSum()
        for readout in readouts { sum.add(from: zero, to: readout) }
        return sum
    }

    @Test("cycles per instruction are the quotient of the sums, misses a rate")
    func plain() {
        let sum = sum([readout(1, 1, 3_000_000, 1_000_000, 500), readout(1, 1, 1_000_000, 1_000_000, 300)])
        #expect(isAbout(sum.cyclesPerInstruction(over: 2), 2))
        #expect(isAbout(sum.missRate(over: 2), 400))
    }

    @Test("each CPU is scaled by its own times before anything is added up")
    func scaled() {
        let sum = sum([readout(1, 0.25, 3_000_000, 1_000_000, 100), readout(1, 1, 1_000_000, 4_000_000, 50)])
        #expect(isAbout(sum.cyclesPerInstruction(over: 1), (12 + 1) / (4 + 4)))
        #expect(isAbout(sum.missRate(over: 1), 450))
    }

    @Test("below a quarter of a core cycles per instruction are missing, at it they are told")
    func idle() {
        let under = sum([readout(0.24, 0.24, 2_000_000, 2_000_000, 8)])
        #expect(under.cyclesPerInstruction(over: 1) == .missing)
        #expect(isAbout(under.missRate(over: 1), 8))
        #expect(isAbout(sum([readout(0.25, 0.25, 2_000_000, 2_000_000)]).cyclesPerInstruction(over: 1), 1))
    }

    @Test("with too few instructions they are missing, and never divided by none")
    func few() {
        #expect(sum([readout(1, 1, 9_000_000, 999_999)]).cyclesPerInstruction(over: 1) == .missing)
        #expect(isAbout(sum([readout(1, 1, 9_000_000, 1_000_000)]).cyclesPerInstruction(over: 1), 9))
        #expect(sum([readout(1, 1, 9_000_000, 0)]).cyclesPerInstruction(over: 1) == .missing)
    }

    @Test("a VM that did not run has no misses and no cycles per instruction")
    func asleep() {
        let sum = sum([zero, zero])
        #expect(sum.cyclesPerInstruction(over: 1) == .missing)
        #expect(sum.missRate(over: 1) == Reading(0))
    }

    @Test("where the hardware was shared too thinly, or not at all on a CPU that mattered, nothing is told")
    func sparse() {
        let thin = sum([readout(1, 0.09, 2_000_000, 2_000_000)])
        #expect(thin.missRate(over: 1) == .missing)
        #expect(sum([readout(1, 0.1, 2_000_000, 2_000_000)]).missRate(over: 1).quality == .ok)
        let blind = sum([readout(0.8, 0.8, 2_000_000, 2_000_000), readout(0.2, 0, 0, 0)])
        #expect(blind.cyclesPerInstruction(over: 1) == .missing)
        let nearly = sum([readout(0.95, 0.95, 2_000_000, 2_000_000), readout(0.05, 0, 0, 0)])
        #expect(isAbout(nearly.cyclesPerInstruction(over: 1), 1))
    }

    @Test("the first readout tells nothing, one that went back is a reset")
    func firstAndReset() {
        var first = PerfSum()
        first.add(from: nil, to: readout(5, 5, 1, 1))
        first.add(from: zero, to: readout(1, 1, 2_000_000, 2_000_000))
        #expect(first.missRate(over: 1) == .missing)
        let high = readout(5, 5, 9_000_000, 9_000_000, 9)
        for back in [
            readout(4, 5, 9_000_000, 9_000_000, 9), readout(5, 4, 9_000_000, 9_000_000, 9),
            readout(5, 5, 8, 9_000_000, 9), readout(5, 5, 9_000_000, 8, 9), readout(5, 5, 9_000_000, 9_000_000, 8),
        ] {
            var sum = PerfSum()
            sum.add(from: high, to: back)
            #expect(sum.cyclesPerInstruction(over: 1) == Reading(0, .reset))
        }
    }

    @Test("an interval that is none or too long is a reset", arguments: [0, -1, 61])
    func interval(seconds: Double) {
        #expect(sum([readout(1, 1, 2_000_000, 2_000_000)]).missRate(over: seconds) == Reading(0, .reset))
    }
}
