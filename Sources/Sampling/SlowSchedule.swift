public import Libvirt
public import Signals

/// Who is asked through libvirt, when, and for what: at most once a round each, and never beyond a budget.
///
/// The budget is a share of one core, in libvirtd and QEMU together. It stretches the round where there are many VMs: the
/// VM that has waited longest comes first, so all are asked equally often. A part of it is kept for VMs on which a rule
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
        var base = 0.0
        var vcpus = 0.0
        for entry in entries.values {
            base += entry.needs.cost(of: entry.needs.everyRound)
            if entry.needs.usesKVM { vcpus += entry.needs.cost(of: .vcpu) - entry.needs.cost(of: []) }
        }
        guard regular.rate > 0 else { return .infinity }
        // The vCPUs are asked for once in so many seconds, or in every round where that is longer.
        let left = regular.rate - vcpus / limits.vcpusEvery
        let short = left > 0 ? base / left : .infinity
        let needed = short <= limits.vcpusEvery ? short : (base + vcpus) / regular.rate
        return max(limits.round, needed)
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
            var groups = entry.needs.everyRound
            if entry.needs.usesKVM, Self.isOver(limits.vcpusEvery, since: entry.vcpusAt, at: now) {
                groups.insert(.vcpu)
                entry.vcpusAt = now
            }
            regular.spend(entry.needs.cost(of: groups))
            // One that owes an answer is cheap to ask, and to be found well again soon.
            entry.due = now.advanced(bySeconds: entry.owedSince == nil ? interval : limits.round)
            entry.isAsked = true
            entries[entry.vm] = entry
            questions.append(SlowQuestion(vm: entry.vm, groups: groups, isAlone: entry.owedSince != nil))
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
