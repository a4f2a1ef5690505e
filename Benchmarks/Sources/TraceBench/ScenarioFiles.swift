internal import Foundation
internal import Signals
internal import Traces

/// `traces`: writes each scenario as a trace for each seed, and what is expected of it.
enum ScenarioFiles {
    /// What is expected of a trace.
    private struct Expectation: Encodable {
        var name: String
        var file: String
        var seed: UInt64
        var must: [Scenario.Mark]
        var may: [Scenario.Mark]
        var culprit: String?
        var mustBlame: Bool
    }

    /// Writes them.
    ///
    /// - Parameters:
    ///   - directory: Where to.
    ///   - seeds: Seeds of each scenario; the quiet day is so long that it gets the first alone.
    /// - Throws: Where a file cannot be written.
    static func write(to directory: String, seeds: ClosedRange<UInt64> = 1...5) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var expectations: [Expectation] = []
        for scenario in Scenario.all {
            for seed in scenario.seconds > 10_000 ? seeds.lowerBound...seeds.lowerBound : seeds {
                var encoder = TraceEncoder(facts: [.init("scenario", scenario.name), .init("seed", "\(seed)")])
                var bytes: [UInt8] = []
                scenario.play(seed: seed) { encoder.encode($0, into: &bytes) }
                encoder.finish(into: &bytes)
                let file = "\(scenario.name)-\(seed).trace"
                try Data(bytes).write(to: URL(fileURLWithPath: directory + "/" + file))
                expectations.append(
                    Expectation(
                        name: scenario.name,
                        file: file,
                        seed: seed,
                        must: scenario.must,
                        may: scenario.must + scenario.may,
                        culprit: scenario.culprit,
                        mustBlame: scenario.mustBlame
                    )
                )
            }
        }
        let text = try JSONEncoder().encode(expectations)
        try text.write(to: URL(fileURLWithPath: directory + "/scenarios.json"))
    }
}
