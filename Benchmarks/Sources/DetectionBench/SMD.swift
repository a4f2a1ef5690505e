internal import Detection
internal import Foundation

/// The Server Machine Dataset (Su et al., "Robust Anomaly Detection for Multivariate Time Series through Stochastic
/// Recurrent Neural Network", KDD'19): scores every row of the test files in one causal pass.
///
/// The directory holds `meta.json`, an object of machines with `"test": [rows, counters]`, and for each machine that is
/// to be scored `NAME.test.f32`, row-major little-endian float32. They are published compressed: `gunzip -k` them
/// first. Nothing of the training files, the labels, a file's range or its length is used; every machine has the same
/// configuration. Written are `NAME.score.txt`, a score a row, and `NAME.top3.txt`, three counters a row, 1-based as in
/// the published lists of guilty counters, the most deviating first, 0 for none.
enum SMD {
    /// The counters are shares of each counter's own range: a five-hundredth of it is too small to matter.
    static let floor = ScaleFloor(relative: 0.05, absolute: 0.002)

    /// What `meta.json` tells of a machine; other keys are passed over.
    struct Machine: Decodable {
        /// Rows and counters of the test file.
        var test: [Int]
    }

    /// Scores all machines of a directory.
    ///
    /// - Parameter arguments: The directory to read and the one to write to.
    /// - Throws: Where a file cannot be read or written or has another size than `meta.json` says.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 2 else {
            throw DetectionBenchFailure(description: "smd needs a directory to read and one to write to")
        }
        let from = URL(filePath: arguments[0], directoryHint: .isDirectory)
        let to = URL(filePath: arguments[1], directoryHint: .isDirectory)
        let meta = try JSONDecoder().decode(
            [String: Machine].self,
            from: contents(from.appending(path: "meta.json"))
        )
        var scored = 0
        for (name, machine) in meta.sorted(by: { $0.key < $1.key }) {
            let file = from.appending(path: "\(name).test.f32")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let values = try Self.values(file, shape: machine.test)
            try score(values, counters: machine.test[1], name: name, to: to)
            scored += 1
        }
        if scored == 0 {
            throw DetectionBenchFailure(description: "\(from.path) holds no NAME.test.f32 of a NAME in meta.json")
        }
    }

    /// The bytes of a file.
    private static func contents(_ file: URL) throws -> Data {
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw DetectionBenchFailure(description: "\(file.path) cannot be read")
        }
        return data
    }

    /// The values of a file.
    private static func values(_ file: URL, shape: [Int]) throws -> [Double] {
        let data = try contents(file)
        guard shape.count == 2, shape[0] > 0, (1...255).contains(shape[1]), data.count == 4 * shape[0] * shape[1] else {
            throw DetectionBenchFailure(
                description: "\(file.path): \(data.count) bytes, where meta.json has the shape \(shape) of float32"
            )
        }
        var values: [Double] = []
        values.reserveCapacity(data.count / 4)
        var bits: UInt32 = 0
        for (index, byte) in data.enumerated() {
            bits = bits >> 8 | UInt32(byte) << 24
            if index % 4 == 3 { values.append(Double(Float(bitPattern: bits))) }
        }
        return values
    }

    /// Scores one machine, row by row.
    private static func score(_ values: [Double], counters: Int, name: String, to directory: URL) throws {
        var scorer = JointScorer(floors: Array(repeating: floor, count: counters))
        scorer.grow(to: 1)
        var outcomes: [JointScorer.Outcome?] = []
        outcomes.reserveCapacity(values.count / counters)
        let span = values.span
        let clock = ContinuousClock()
        let took = clock.measure {
            for start in stride(from: 0, to: values.count, by: counters) {
                outcomes.append(scorer.score(span.extracting(start..<start + counters), row: 0))
            }
        }
        var scores = ""
        var top = ""
        for outcome in outcomes {
            scores += "\(outcome?.score ?? 0)\n"
            let counters = (0..<3).map { (outcome?.suspects[$0].counter ?? -1) + 1 }
            top += "\(counters[0]) \(counters[1]) \(counters[2])\n"
        }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(scores.utf8).write(to: directory.appending(path: "\(name).score.txt"))
        try Data(top.utf8).write(to: directory.appending(path: "\(name).top3.txt"))
        let each = took / .nanoseconds(1) / Double(max(1, outcomes.count))
        print("\(name): \(outcomes.count) rows, \(Int(each)) ns a row, \(scorer.bytesPerRow) bytes of state")
    }
}
