import Signals
import Testing

@testable import Detection

@Suite("The tail of a stream")
struct SpotTests {
    private let tuning = Spot.Tuning(risk: 1e-3, level: 0.98, warmUp: 1_000)

    private func exponential(_ random: inout SplitMix64) -> Double { -PureMath.log(1 - random.uniform()) }

    @Test("the threshold of an exponential stream is where the risk says, within a quarter")
    func threshold() {
        var random = SplitMix64(seed: 2)
        var spot = Spot()
        var thresholds = 0.0
        var alarms = 0
        for number in 0..<40_000 {
            if spot.observe(exponential(&random), tuning) == .alarm { alarms += 1 }
            if number >= 20_000 { thresholds += spot.threshold / 20_000 }
        }
        #expect(abs(thresholds / -PureMath.log(1e-3) - 1) < 0.25, "\(thresholds)")
        #expect((20...120).contains(alarms), "\(alarms)")
    }

    @Test("a value far beyond everything is an alarm, and does not move the threshold far")
    func detects() {
        var random = SplitMix64(seed: 3)
        var spot = Spot()
        for _ in 0..<3_000 { _ = spot.observe(exponential(&random), tuning) }
        let before = spot.threshold
        #expect(spot.observe(1e6, tuning) == .alarm)
        #expect(spot.threshold < before * 1.5)
        #expect(spot.tailProbability(1e6) < 1e-3)
    }

    @Test("values of the bulk are usual, and their tail probability is that of the tail")
    func doesNotDetect() {
        var random = SplitMix64(seed: 3)
        var spot = Spot()
        for _ in 0..<3_000 { _ = spot.observe(exponential(&random), tuning) }
        for value in [-5, 0, 0.5, 1, 2] { #expect(spot.observe(value, tuning) == .usual) }
        #expect(abs(spot.tailProbability(1) - 0.02) < 0.01)
    }

    @Test("the threshold itself is a peak and the next number above it an alarm")
    func boundary() {
        var random = SplitMix64(seed: 5)
        var spot = Spot()
        for _ in 0..<3_000 { _ = spot.observe(exponential(&random), tuning) }
        var other = spot
        let threshold = spot.threshold
        #expect(spot.observe(threshold, tuning) == .peak)
        #expect(other.observe(threshold.nextUp, tuning) == .alarm)
        var edge = other
        #expect(edge.observe(other.tailStart, tuning) == .usual)
    }

    @Test("nothing is known before calibration is over, and what is not finite changes nothing")
    func missing() {
        var spot = Spot()
        for number in 0..<1_000 {
            #expect(spot.observe(Double(number % 97), tuning) == .unknown)
            #expect(spot.observe(.nan, tuning) == .unknown)
        }
        #expect(spot.count == 1_000 && spot.threshold.isFinite)
        let before = spot.threshold
        for value in [Double.nan, .infinity] { #expect(spot.observe(value, tuning) == .unknown) }
        #expect(spot.threshold == before && spot.count == 1_000)
        #expect(Spot().tailProbability(1) == 1)
    }

    @Test("a constant, a quantised and a huge stream neither trap nor stick", arguments: [0.0, 1.0, 1e29])
    func degenerate(size: Double) {
        var random = SplitMix64(seed: 6)
        var spot = Spot()
        for _ in 0..<2_000 { _ = spot.observe(size, tuning) }
        var usual = 0
        for _ in 0..<5_000 {
            let value = size * (1 + (random.uniform() * 4).rounded(.down))
            if spot.observe(value, tuning) == .usual { usual += 1 }
        }
        #expect(!spot.threshold.isNaN && spot.threshold >= spot.tailStart)
        for _ in 0..<100 { #expect(spot.observe(size / 2, tuning) == .usual) }
    }

    @Test("a tuning out of range is moved into it")
    func tunings() {
        let wild = Spot.Tuning(risk: 7, level: 2, warmUp: .max)
        #expect(wild.level == 0.999 && wild.risk < 0.000_501 && wild.warmUp <= 63_000)
        #expect(Spot.Tuning(level: 0.5, warmUp: 0).warmUp == 20)
    }

    @Test("a fitted tail has the shape and scale it was drawn with", arguments: [-0.3, 0, 0.4])
    func fit(shape: Double) {
        var random = SplitMix64(seed: 9)
        var shapes = 0.0
        var scales = 0.0
        for _ in 0..<50 {
            let sample = (0..<64).map { _ in
                let tail = 1 - random.uniform()
                return shape == 0 ? -2 * PureMath.log(tail) : 2 / shape * (PureMath.pow(tail, -shape) - 1)
            }
            let fit = ParetoFit(sample.span)
            shapes += fit.shape / 50
            scales += fit.scale / 50
        }
        #expect(abs(shapes - shape) < 0.12, "\(shapes)")
        #expect(abs(scales - 2) < 0.3, "\(scales)")
    }

    @Test("the excess of a probability has that probability, for tails that end and that do not")
    func inverse() {
        for shape in [-0.4, 0, 1e-9, 0.3, 1.2] {
            let fit = ParetoFit(shape: shape, scale: 3)
            for tail in [0.9, 0.1, 1e-6] { #expect(abs(fit.tail(fit.excess(tail: tail)) / tail - 1) < 1e-6) }
        }
        #expect(ParetoFit(shape: -0.5, scale: 1).tail(3) == 0)
        #expect(ParetoFit(shape: 0, scale: 0).tail(0) == 1 && ParetoFit(shape: 0, scale: 0).tail(1) == 0)
    }
}
