public import Libvirt
public import Signals

/// Who is asked through libvirt, when, and for what: at most once a round each, and never beyond a budget.
///
/// The budget is a share of one core, in libvirtd and QEMU together. It stretches the round where there are many VMs: the
/// VM that has waited longest comes first, so all are asked equally often. What told nothing when it was last asked for is
/// asked for less often: disks that moved nothing, a balloon whose driver does not report. A part of it is kept for VMs on which a rule
/// fires; those are asked at once, again every few seconds, and leave the round as it is. It is a plain value: time goes
/// in as a parameter.
public struct SlowSchedule: Sendable {
    /// How often and how much.
    public struct Limits: Equatable, Sendable {
        /// Seconds between two questions about a VM, at least.
        public var round = 30.0
        /// CPU that the tier may cost libvirtd and QEMU, in cores.
        public var share = 0.01
        /// The part of the share that is kept for suspicion, 0 to 1.
        public var reserve = 0.2
        /// Seconds between two questions about a VM on suspicion, at least.
        public var suspicionEvery = 5.0
        /// Seconds between two measurements of the dirty rate of a VM, at least.
        public var dirtyRateEvery = 30.0
        /// Seconds between two questions about the vCPUs of a VM, at least.
        public var vcpusEvery = 300.0
        /// Seconds between two questions about disks that moved nothing from one answer to the next, at least.
        public var idleDisksEvery = 120.0
        /// Seconds between two questions about a balloon whose driver told nothing, at least.
        public var silentBalloonEvery = 300.0
        /// VMs that one call asks for, at most.
        public var batch = 32
        /// Questions in one beat, at most.
        public var perBeat = 128

        /// The usual limits.
        public init() {}
    }

    /// Seconds that a measurement of the dirty rate takes.
    public static let dirtyRateSeconds = 1
    /// Seconds after its beginning at which its result is fetched.
    static let dirtyRateReady = 2.0
    /// Seconds of its share that may be spent at once.
    private static let burst = 10.0

    /// What is known of one VM.
    struct Entry {
        let vm: VMIdentity
        var needs: SlowNeeds
        /// When its next question is due.
        var due: MonotonicTime
        var isAsked = false
        var vcpusAt: MonotonicTime?
        var suspectedAt: MonotonicTime?
        var dirtyRateAt: MonotonicTime?
        /// When the measurement under way began.
        var measuringSince: MonotonicTime?
        var hasDirtyRate = true
        var disksAt: MonotonicTime?
        var balloonAt: MonotonicTime?
        /// Requests to its disks so far, by the last answer.
        var requests: UInt64?
        /// Whether its disks moved nothing between the last two answers.
        var hasIdleDisks = false
        /// Whether its balloon driver told nothing in the last answer.
        var hasSilentBalloon = false
        /// Whether its QEMU answers a question that asks for nothing else.
        var canBeProbed = true
        /// Since when libvirt owes an answer.
        var owedSince: MonotonicTime?
    }

    /// How often and how much.
    public let limits: Limits
    var entries: [VMIdentity: Entry] = [:]
    private var regular: CostBucket
    private var reserve: CostBucket

    /// A schedule without VMs.
    ///
    /// - Parameter limits: How often and how much.
    public init(limits: Limits = Limits()) {
        self.limits = limits
        let kept = min(1, max(0, limits.reserve))
        regular = CostBucket(rate: max(0, limits.share) * (1 - kept), burst: Self.burst)
        reserve = CostBucket(rate: max(0, limits.share) * kept, burst: Self.burst * 6)
    }

