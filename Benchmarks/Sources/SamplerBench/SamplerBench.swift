internal import CMeter
internal import Glibc

/// The benchmarks of the sampler alone: no libvirt, no detection, real processes in real cgroups.
///
/// A program of its own and no suite of a benchmark framework, since two things must be measured in turns within one run
/// and since `malloc` and `pread` are interposed for the whole process.
@main
struct SamplerBench {
    /// How a benchmark is run.
    typealias Suite = @Sendable (BenchHost, Options, inout Report) throws(BenchFailure) -> Void

    /// The benchmarks by the names that the command line gives them, in the order in which they run.
    static let suites: [(name: String, run: Suite)] = [
        ("allocations", Allocations.run),
        // Before those that need memory of their own, which would count as resident.
        ("jitter", Jitter.run),
        ("sampling-floor", Floor.run),
        ("tick", Flatness.run),
    ]

    /// Runs the benchmarks that are named, or all; the host is taken down again also where it is interrupted or killed.
    static func main() {
        meter_catch_signals()
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            print(Options.usage)
            exit(64)
        }
        var report = Report()
        do throws(BenchFailure) {
            for suite in suites where options.suites.isEmpty || options.suites.contains(suite.name) {
                // A host of its own for each: what one has made would be in the way of the next.
                let host = try BenchHost(suite.name, vcpus: options.vcpus, mayUseCgroups: !options.withoutCgroups)
                if report.isEmpty { report.say(host.summary) }
                try suite.run(host, options, &report)
            }
        } catch {
            print("failed: \(error.reason)")
            exit(70)
        }
        report.finish()
        exit(report.hasMissed ? 1 : 0)
    }
}

/// Why a benchmark cannot go on.
struct BenchFailure: Error {
    /// The reason, for people.
    let reason: String

    /// Goes on where no signal asked to stop.
    ///
    /// - Throws: Where one has come.
    static func checkInterrupt() throws(BenchFailure) {
        if meter_interrupted() { throw BenchFailure(reason: "interrupted") }
    }
}
