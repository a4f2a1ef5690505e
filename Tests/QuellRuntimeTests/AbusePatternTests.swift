import Policy
import Signals
import Testing

@testable import QuellRuntime

@Suite("Patterns of abuse under the shipped policy")
struct AbusePatternTests {
    /// The shipped policy at work on one VM of two vCPUs, a tick every ten seconds.
    struct Watch {
        var pipeline: Pipeline
        var frame = Frame(hostCPUs: 8)
        var rules: [Rule]
        private var random = SplitMix64(seed: 9)
        private var now = 1_000.0

        init() throws {
            let policy = try PolicySource(named: [], directory: "").load()
            rules = policy.rules
            pipeline = Pipeline(policy: policy)
            var record = VMRecord(
                identity: VMIdentity(uuid: VMUUID(high: 1, low: 1), generation: 1),
                name: "vm",
                tenant: .known("a"),
                vcpus: 2
            )
            record.running = true
            _ = frame.place(record)
        }

        /// One tick; gives the rules that begin to fire.
        @discardableResult
        mutating func tick(_ readings: [Signal: Double], host: [Signal: Double] = [:], step: Double = 10) -> [String] {
            frame.begin(at: MonotonicTime(seconds: now))
            now += step
            for signal in Signal.allCases {
                if let value = readings[signal] { frame[VMSlot(0), signal] = Reading(value) }
                if let value = host[signal] { frame[host: signal] = Reading(value) }
            }
            _ = pipeline.step(frame)
            return pipeline.verdicts.filter { $0.phase == .onset }.map { rules[$0.rule].name }
        }

        /// Many ticks about some values; gives every rule that began to fire in them.
        mutating func run(
            _ readings: [Signal: Double],
            host: [Signal: Double] = [:],
            seconds: Double,
            wobble: Double = 0.02
        ) -> Set<String> {
            var fired: Set<String> = []
            for _ in 0..<Int(seconds / 10) {
                let values = readings.mapValues { $0 * (1 + wobble * (2 * random.uniform() - 1)) }
                fired.formUnion(tick(values, host: host))
            }
            return fired
        }
    }

    /// How long a rule needs, and a little more.
    private func lasting(_ pattern: AbusePattern, _ watch: Watch) throws -> Double {
        let rule = try #require(watch.rules.first { $0.name == pattern.rule })
        return rule.sustain + 60
    }

    @Test("each is told under its name", arguments: AbusePattern.all)
    func detects(_ pattern: AbusePattern) throws {
        var watch = try Watch()
        #expect(watch.run(pattern.usual, seconds: 600).isEmpty)
        let abuse = pattern.usual.merging(pattern.abuse) { _, new in new }
        let fired = watch.run(abuse, host: pattern.host, seconds: try lasting(pattern, watch), wobble: 0)
        #expect(fired.contains(pattern.rule), "\(fired.sorted())")
    }

    @Test("an honest VM of the same kind is left alone for an hour", arguments: AbusePattern.all)
    func quiet(_ pattern: AbusePattern) throws {
        var watch = try Watch()
        #expect(watch.run(pattern.usual, host: pattern.host, seconds: 3_600).isEmpty)
    }

    @Test("at its bound it is told, just short of it not", arguments: AbusePattern.all)
    func boundary(_ pattern: AbusePattern) throws {
        for part in [1, pattern.isBelow ? 1.001 : 0.999] {
            var watch = try Watch()
            _ = watch.run(pattern.usual, seconds: 600)
            var abuse = pattern.usual.merging(pattern.abuse) { _, new in new }
            abuse[pattern.bound.signal] = pattern.bound.value * part
            let fired = watch.run(abuse, host: pattern.host, seconds: try lasting(pattern, watch), wobble: 0)
            #expect(fired.contains(pattern.rule) == (part == 1), "\(part) \(fired.sorted())")
        }
    }

    @Test("what the host does not give is no evidence", arguments: AbusePattern.all)
    func missing(_ pattern: AbusePattern) throws {
        var watch = try Watch()
        _ = watch.run(pattern.usual, seconds: 600)
        var abuse = pattern.usual.merging(pattern.abuse) { _, new in new }
        abuse[pattern.bound.signal] = nil
        let fired = watch.run(abuse, host: pattern.host, seconds: try lasting(pattern, watch), wobble: 0)
        #expect(!fired.contains(pattern.rule))
    }
}