    /// Takes over which VMs there are; those that are new are spread over a round.
    ///
    /// - Parameters:
    ///   - vms: Each VM with its needs.
    ///   - now: The present.
    public mutating func watch(_ vms: [VMIdentity: SlowNeeds], at now: MonotonicTime) {
        for vm in entries.keys where vms[vm] == nil { entries[vm] = nil }
        for (vm, needs) in vms {
            if entries[vm] != nil {
                entries[vm]?.needs = needs
                continue
            }
            // A part of the UUID is as good as a die, and the same after a restart of the agent.
            let phase = Double(vm.uuid.low % 997) / 997
            entries[vm] = Entry(vm: vm, needs: needs, due: now.advanced(bySeconds: phase * limits.round))
        }
    }

    /// Seconds between two questions about a VM: the round, or what the budget makes of it.
    public var interval: Double {
        guard regular.rate > 0 else { return .infinity }
        // What each round costs, and what is asked for once in so many seconds, or in every round where that is longer.
        var base = 0.0
        var disks = 0.0
        var balloons = 0.0
        var vcpus = 0.0
        for entry in entries.values {
            let groups = entry.needs.everyRound
            let rare = rare(entry)
            let call = entry.needs.cost(of: [])
            let often = entry.needs.cost(of: groups.subtracting(rare))
            let isProbed = groups.subtracting(rare) == .state
            base += isProbed ? SlowNeeds.probeCost : often
            // A question that asks for more needs no probe beside it.
            var spared = isProbed ? SlowNeeds.probeCost - often : 0
            if rare.contains(.block) {
                disks += entry.needs.cost(of: .block) - call - spared
                spared = 0
            }
            if rare.contains(.balloon) { balloons += entry.needs.cost(of: .balloon) - call - spared }
            if entry.needs.usesKVM { vcpus += entry.needs.cost(of: .vcpu) - call }
        }
        let extras = [
            (limits.idleDisksEvery, disks), (limits.silentBalloonEvery, balloons), (limits.vcpusEvery, vcpus),
        ].sorted { $0.0 < $1.0 }
        var share = regular.rate - extras.reduce(0) { $0 + $1.1 / $1.0 }
        for (every, cost) in extras {
            if share > 0, base / share <= every { break }
            base += cost
            share += cost / every
        }
        return max(limits.round, base / share)
    }

    /// The groups of a VM that are not worth asking for in every round.
    private func rare(_ entry: Entry) -> StatsGroups {
        guard entry.canBeProbed, entry.owedSince == nil else { return [] }
        var groups: StatsGroups = []
        if entry.hasIdleDisks { groups.insert(.block) }
        if entry.hasSilentBalloon { groups.insert(.balloon) }
        return groups.intersection(entry.needs.everyRound)
    }

    /// What a VM is to be asked for in this round.
    private func question(_ entry: inout Entry, at now: MonotonicTime) -> SlowQuestion {
        var groups = entry.needs.everyRound
        var left = rare(entry)
        if Self.isOver(limits.idleDisksEvery, since: entry.disksAt, at: now) { left.remove(.block) }
        if Self.isOver(limits.silentBalloonEvery, since: entry.balloonAt, at: now) { left.remove(.balloon) }
        groups.subtract(left)
        if groups.contains(.block) { entry.disksAt = now }
        if groups.contains(.balloon) { entry.balloonAt = now }
        // Whether its monitor hangs is to be known of every VM in every round.
        let isProbe = groups == .state
        if isProbe { groups.insert(.dirtyRate) }
        if entry.needs.usesKVM, Self.isOver(limits.vcpusEvery, since: entry.vcpusAt, at: now) {
            groups.insert(.vcpu)
            entry.vcpusAt = now
        }
        return SlowQuestion(vm: entry.vm, groups: groups, isAlone: entry.owedSince != nil, isProbe: isProbe)
    }

    /// CPU seconds that a question costs libvirtd and QEMU together.
    private func cost(of question: SlowQuestion, _ needs: SlowNeeds) -> Double {
        guard question.isProbe else { return needs.cost(of: question.groups) }
        return SlowNeeds.probeCost + needs.cost(of: question.used.subtracting(.state)) - needs.cost(of: [])
    }

