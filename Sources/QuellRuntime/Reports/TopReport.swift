import Policy
public import Signals

/// What `quell top` shows of one moment: the daemon, the host, every VM with the signals that were asked for, and who is
/// held.
public struct TopReport: Codable, Sendable, Equatable {
    /// A VM.
    public struct Row: Codable, Sendable, Equatable {
        /// Its UUID.
        public var uuid: String
        /// Its name, as libvirt gives it.
        public var name: String
        /// Whom it belongs to.
        public var tenant: String
        /// Its workload class.
        public var workloadClass: String
        /// Its vCPUs.
        public var vcpus: Int
        /// Whether its vCPUs may run.
        public var running: Bool
        /// What it is hurt over by others, or by nobody who can be named.
        public var hurt: [Contention]
        /// What it does to itself.
        public var selfInflicted: [Contention]
        /// The VMs for whose suffering it is blamed, by name.
        public var blamedFor: [String]
        /// The values of the signals that were asked for, in their base units; those not to be had are left out.
        public var values: [String: Double]
        /// The signals among them that were not read in this tick.
        public var stale: [String]
    }

    /// A hold, in force or only told of.
    public struct Hold: Codable, Sendable, Equatable {
        /// The VM that is held.
        public var uuid: String
        /// Its name.
        public var name: String
        /// What it is held back over.
        public var contention: Contention
        /// How far: `35%`, `quarantine`, `suspend`.
        public var step: String
        /// `requested`, `in-force`, `raising` or `releasing`.
        public var phase: String
        /// Who asked for it: `ladder`, `person` or `arrived`.
        public var origin: String
        /// The rule that asked for it, or what a person gave as the reason.
        public var rule: String
        /// The VM that it is held back for; `nil` where it is for nobody in particular.
        public var victim: String?
        /// Seconds until its lease ends; `nil` where it is over.
        public var remaining: Double?
        /// Whether nothing is done and this is only what would be (dry run).
        public var dryRun: Bool
    }

    /// How the daemon is.
    public var status: StatusReport
    /// The host's own signals that could be read, in their base units.
    public var host: [String: Double]
    /// Every VM, in the order in which they came.
    public var vms: [Row]
    /// Who is held, in the order in which the ladder follows them.
    public var holds: [Hold]
}

extension TopReport {
    /// A report of a tick.
    ///
    /// - Parameters:
    ///   - snapshot: What the tick saw and judged.
    ///   - status: How the daemon is.
    ///   - signals: The signals of VMs that are asked for.
    ///   - now: The moment.
    public init(_ snapshot: MonitorSnapshot, status: StatusReport, signals: [Signal], now: MonotonicTime) {
        self.status = status
        host = [:]
        for signal in Signal.allCases where signal.scope == .host {
            if let value = snapshot.frame[host: signal].trusted { host[signal.name] = value }
        }
        let judged = Judged(snapshot)
        vms = (0..<snapshot.frame.capacity).compactMap { index in
            Row(VMSlot(index), in: snapshot, judged: judged, signals: signals)
        }
        holds = snapshot.holds.map { Hold($0, now: now) }
    }
}

/// The findings of a tick, by VM.
private struct Judged {
    var hurt: [VMSlot: [Contention]] = [:]
    var selfInflicted: [VMSlot: [Contention]] = [:]
    var blamed: [VMSlot: [VMSlot]]

    init(_ snapshot: MonitorSnapshot) {
        blamed = snapshot.blamed
        for finding in snapshot.findings {
            if case .selfInflicted = finding.outcome {
                Self.add(finding, to: &selfInflicted)
            } else {
                Self.add(finding, to: &hurt)
            }
        }
    }

    private static func add(_ finding: Finding, to list: inout [VMSlot: [Contention]]) {
        guard list[finding.victim]?.contains(finding.contention) != true else { return }
        list[finding.victim, default: []].append(finding.contention)
    }
}

extension TopReport.Row {
    /// A row of a snapshot; `nil` where it is free.
    fileprivate init?(_ slot: VMSlot, in snapshot: MonitorSnapshot, judged: Judged, signals: [Signal]) {
        guard let record = snapshot.frame[record: slot] else { return nil }
        uuid = record.identity.uuid.description
        name = record.name
        tenant = record.tenant.text
        workloadClass = record.workloadClass
        vcpus = record.vcpus
        running = record.running
        hurt = judged.hurt[slot] ?? []
        selfInflicted = judged.selfInflicted[slot] ?? []
        blamedFor = (judged.blamed[slot] ?? []).map(snapshot.name)
        (values, stale) = snapshot.frame.told(slot, signals)
    }
}

extension TopReport.Hold {
    /// A hold as the ladder follows it.
    fileprivate init(_ hold: LadderHold, now: MonotonicTime) {
        uuid = hold.vm.uuid.description
        name = hold.name
        contention = hold.contention
        step = hold.step.description
        phase = hold.phase.rawValue
        origin = hold.origin.rawValue
        rule = hold.rule
        victim = hold.victimName.isEmpty ? nil : hold.victimName
        let left = hold.expires.seconds(since: now)
        remaining = left > 0 ? left : nil
        dryRun = hold.isVirtual
    }
}
