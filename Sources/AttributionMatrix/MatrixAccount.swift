internal import Attribution
internal import Detection
public import Signals

/// What was said of one generated host, and whether it is right.
public struct MatrixAccount: Sendable {
    /// How it ended.
    public enum Result: String, CaseIterable, Sendable {
        /// The culprits, and nobody else, were named.
        case right
        /// Nobody was named where somebody is to blame.
        case missed
        /// An innocent VM was named.
        case wrong
        /// Nobody was named, and nobody is to blame.
        case clean
        /// Somebody should have been hurt and nobody was; it counts neither way.
        case unhurt
    }

    /// The VMs blamed over the host's resource, in the order in which each was first blamed, with the victim.
    public private(set) var blamed: [(culprit: Int, victim: Int, tick: Int)] = []
    /// The same over the other resource of a host of two.
    public private(set) var blamedSecond: [(culprit: Int, victim: Int, tick: Int)] = []
    /// VMs that passed every test beside the one blamed, or together with it.
    public private(set) var visible: Set<Int> = []
    /// Ticks of the event in which a VM other than the culprits was hurt.
    public private(set) var hurtTicks = 0
    /// Whether some finding said that a VM did it to itself.
    public private(set) var isOwn = false
    /// What was blamed for, by contention.
    public private(set) var contentions: [Contention: Int] = [:]
    /// How it ended.
    public private(set) var result = Result.clean

    /// Plays a host through detection and attribution.
    ///
    /// Who is blamed over the CPU is held to a fifth of its vCPUs from the next tick on, as the ladder would in the end.
    ///
    /// - Parameters:
    ///   - host: The host.
    ///   - culprits: Rows that count as the truth in place of the host's own; `nil` for the host's own.
    public init(of host: MatrixHost, against culprits: [Int]? = nil) {
        var host = host
        if let culprits { host.culprits = culprits }
        var frame = host.frame()
        let rules = host.rules
        var bank = DetectorBank(rules: rules)
        var attributor = Attributor()
        var verdicts: [Verdict] = []
        for tick in 0..<MatrixHost.ticks {
            host.play(tick, into: &frame)
            bank.observe(frame, into: &verdicts)
            let findings = attributor.assess(frame, verdicts: verdicts, rules: rules)
            let isHurt = verdicts.contains { verdict in
                verdict.phase != .cleared && verdict.rule == 0 && !host.culprits.contains(verdict.slot.index)
            }
            if isHurt && tick >= host.onset { hurtTicks += 1 }
            for finding in findings { note(finding, host, tick, &frame) }
        }
        result = judge(host)
    }

    /// Takes one finding.
    private mutating func note(_ finding: Finding, _ host: MatrixHost, _ tick: Int, _ frame: inout Frame) {
        if case .selfInflicted = finding.outcome { isOwn = true }
        guard case .blamed(let slot) = finding.outcome else { return }
        let entry = (culprit: slot.index, victim: finding.victim.index, tick: tick)
        if finding.verdict.rule == 1 {
            if !blamedSecond.contains(where: { $0.culprit == entry.culprit }) { blamedSecond.append(entry) }
            return
        }
        contentions[finding.contention, default: 0] += 1
        visible.formUnion(finding.alsoGuilty.map(\.index))
        if !blamed.contains(where: { $0.culprit == entry.culprit }) { blamed.append(entry) }
        guard host.contention == .cpu, host.scenario == .two || host.scenario == .spread else { return }
        let cores = 0.2 * Double(frame.vcpus(slot) ?? 1)
        frame[record: slot]?.heldCores = cores
    }

    /// Whether it is right.
    private func judge(_ host: MatrixHost) -> Result {
        let named = blamed.map(\.culprit)
        let seconds = blamedSecond.map(\.culprit)
        guard host.scenario.hasCulprit else { return named.isEmpty ? .clean : .wrong }
        guard Set(named).isSubset(of: host.culprits) else { return .wrong }
        if let second = host.second, !Set(seconds).isSubset(of: [second]) { return .wrong }
        if hurtTicks < 3 { return named.isEmpty ? .unhurt : .right }
        if named.isEmpty { return .missed }
        let isTold = Set(named).union(visible).isSuperset(of: host.culprits)
        return host.scenario == .two && !isTold ? .missed : .right
    }
}
