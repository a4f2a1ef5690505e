internal import Detection
internal import Foundation
internal import Signals

/// What the detectors cost, on values that others are measured with in the same run: lines of JSON, the best of some runs.
///
/// The file holds little-endian doubles, nearly normal, of which the first ``calibration`` warm everything up.
enum Speed {
    /// Values that are not timed.
    static let calibration = 2_000
    /// Runs of which the best counts.
    static let runs = 5
    /// Counters of a row for the joint scorers, as many as a machine of SMD has.
    static let counters = 38

    /// One figure.
    private struct Line: Encodable {
        /// What was timed.
        var name: String
        /// Nanoseconds for each.
        var ns: Double
        /// For each of what.
        var unit: String
    }

    /// Measures everything.
    ///
    /// - Parameter arguments: The file of values, and `spot` where only that is wanted: it is timed in turns with another.
    /// - Throws: Where it cannot be read or is too short.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 1 || arguments.dropFirst() == ["spot"] else {
            throw DetectionBenchFailure(description: "speed needs a file of doubles")
        }
        let data = try Data(contentsOf: URL(filePath: arguments[0]))
        var values: [Double] = []
        values.reserveCapacity(data.count / 8)
        var bits: UInt64 = 0
        for (index, byte) in data.enumerated() {
            bits = bits >> 8 | UInt64(byte) << 56
            if index % 8 == 7 { values.append(Double(bitPattern: bits)) }
        }
        guard values.count >= 20 * calibration else {
            throw DetectionBenchFailure(
                description: "\(arguments[0]) has \(values.count) doubles; \(20 * calibration) are wanted"
            )
        }
        try tell(spot(values))
        if arguments.count > 1 { return }
        try tell(stream(values))
        try tell(streams(values))
        try tell(joint(values))
        try tell(trees(values))
    }

    private static func tell(_ line: Line) throws {
        print(String(decoding: try JSONEncoder().encode(line), as: UTF8.self))
    }

    /// The least nanoseconds that `count` steps take, each.
    private static func best(_ count: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        var best = Duration.seconds(3_600)
        for _ in 0..<runs { best = min(best, clock.measure(body)) }
        return best / .nanoseconds(1) / Double(count)
    }

    /// One tail, risk 1e-4 from the 0.98 quantile.
    private static func spot(_ values: [Double]) -> Line {
        let tuning = Spot.Tuning(risk: 1e-4, level: 0.98, warmUp: UInt32(calibration))
        var warm = Spot()
        for value in values[..<calibration] { _ = warm.observe(value, tuning) }
        var peaks = 0
        let ns = best(values.count - calibration) {
            var spot = warm
            peaks = 0
            for index in calibration..<values.count where spot.observe(values[index], tuning) == .peak { peaks += 1 }
        }
        return Line(name: "**Spot**, \(Spot.capacity) peaks, \(peaks) of them in the run", ns: ns, unit: "a value")
    }

    /// All families over one stream.
    private static func stream(_ values: [Double]) -> Line {
        let count = values.count / 5
        var warm = StreamScorer()
        for index in 0..<calibration { _ = warm.score(values[index], at: Double(index)) }
        var sum = 0.0
        let ns = best(count - calibration) {
            var scorer = warm
            for index in calibration..<count { sum += scorer.score(values[index], at: Double(index)).score }
        }
        return Line(
            name: "**StreamScorer**, one stream, \(size(StreamScorer.self)) bytes",
            ns: ns,
            unit: "a value\(rest(sum))"
        )
    }

    /// All families over a thousand streams in turn, so that none is in the nearest cache.
    private static func streams(_ values: [Double]) -> Line {
        let streams = 1_000
        let warm = 300
        let ticks = 100
        var scorers = [StreamScorer](repeating: StreamScorer(), count: streams)
        for tick in 0..<warm {
            for stream in 0..<streams { _ = scorers[stream].score(values[tick * 97 + stream], at: Double(tick)) }
        }
        var sum = 0.0
        let ns = best(ticks * streams) {
            for tick in 0..<ticks {
                for stream in 0..<streams {
                    sum += scorers[stream].score(values[tick * 97 + stream + 5_000], at: Double(warm + tick)).score
                }
            }
        }
        return Line(name: "**StreamScorer**, 1,000 streams in turn", ns: ns, unit: "a value\(rest(sum))")
    }

    /// One VM with all its counters.
    private static func joint(_ values: [Double]) -> Line {
        let floor = ScaleFloor(relative: 0.05, absolute: 0.002)
        var warm = JointScorer(floors: Array(repeating: floor, count: counters))
        warm.grow(to: 1)
        let rows = min(20_000, values.count / counters)
        let span = values.span
        for row in 0..<calibration { _ = warm.score(span.extracting(row * counters..<(row + 1) * counters), row: 0) }
        var sum = 0.0
        let ns = best(rows - calibration) {
            var scorer = warm
            for row in calibration..<rows {
                sum += scorer.score(span.extracting(row * counters..<(row + 1) * counters), row: 0)?.score ?? 0
            }
        }
        let name = "**JointScorer**, \(counters) counters, \(warm.bytesPerRow) bytes"
        return Line(name: name, ns: ns, unit: "a VM and tick\(rest(sum))")
    }

    /// The half-space trees of one VM alone.
    private static func trees(_ values: [Double]) -> Line {
        let shape = HalfSpaceTrees(dimensions: counters)
        var warm = Forests(shape: shape)
        warm.grow(to: 1)
        let rows = min(20_000, values.count / counters)
        let points = values.map { Float(0.5 + $0 / 8) }
        let span = points.span
        for row in 0..<calibration { _ = warm.score(span.extracting(row * counters..<(row + 1) * counters), row: 0) }
        var sum = 0.0
        let ns = best(rows - calibration) {
            var forests = warm
            for row in calibration..<rows {
                sum += forests.score(span.extracting(row * counters..<(row + 1) * counters), row: 0) ?? 0
            }
        }
        return Line(
            name:
                "**HalfSpaceTrees**, \(counters) counters, \(shape.tuning.trees) trees of depth \(shape.tuning.depth)",
            ns: ns,
            unit: "a VM and tick\(rest(sum))"
        )
    }

    private static func size<Value>(_ type: Value.Type) -> Int { MemoryLayout<Value>.stride }

    /// Nothing, from a sum that the optimiser must therefore make.
    private static func rest(_ sum: Double) -> String { sum.isNaN ? "?" : "" }
}