    /// Takes out the questions that are due; each must be followed by one of the notes.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - suspicions: VMs on which a rule fires or that are blamed, each with the groups that help.
    /// - Returns: The questions, those on suspicion first.
    public mutating func due(at now: MonotonicTime, suspicions: [VMIdentity: StatsGroups] = [:]) -> [SlowQuestion] {
        regular.fill(to: now)
        reserve.fill(to: now)
        var questions = results(at: now)
        questions += suspected(suspicions, at: now)
        let interval = interval
        let waiting = entries.values.filter { $0.due <= now && !$0.isAsked }
            .sorted { ($0.due, $0.vm.uuid.low, $0.vm.uuid.high) < ($1.due, $1.vm.uuid.low, $1.vm.uuid.high) }
        for var entry in waiting {
            guard regular.hasRoom, questions.count < limits.perBeat else { break }
            let question = question(&entry, at: now)
            regular.spend(cost(of: question, entry.needs))
            // One that owes an answer is cheap to ask, and to be found well again soon.
            entry.due = now.advanced(bySeconds: entry.owedSince == nil ? interval : limits.round)
            entry.isAsked = true
            entries[entry.vm] = entry
            questions.append(question)
        }
        return questions
    }

    /// The questions on suspicion, the VM that has waited longest first.
    private mutating func suspected(_ suspicions: [VMIdentity: StatsGroups], at now: MonotonicTime) -> [SlowQuestion] {
        var questions: [SlowQuestion] = []
        let start = MonotonicTime(nanoseconds: 0)
        let waiting = suspicions.keys.compactMap { entries[$0] }
            .filter { !$0.isAsked && Self.isOver(limits.suspicionEvery, since: $0.suspectedAt, at: now) }
            .sorted {
                ($0.suspectedAt ?? start, $0.vm.uuid.low, $0.vm.uuid.high)
                    < ($1.suspectedAt ?? start, $1.vm.uuid.low, $1.vm.uuid.high)
            }
        for var entry in waiting {
            guard reserve.hasRoom, questions.count < limits.perBeat else { break }
            var groups = entry.needs.narrowed(suspicions[entry.vm] ?? [])
            // A monitor that does not answer is not to be burdened with a measurement.
            let mayMeasure = entry.hasDirtyRate && entry.measuringSince == nil && entry.owedSince == nil
            if !mayMeasure || !Self.isOver(limits.dirtyRateEvery, since: entry.dirtyRateAt, at: now) {
                groups.remove(.dirtyRate)
            }
            guard !groups.isEmpty else { continue }
            if groups.contains(.dirtyRate) { entry.dirtyRateAt = now }
            if groups.contains(.vcpu) { entry.vcpusAt = now }
            groups.insert(.state)
            reserve.spend(entry.needs.cost(of: groups))
            entry.suspectedAt = now
            entry.isAsked = true
            entries[entry.vm] = entry
            questions.append(SlowQuestion(vm: entry.vm, groups: groups, isAlone: entry.owedSince != nil))
        }
        return questions
    }

    /// The measurements whose result is there.
    private mutating func results(at now: MonotonicTime) -> [SlowQuestion] {
        let ready = entries.values.filter {
            !$0.isAsked && $0.measuringSince != nil
                && Self.isOver(Self.dirtyRateReady, since: $0.measuringSince, at: now)
        }
        return ready.map { entry in
            entries[entry.vm]?.measuringSince = nil
            entries[entry.vm]?.isAsked = true
            reserve.spend(entry.needs.cost(of: .state))
            return SlowQuestion(vm: entry.vm, groups: .dirtyRate, isAlone: entry.owedSince != nil, isResult: true)
        }
    }

    /// Whether so many seconds have passed since a moment, or there was none; a clock that went back counts as over.
    private static func isOver(_ seconds: Double, since moment: MonotonicTime?, at now: MonotonicTime) -> Bool {
        guard let moment, moment <= now else { return true }
        return now.seconds(since: moment) >= seconds
    }
}
