import Libvirt
public import Policy
import Reporting
public import Signals
import Traces

/// The heart of the daemon: one tick after another, from the frame to what is to be done and told.
///
/// Nothing in it waits: alerts go to a bounded queue and intents are fetched by whoever carries them out, so that
/// neither libvirt nor the journal nor the disk can delay a tick.
public actor Monitor<Source: FrameSource> {
    private let source: Source
    private let alerts: any AlertReceiver
    private var pipeline: Pipeline
    private var composer: AlertComposer
    private var intents: [Intent] = []
    private var lastTick: MonotonicTime?
    private var lags = TickLags()
    private var taps: [TraceTap] = []
    private let wallClock: (@Sendable () -> Int64)?
    private var wall = WallOffset()
    /// Whether the kill switch is thrown.
    public private(set) var isDisarmed = false

    /// A monitor that has not ticked yet.
    ///
    /// - Parameters:
    ///   - source: What makes the frames.
    ///   - policy: The policy in force.
    ///   - alerts: Where alerts go.
    ///   - wallClock: Nanoseconds since 1970, for the policy's maintenance windows; without one the hour is not known.
    public init(
        source: sending Source,
        policy: PolicySet,
        alerts: any AlertReceiver,
        wallClock: (@Sendable () -> Int64)? = nil
    ) {
        self.source = source
        self.alerts = alerts
        self.wallClock = wallClock
        self.pipeline = Pipeline(policy: policy)
        self.composer = AlertComposer(rules: policy.rules)
    }

    /// The policy in force.
    public var policy: PolicySet { pipeline.policy }

    /// When the last tick was; `nil` before the first.
    public var lastTickTime: MonotonicTime? { lastTick }

    /// How late the latest ticks began; `nil` before the first that was due at a known time.
    var tickLags: TickLags.Summary? { lags.summary }

    /// Ticks, and notes how late that is.
    ///
    /// - Parameters:
    ///   - due: When the tick was due.
    ///   - clock: Tells when it begins, once nothing else is being done here.
    func tick(due: MonotonicTime, clock: @Sendable () -> MonotonicTime) {
        let time = clock()
        tick(at: time, lag: max(0, time.seconds(since: due)))
    }

    /// Samples, judges and tells.
    ///
    /// - Parameters:
    ///   - time: The moment of the tick.
    ///   - lag: Seconds by which the tick began late, where that is known.
    public func tick(at time: MonotonicTime, lag: Double? = nil) {
        if let lag { lags.note(lag) }
        source.tick(at: time, lag: lag)
        if let wallClock { wall.note(wallClock(), at: time) }
        if !taps.isEmpty { record() }
        // Of this tick's own time, which a trace holds.
        let hour = LadderCircumstances(wall: wall.wall(at: source.frame.time), isDisarmed: isDisarmed)
        intents.append(contentsOf: pipeline.step(source.frame, circumstances: hour))
        for verdict in pipeline.verdicts where verdict.phase != .cleared { source.attend(verdict.slot) }
        // Whether it still presses on what holds it is read in every tick.
        pipeline.forEachHeld { vm in if let slot = source.frame.slot(of: vm) { source.attend(slot) } }
        lastTick = time
        tell(pipeline.verdicts, pipeline.findings)
    }

    /// Throws the kill switch, or arms Quell again: from the next tick on everybody is let go and nobody is held.
    ///
    /// - Parameter isDisarmed: Whether it is thrown.
    public func setDisarmed(_ isDisarmed: Bool) {
        self.isDisarmed = isDisarmed
    }

    /// What the ladder has wanted done since the last call.
    ///
    /// - Returns: The intents, in order.
    public func takeIntents() -> [Intent] {
        defer { intents.removeAll(keepingCapacity: true) }
        return intents
    }

    /// Learns what became of intents and leases, and tells it.
    ///
    /// - Parameters:
    ///   - events: What became of them.
    ///   - time: When.
    public func note(_ events: [LeaseEvent], at time: MonotonicTime) {
        for event in events {
            pipeline.note(event, at: time)
            for tap in taps { tap.take(event, at: time) }
            switch event {
            case .granted(let order, _, _), .adjusted(let order, _, _): source.hold(order)
            case .released(let key, _, _, _), .handedOver(let key, _, _, _): source.letGo(key)
            case .wouldHold, .wouldRelease, .failed: break
            }
            if let alert = composer.tell(event, frame: source.frame) { alerts.send(alert) }
        }
    }

    /// Hands every frame from the next tick on, and what becomes of intents, to somebody who records.
    ///
    /// - Parameter tap: Where they go, until it is closed.
    public func attach(_ tap: TraceTap) {
        taps.append(tap)
    }

    private func record() {
        taps.removeAll { $0.isClosed }
        let circumstances = TraceCircumstances(wallAtBoot: wall.nanoseconds, isDisarmed: isDisarmed)
        for tap in taps {
            tap.take(circumstances)
            tap.take(source.frame)
        }
    }

    /// Puts another policy in force.
    ///
    /// - Parameter policy: The new policy.
    public func adopt(_ policy: PolicySet) {
        tell(pipeline.adopt(policy), [])
        composer.adopt(rules: policy.rules)
    }

    private func tell(_ verdicts: [Verdict], _ findings: [Finding]) {
        for alert in composer.alerts(verdicts: verdicts, findings: findings, frame: source.frame) { alerts.send(alert) }
    }

    /// Lets the inventory change what is sampled, between two ticks.
    ///
    /// - Parameter body: Given the source; it must not wait.
    /// - Returns: What `body` returns.
    public func withSource<Value: Sendable>(_ body: @Sendable (Source) -> Value) -> Value {
        body(source)
    }

    /// Has a VM looked at closely in the next tick.
    ///
    /// - Parameter slot: Its row.
    func attend(_ slot: VMSlot) { source.attend(slot) }

    /// The VMs that libvirt is to be asked about at once, each with the groups that help.
    func suspicions() -> [VMIdentity: StatsGroups] {
        Suspicions.all(pipeline.verdicts, pipeline.findings, in: source.frame)
    }

    /// Everything that the last tick saw and judged.
    ///
    /// - Parameter detached: Whether its readings are copied at once rather than by a tick that comes while they are held.
    /// - Returns: A copy that stays as it is.
    public func snapshot(detached: Bool = false) -> MonitorSnapshot {
        MonitorSnapshot(
            frame: detached ? source.frame.detached : source.frame,
            verdicts: pipeline.verdicts,
            findings: pipeline.findings,
            policy: pipeline.policy,
            refusals: pipeline.refusals,
            holds: pipeline.holds
        )
    }
}

