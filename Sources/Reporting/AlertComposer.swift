public import Signals
internal import Systemd

/// Turns verdicts, findings and lease events into alerts, each thing once.
///
/// It tells edges only: a rule's onset and end, and in between each answer of its findings once. Every text has the numbers that an
/// operator needs to redo the sum.
public struct AlertComposer: Sendable {
    /// Seconds after which an answer that was not given again is forgotten.
    static let forgetAfter = 60.0

    /// The rules in force.
    public private(set) var rules: [Rule]
    /// Rules that fire now, with the VM as it was at onset: its row may be another's when the rule clears.
    private var firing: [Stream: VMLabel] = [:]
    /// The answers told of each victim and rule since its onset.
    private var told: [Subject: Told] = [:]

    /// The caps last set, by lease.
    private var caps: [UInt64: Cap] = [:]

    private struct Cap {
        var step: HoldStep
        var isRaising = false
    }

    /// Rules that fire for what the VM does to itself, whose onset was not told.
    private var ownDoing: Set<Stream> = []

    private struct Stream: Hashable {
        var slot: VMSlot
        var rule: Int
    }

    private struct Subject: Hashable {
        var victim: VMIdentity
        var rule: Int
    }

    private enum Answer: Equatable {
        case blamed(VMIdentity)
        case nobody
        case selfInflicted(Finding.SelfCause)
    }

    private struct Told {
        var answers: [Answer] = []
        var seen: MonotonicTime
    }

    /// A composer.
    ///
    /// - Parameter rules: The rules in force.
    public init(rules: [Rule]) {
        self.rules = rules
    }

    /// Follows other rules; what fires under the old ones is told anew.
    ///
    /// - Parameter rules: The rules in force.
    public mutating func adopt(rules: [Rule]) {
        guard rules != self.rules else { return }
        self.rules = rules
        firing = [:]
        told = [:]
        ownDoing = []
    }

    /// The alerts of a tick: verdicts first, since an onset or an end resets what was told of a finding.
    ///
    /// The onset of a victim rule is left out where the finding of the same tick says that the VM does it to itself: the
    /// finding alone is told, so that nobody looks for a culprit. The end of such a rule is left out with it. That a VM suffers
    /// from Quell's own hold is not told at all: the hold was.
    ///
    /// - Parameters:
    ///   - verdicts: What the rules say.
    ///   - findings: What attribution says.
    ///   - frame: The frame that both speak of.
    /// - Returns: The alerts, in order.
    public mutating func alerts(verdicts: [Verdict], findings: [Finding], frame: Frame) -> [Alert] {
        var alerts: [Alert] = []
        for finding in findings {
            let stream = Stream(slot: finding.victim, rule: finding.verdict.rule)
            switch finding.outcome {
            case .selfInflicted: if finding.verdict.phase == .onset { ownDoing.insert(stream) }
            case .blamed, .nobody: ownDoing.remove(stream)
            }
        }
        for verdict in verdicts where verdict.phase != .ongoing {
            let stream = Stream(slot: verdict.slot, rule: verdict.rule)
            let told = alert(for: verdict, frame: frame)
            if !ownDoing.contains(stream), let told { alerts.append(told) }
            if verdict.phase == .cleared { ownDoing.remove(stream) }
        }
        for finding in findings {
            if let alert = alert(for: finding, frame: frame), finding.outcome != .selfInflicted(.held) {
                alerts.append(alert)
            }
        }
        return alerts
    }

    /// The alert of a lease event in its turn; `nil` for the further steps of a way back up, of which the first is told.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - frame: The frame in which the VM's tenant is looked up.
    /// - Returns: The alert.
    public mutating func tell(_ event: LeaseEvent, frame: Frame) -> Alert? {
        switch event {
        case .granted(let order, let lease, _): caps[lease] = Cap(step: order.step)
        case .adjusted(let order, let lease, _):
            let before = caps[lease] ?? Cap(step: order.step)
            let isRaise = order.step < before.step
            caps[lease] = Cap(step: order.step, isRaising: isRaise)
            if isRaise && before.isRaising { return nil }
        case .released(_, _, let lease, _), .handedOver(_, _, let lease, _): caps[lease] = nil
        case .wouldHold, .wouldRelease, .failed: break
        }
        return alert(for: event, frame: frame)
    }

    /// The alert of a verdict; `nil` while a rule just goes on firing.
    ///
    /// - Parameters:
    ///   - verdict: The verdict.
    ///   - frame: The frame that it speaks of.
    /// - Returns: The alert of an onset or an end.
    public mutating func alert(for verdict: Verdict, frame: Frame) -> Alert? {
        guard rules.indices.contains(verdict.rule) else { return nil }
        let rule = rules[verdict.rule]
        let stream = Stream(slot: verdict.slot, rule: verdict.rule)
        switch verdict.phase {
        case .ongoing:
            return nil
        case .onset:
            guard let vm = frame.label(verdict.slot) else { return nil }
            firing[stream] = vm
            told[Subject(victim: vm.identity, rule: verdict.rule)] = nil
            return Self.onset(verdict, rule: rule, vm: vm, frame: frame)
        case .cleared:
            guard let vm = firing.removeValue(forKey: stream) ?? frame.label(verdict.slot) else { return nil }
            told[Subject(victim: vm.identity, rule: verdict.rule)] = nil
            return Self.cleared(verdict, rule: rule, vm: vm, now: frame.time)
        }
    }

    /// The alert of a finding; `nil` where the same answer was told already.
    ///
    /// - Parameters:
    ///   - finding: The finding.
    ///   - frame: The frame that it speaks of.
    /// - Returns: The alert of a new answer.
    public mutating func alert(for finding: Finding, frame: Frame) -> Alert? {
        let now = frame.time
        let verdict = finding.verdict
        guard
            verdict.phase != .cleared, rules.indices.contains(verdict.rule),
            let victim = frame.label(finding.victim)
        else { return nil }
        let answer: Answer
        switch finding.outcome {
        case .blamed(let slot):
            guard let culprit = frame.label(slot) else { return nil }
            answer = .blamed(culprit.identity)
        case .nobody: answer = .nobody
        case .selfInflicted(let cause): answer = .selfInflicted(cause)
        }
        told = told.filter { now.seconds(since: $0.value.seen) < Self.forgetAfter }
        let subject = Subject(victim: victim.identity, rule: verdict.rule)
        var known = told[subject] ?? Told(seen: now)
        let isNew = !known.answers.contains(answer)
        if isNew { known.answers.append(answer) }
        known.seen = now
        told[subject] = known
        return isNew ? Self.answer(finding, rule: rules[verdict.rule], victim: victim, frame: frame) : nil
    }
}
