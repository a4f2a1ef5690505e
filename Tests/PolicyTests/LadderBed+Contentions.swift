import Signals

@testable import Policy

extension Contention {
    /// A signal on which a VM suffers over it.
    var suffering: Signal {
        switch self {
        case .cpu: .cpuRunDelay
        case .llc: .llcOccupancy
        case .memoryBandwidth: .mbmTotal
        case .memory: .memPressureSome
        case .disk: .ioPressureSome
        case .network: .netDrops
        case .gpu: .gpuSMUtil
        case .power: .gpuPower
        case .busLock: .busSplitLocks
        }
    }
}

extension LadderBed {
    /// Steps of every kind.
    static let allSteps: [HoldStep] = [.throttle(0.6), .throttle(0.35), .throttle(0.2), .quarantine, .suspend]

    /// A bed whose policy has a rule and a ladder for every contention, in the order of their declaration, and room for
    /// every step; every VM uses 100 MB/s and 2,000 operations of its disks, 25 MB/s of its links and needs 2 GB less.
    static func every(
        vms: [String] = ["victim", "culprit", "other"],
        mode: PolicySet.Mode = .enforce,
        limits: BlastLimits = BlastLimits(heldVMs: 4, heldVCPUShare: 1, actionsPerMinute: 100),
        steps: [HoldStep] = allSteps,
        adjust: (inout PolicySet) -> Void = { _ in }
    ) -> LadderBed {
        var bed = LadderBed(vms: vms, mode: mode, limits: limits) { policy in
            policy.limits.quarantinedVMs = 9
            policy.limits.suspendedVMs = 9
            policy.rules = Contention.allCases.map { contention in
                var rule = Rule(name: contention.rawValue, signal: contention.suffering, role: .victim)
                rule.above = 0.06
                rule.ladder = contention.rawValue
                return rule
            }
            policy.ladders = [:]
            for contention in Contention.allCases {
                var plan = LadderPlan(name: contention.rawValue)
                plan.contention = contention
                plan.steps = steps
                policy.ladders[contention.rawValue] = plan
            }
            adjust(&policy)
        }
        bed.use = HoldUse()
        bed.use?.diskBytes = 100e6
        bed.use?.diskOps = 2_000
        bed.use?.receive = 5e6
        bed.use?.transmit = 20e6
        bed.use?.usable = 2e9
        return bed
    }

    /// A finding over a contention, by the rule that ``every(vms:mode:limits:steps:adjust:)`` has for it.
    func hurt(
        over contention: Contention,
        _ victim: Int = 0,
        by culprit: Int? = 1,
        value: Double = 0.2,
        excess: Double = 1
    ) -> Finding {
        finding(
            victim,
            by: culprit,
            value: value,
            excess: excess,
            signal: contention.suffering,
            rule: Contention.allCases.firstIndex(of: contention) ?? 0,
            contention: contention
        )
    }

    /// Writes what a VM uses and that it suffers nothing, as read in this tick.
    mutating func read(_ use: HoldUse, _ slot: VMSlot) {
        for contention in Contention.allCases where contention != .cpu {
            frame[slot, contention.suffering] = Reading(0.001)
        }
        if let bytes = use.diskBytes {
            frame[slot, .diskReadBytes] = Reading(bytes * 0.7)
            frame[slot, .diskWriteBytes] = Reading(bytes * 0.3)
        }
        if let ops = use.diskOps {
            frame[slot, .diskReadOps] = Reading(ops * 0.5)
            frame[slot, .diskWriteOps] = Reading(ops * 0.5)
        }
        if let receive = use.receive { frame[slot, .netRxBytes] = Reading(receive) }
        if let transmit = use.transmit { frame[slot, .netTxBytes] = Reading(transmit) }
        if let usable = use.usable { frame[slot, .memBalloonUsable] = Reading(usable) }
    }

    /// Sets every VM's use to a part of what it was.
    mutating func scaleUse(to part: Double) {
        use?.diskBytes = 100e6 * part
        use?.diskOps = 2_000 * part
        use?.receive = 5e6 * part
        use?.transmit = 20e6 * part
    }

    /// An order as somebody else than the ladder gives it.
    func order(
        _ slot: Int,
        _ step: HoldStep,
        over contention: Contention = .cpu,
        term: Double = 300,
        origin: HoldOrder.Origin = .person
    ) -> HoldOrder {
        var order = HoldOrder(
            vm: vm(slot),
            name: "vm\(slot)",
            vcpus: 2,
            contention: contention,
            step: step,
            term: term,
            rule: "too loud",
            victim: nil,
            victimName: ""
        )
        order.origin = origin
        return order
    }
}
