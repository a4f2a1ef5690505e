public import Policy
import Reporting
public import Signals
import Traces

/// Runs a trace through the same ``Pipeline`` as the daemon, under any policy.
///
/// Nothing is enforced. Where holds are simulated, each intent is answered in its own tick as a dry run answers it ("would
/// throttle", "would release"), whatever the policy's mode; what the trace says happened to intents is passed over, but
/// for the caps that its VMs were under. Where they are taken as recorded, the trace's events are the answers: under the
/// same policy that makes the same intents as live. The hour of each frame is the trace's, for maintenance windows; the kill
/// switch is thrown where the trace says so and holds are as recorded.
public struct Replay {
    /// What answers the ladder's intents.
    public enum Holds: Sendable {
        /// A dry run does.
        case simulated
        /// The events of the trace do.
        case recorded
    }

    /// What came of it so far.
    public private(set) var report = ReplayReport()

    private let policy: PolicySet
    private let holds: Holds
    private let tell: (ReplayEvent) -> Void
    private let watch: (ReplayNews, Frame, Double) -> Void
    private var pipeline: Pipeline
    private var composer: AlertComposer
    private var counts: [ReplayReport.RuleCount]
    private var known: Set<VMIdentity> = []
    private var occupants: [VMIdentity?] = []
    private var first: MonotonicTime?
    private var wall = WallOffset()
    private var isDisarmed = false
    private var last = (tick: UInt64(0), time: MonotonicTime(nanoseconds: 0))

    /// A replay that has seen nothing.
    ///
    /// - Parameters:
    ///   - policy: The policy.
    ///   - holds: What answers the ladder's intents.
    ///   - tell: Told each event.
    public init(policy: PolicySet, holds: Holds = .simulated, tell: @escaping (ReplayEvent) -> Void) {
        self.init(policy: policy, holds: holds, tell: tell) { _, _, _ in }
    }

    /// A replay that has seen nothing.
    ///
    /// - Parameters:
    ///   - policy: The policy.
    ///   - holds: What answers the ladder's intents.
    ///   - tell: Told each event.
    ///   - watch: Told the same in parts, with the frame and the seconds since the first one.
    init(
        policy: PolicySet,
        holds: Holds = .simulated,
        tell: @escaping (ReplayEvent) -> Void,
        watch: @escaping (ReplayNews, Frame, Double) -> Void
    ) {
        var policy = policy
        if holds == .simulated { policy.mode = .dryRun }
        self.policy = policy
        self.holds = holds
        self.tell = tell
        self.watch = watch
        self.pipeline = Pipeline(policy: policy)
        self.composer = AlertComposer(rules: policy.rules)
        self.counts = policy.rules.map { ReplayReport.RuleCount(rule: $0.name) }
    }

    /// Runs the bytes of one trace, or of its files one behind the other; a trace that goes on where the last one ended is
    /// taken as one with it, any other begins with baselines that know nothing.
    ///
    /// - Parameter bytes: The bytes.
    public mutating func run(_ bytes: [UInt8]) {
        var reader = TraceReader(bytes)
        while let item = Self.next(of: &reader) { take(item, from: reader) }
        finish(reader, bytes: bytes.count)
    }

    /// The next item of a trace, or what is wrong with it; `nil` at its end.
    static func next(of reader: inout TraceReader) -> Result<TraceReader.Item, TraceProblem>? {
        do throws(TraceProblem) {
            return try reader.next().map { .success($0) }
        } catch {
            return .failure(error)
        }
    }

    /// Takes one item of a trace.
    mutating func take(_ item: Result<TraceReader.Item, TraceProblem>, from reader: TraceReader) {
        switch item {
        case .success(.file(let header)): begin(header)
        case .success(.frame):
            step(reader.frame)
            report.lost = max(report.lost, reader.lost)
        case .success(.circumstances(let circumstances)):
            wall = WallOffset(nanoseconds: circumstances.wallAtBoot)
            isDisarmed = circumstances.isDisarmed
        case .success(.event(let event, let time)): if holds == .recorded { note(event, at: time, frame: reader.frame) }
        case .failure(let problem): report.problems.append(problem.description)
        }
    }

