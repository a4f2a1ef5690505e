import Signals

/// What a knob is to be set to, given what it was set to before.
enum KnobPlan: Equatable {
    /// To this.
    case set(Setting)
    /// To nothing else: the VM's own limit is as strict as the order or stricter.
    case own
    /// It cannot be: the reason, as the end of a sentence.
    case impossible(String)

    /// The plan for a knob; a limit of the VM's own is never loosened.
    ///
    /// - Parameters:
    ///   - aim: What is to be done to it; one of a device is its actuator's to plan.
    ///   - before: What it was set to before Quell came.
    init(_ aim: HoldPlan.Aim, before: Setting) {
        switch (aim, before) {
        case (.cpu(let share), .quota(let own)): self = Self.quota(share, own)
        case (.disk(let bytes, let ops), .disk(let own)):
            self = Self.of(.disk(DiskPlan.limit(bytes: bytes, ops: ops, own: own)), before)
        case (.bandwidth(let rate), .bandwidth(let own)): self = Self.of(.bandwidth(Self.bandwidth(rate, own)), before)
        case (.memory(let less), .balloon(let bytes)): self = Self.balloon(less, bytes)
        case (.exactly(let wanted), _): self = Self.exactly(wanted, before)
        default: self = .impossible("it reads \(before), which was not expected")
        }
    }

    private static func of(_ wanted: Setting, _ before: Setting) -> KnobPlan {
        wanted.means(before) ? .own : .set(wanted)
    }

    private static func quota(_ share: Double, _ own: VCPUQuota) -> KnobPlan {
        guard let plan = QuotaPlan(cap: share, before: own) else { return .impossible("no such cap") }
        if plan.isOwn { return .own }
        if QuotaPlan.effectiveShare(of: plan.quota, asked: share) >= 1, share < 1 {
            return .impossible("its period of \(own.period) µs is too short for a cap of \(share)")
        }
        return .set(.quota(plan.quota))
    }

    /// The least that an interface is left with, in units of 1,000 B/s: enough for a shell and for keeping sessions.
    static let leastBandwidth = 64.0

    private static func bandwidth(_ rate: Double, _ own: Bandwidth) -> Bandwidth {
        let asked = UInt32(min(4e9, max(leastBandwidth, (rate / 1_000).rounded(.up))))
        var limit = own
        limit.average = own.average == 0 ? asked : min(own.average, asked)
        if own.peak > 0 { limit.peak = UInt32(min(UInt64(own.peak), 2 * UInt64(limit.average))) }
        // What is guaranteed cannot be more than what is allowed; KiB beside units of 1,000 B.
        if own.floor > 0 { limit.floor = min(own.floor, UInt32(Double(limit.average) * 1_000 / 1_024)) }
        return limit
    }

    /// The guest keeps at least a quarter of what it has.
    private static func balloon(_ less: UInt64, _ bytes: UInt64) -> KnobPlan {
        let kept = max(bytes / 4, bytes > less ? bytes - less : 0)
        // libvirt counts in KiB, the guest in pages of 4 KiB.
        let target = (kept + 4_095) / 4_096 * 4_096
        return target < bytes ? .set(.balloon(target)) : .own
    }

    private static func exactly(_ wanted: Setting, _ before: Setting) -> KnobPlan {
        switch (wanted, before) {
        case (.memory(let limit?), .memory(let own?)) where own <= limit: return .own
        case (.filter(.some(.antiSpoof)), .filter(.some)): return .own
        case (.cacheGroup, .cacheGroup(let own)) where !own.isEmpty && !CacheGroups.all.contains(own):
            return .impossible("it is in the group \(own) of somebody else's")
        case (.power, .power(.other(let why))): return .impossible("its vCPUs are stopped already: \(why)")
        default: return of(wanted, before)
        }
    }
}

/// The limits of a disk that leave a VM so much of it.
enum DiskPlan {
    /// The least that a disk is left with, in bytes a second: below it guests time out and remount read-only.
    static let leastBytes: UInt64 = 1 << 20
    /// The least that a disk is left with, in operations a second.
    static let leastOps: UInt64 = 50

    /// The limits: in the form that the VM's own have, reads and writes together or apart, and never looser than those.
    ///
    /// Twice as much may be used for two seconds, so that a guest's flushes do not stall. What the VM's own limits say of
    /// bursts stays, lowered where it must be.
    ///
    /// - Parameters:
    ///   - bytes: Bytes a second; 0 leaves them as they are.
    ///   - ops: Operations a second; 0 leaves them as they are.
    ///   - own: The VM's own limits.
    /// - Returns: The limits.
    static func limit(bytes: UInt64, ops: UInt64, own: DiskLimit) -> DiskLimit {
        var limit = own
        for (unit, asked) in [("bytes", bytes), ("iops", ops)] where asked > 0 {
            let isApart = own["read_" + unit] > 0 || own["write_" + unit] > 0
            for name in isApart ? ["read_" + unit, "write_" + unit] : ["total_" + unit] {
                let (burst, length) = (name + "_max", name + "_max_length")
                limit[name] = own[name] == 0 ? asked : min(own[name], asked)
                if own[name] == 0 {
                    limit[burst] = 2 * limit[name]
                    limit[length] = 2
                } else if own[burst] > 0 {
                    limit[burst] = min(own[burst], 2 * limit[name])
                }
            }
        }
        return limit
    }
}