/// Everything that one tick saw and judged.
public struct MonitorSnapshot: Sendable {
    /// What every VM used and suffered.
    public let frame: Frame
    /// The rules that fire.
    public let verdicts: [Verdict]
    /// Who is hurt and by whom.
    public let findings: [Finding]
    /// The policy in force.
    public let policy: PolicySet
    /// Why nothing was done about those who are blamed and not held for it.
    public var refusals: [Refusal] = []
    /// Those held or about to be.
    public var holds: [LadderHold] = []

    /// The name of the VM in a row; `?` where the row is free.
    func name(_ slot: VMSlot) -> String { frame[record: slot]?.name ?? "?" }

    /// The rule that a verdict is of; `nil` where the policy has no such rule.
    func rule(_ verdict: Verdict) -> Rule? {
        policy.rules.indices.contains(verdict.rule) ? policy.rules[verdict.rule] : nil
    }

    /// The VMs that are hurt, but for those that do it to themselves.
    public var hurt: Set<VMSlot> {
        Set(findings.filter { if case .selfInflicted = $0.outcome { false } else { true } }.map(\.victim))
    }

    /// The VMs that are blamed, each with those that it hurts, in the order of the findings.
    public var blamed: [VMSlot: [VMSlot]] {
        var blamed: [VMSlot: [VMSlot]] = [:]
        for finding in findings {
            guard case .blamed(let culprit) = finding.outcome else { continue }
            if blamed[culprit]?.contains(finding.victim) != true {
                blamed[culprit, default: []].append(finding.victim)
            }
        }
        return blamed
    }
}