    /// Sums up a trace that was read to its end.
    mutating func finish(_ reader: TraceReader, bytes: Int) {
        report.bytes += bytes
        switch reader.ending {
        case .complete: report.ending = "complete"
        case .open, nil: report.ending = "open"
        case .cut(let count):
            report.ending = "cut"
            report.cut += count
        }
        report.vms = known.count
        report.rules = counts.filter { $0.onsets + $0.firing + $0.blamed + $0.held > 0 }
    }

    private mutating func begin(_ header: TraceHeader) {
        report.files += 1
        report.unknownSignals = header.unknown
        report.lackingSignals = header.lacking.map(\.name)
        wall = WallOffset(header)
        isDisarmed = false
    }

    /// Judges a frame and tells what is new.
    ///
    /// - Parameter frame: The frame.
    public mutating func step(_ frame: Frame) {
        if first == nil { first = frame.time }
        if frame.tick <= last.tick || frame.time < last.time {
            // Another run of the daemon: nothing that was learned is of its VMs.
            watch(.restarted, frame, second(of: last.time))
            pipeline = Pipeline(policy: policy)
            composer = AlertComposer(rules: policy.rules)
        } else if report.ticks > 0 {
            report.span += frame.time.seconds(since: last.time)
        }
        last = (frame.tick, frame.time)
        report.ticks += 1
        meet(frame)
        let circumstances = LadderCircumstances(
            wall: wall.wall(at: frame.time),
            isDisarmed: isDisarmed && holds == .recorded
        )
        let intents = pipeline.step(frame, circumstances: circumstances)
        for verdict in pipeline.verdicts where verdict.phase != .cleared {
            counts[verdict.rule].firing += 1
            if verdict.phase == .onset { counts[verdict.rule].onsets += 1 }
        }
        for alert in composer.alerts(verdicts: pipeline.verdicts, findings: pipeline.findings, frame: frame) {
            if alert.id == .culpritNamed { count(alert[.rule]) { $0.blamed += 1 } }
            tell(alert, frame)
        }
        guard holds == .simulated else { return }
        for intent in intents {
            switch intent {
            case .hold(let order): note(.wouldHold(order), at: frame.time, frame: frame)
            case .release(let key, let reason):
                let name = frame.slot(of: key.vm).flatMap { frame.records[$0.index]?.name } ?? "\(key.vm.uuid)"
                note(.wouldRelease(key, name: name, reason), at: frame.time, frame: frame)
            }
        }
    }

    private mutating func note(_ event: LeaseEvent, at time: MonotonicTime, frame: Frame) {
        pipeline.note(event, at: time)
        switch event {
        case .granted(let order, _, _), .wouldHold(let order): count(order.rule) { $0.held += 1 }
        case .adjusted, .wouldRelease, .released, .handedOver, .failed: break
        }
        watch(.event(event), frame, second(of: time))
        if let alert = composer.tell(event, frame: frame) { tell(alert, frame) }
    }

    private func tell(_ alert: Alert, _ frame: Frame) {
        watch(.alert(alert), frame, second(of: frame.time))
        tell(ReplayEvent(alert, second: second(of: frame.time), tick: frame.tick))
    }

    /// Seconds since the first frame.
    private func second(of time: MonotonicTime) -> Double { first.map { time.seconds(since: $0) } ?? 0 }

    private mutating func count(_ rule: String?, _ change: (inout ReplayReport.RuleCount) -> Void) {
        guard let index = counts.firstIndex(where: { $0.rule == rule }) else { return }
        change(&counts[index])
    }

    /// Counts the VMs; a set is asked only where a row has another VM than before.
    private mutating func meet(_ frame: Frame) {
        while occupants.count < frame.capacity { occupants.append(nil) }
        for (row, record) in frame.records.enumerated() {
            guard let record else { continue }
            report.vmTicks += 1
            if occupants[row] != record.identity {
                occupants[row] = record.identity
                known.insert(record.identity)
            }
        }
    }
}

/// What a replay tells of, in parts.
enum ReplayNews {
    /// Something would have been told.
    case alert(Alert)
    /// Something became of an intent.
    case event(LeaseEvent)
    /// Another run of the daemon begins.
    case restarted
}
