internal import Glibc

/// The benchmarks of the detectors on public, labelled series, without a host and without frames.
@main
struct DetectionBench {
    /// The benchmarks by the names that the command line gives them, and the arguments of each.
    static let suites: [(name: String, arguments: String, run: @Sendable ([String]) throws -> Void)] = [
        ("smd", "DIR OUT", SMD.run), ("speed", "VALUES [spot]", Speed.run),
    ]

    /// Runs the benchmark that is named.
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let suite = suites.first(where: { $0.name == words.first }) else {
            print("usage: one of")
            for suite in suites { print("    DetectionBench \(suite.name) \(suite.arguments)") }
            exit(64)
        }
        do {
            try suite.run(Array(words.dropFirst()))
        } catch {
            print("failed: \(error)")
            exit(70)
        }
    }
}

/// Why a benchmark cannot go on.
struct DetectionBenchFailure: Error, CustomStringConvertible {
    /// The reason, for people.
    let description: String
}
