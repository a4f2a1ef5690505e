import Detection
import Signals
import Testing

@Suite("Mathematics without the C library")
struct PureMathTests {
    @Test("logarithms of powers of 2 are whole, and of powers of 10 what tables say")
    func logarithms() {
        for power in [-1_060, -1_022, -300, -1, 0, 1, 52, 1_000] {
            let value = Double(sign: .plus, exponent: power, significand: 1)
            #expect(PureMath.log2(value) == Double(power))
        }
        #expect(abs(PureMath.log(10) - 2.302_585_092_994_045_7) < 1e-14)
        #expect(abs(PureMath.log(1e-300) + 690.775_527_898_213_7) < 1e-11)
        #expect(abs(PureMath.log(0.7) + 0.356_674_943_938_732_4) < 1e-15)
    }

    @Test("a power undoes its logarithm from the least to the greatest number")
    func powers() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<2_000 {
            let power = random.uniform() * 2_000 - 1_000
            #expect(abs(PureMath.log2(PureMath.exp2(power)) - power) < 1e-12 * max(1, abs(power)))
        }
        #expect(abs(PureMath.exp(1) - 2.718_281_828_459_045) < 1e-14)
        #expect(abs(PureMath.pow(10, -3.5) - 3.162_277_660_168_379e-4) < 1e-16)
        #expect(PureMath.pow(0, 2) == 0)
    }

    @Test("numbers out of range give infinity, 0 or not a number, and never trap")
    func outOfRange() {
        #expect(PureMath.log2(0) == -.infinity && PureMath.log2(.infinity) == .infinity)
        #expect(PureMath.log2(-1).isNaN && PureMath.log2(.nan).isNaN)
        #expect(PureMath.exp2(5_000) == .infinity && PureMath.exp2(-5_000) == 0 && PureMath.exp2(.nan).isNaN)
        #expect(PureMath.exp2(-.infinity) == 0 && PureMath.exp2(.infinity) == .infinity)
        #expect(PureMath.exp2(-1_074) == Double.leastNonzeroMagnitude)
    }

    @Test("the normal tail is that of the tables")
    func normalTail() {
        #expect(PureMath.normalTail(0) == 0.5)
        #expect(abs(PureMath.normalTail(1) - 0.158_655_253_931) < 1e-9)
        #expect(abs(PureMath.normalTail(-1) - 0.841_344_746_069) < 1e-9)
        #expect(abs(PureMath.normalTail(3) / 1.349_898_031_63e-3 - 1) < 1e-7)
        #expect(abs(PureMath.normalTail(8) / 6.220_960_574e-16 - 1) < 1e-7)
        #expect(PureMath.normalTail(100) == 0 && PureMath.normalTail(-100) == 1)
    }

    @Test("decades of a normal deviation follow the tail within a tenth up to 6 deviations")
    func normalDecades() {
        for step in 0...60 {
            let deviation = Double(step) / 10
            let truth = -PureMath.log2(2 * PureMath.normalTail(deviation)) / PureMath.log2(10)
            #expect(abs(PureMath.normalDecades(deviation) - truth) < max(0.05, 0.1 * truth), "\(deviation)")
        }
    }
}
