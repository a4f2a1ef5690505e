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
        var policy = policy
        if holds == .simulated { policy.mode = .dryRun }
        self.policy = policy
        self.holds = holds
        self.tell = tell
        self.pipeline = Pipeline(policy: policy)
        self.composer = AlertComposer(rules: policy.rules)
        self.counts = policy.rules.map { ReplayReport.RuleCount(rule: $0.name) }
    }

    /// Runs the bytes of one trace, or of its files one behind the other; a trace that goes on where the last one ended is
    /// taken as one with it, any other begins with baselines that know nothing.
    ///
    /// - Parameter bytes: The bytes.
    public mutating func run(_ bytes: [UInt8]) {
        report.bytes += bytes.count
        var reader = TraceReader(bytes)
        while true {
            do throws(TraceProblem) {
                guard let item = try reader.next() else { break }
                switch item {
                case .file(let header): begin(header)
                case .frame:
                    step(reader.frame)
                    report.lost = max(report.lost, reader.lost)
                case .circumstances(let circumstances):
                    wall = WallOffset(nanoseconds: circumstances.wallAtBoot)
                    isDisarmed = circumstances.isDisarmed
                case .event(let event, let time): if holds == .recorded { note(event, at: time, frame: reader.frame) }
                }
            } catch {
                report.problems.append(error.description)
            }
        }
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
        if let alert = composer.tell(event, frame: frame) { tell(alert, frame) }
    }

    private func tell(_ alert: Alert, _ frame: Frame) {
        tell(ReplayEvent(alert, second: first.map { frame.time.seconds(since: $0) } ?? 0, tick: frame.tick))
    }

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
