import Signals

/// How one resource is used in one tick where a victim lies: who is there, who has how much, and who is looked at.
struct Arena {
    /// One VM in it.
    struct Member {
        /// The part of its use that falls here, 0 for a VM that is elsewhere, to 1.
        var part = 0.0
        /// Its use here in this tick; `nil` where it was not read.
        var use: Double?
        /// What it is entitled to here.
        var entitled = 0.0
    }

    /// The resource.
    var resource: Resource
    /// The column of its use in the rings.
    var column: Int
    /// Where the victim lies.
    var asked: [UInt32]
    /// The same, empty also where that is the whole host.
    var place: [UInt32]
    /// The VMs by row.
    var members: [Member] = []
    /// The part of the host's CPUs that it is; 0 where what the host's own processes use is of no matter.
    var partOfHost = 0.0
    /// All that they use in this tick.
    var total = 0.0
    /// Use beyond an entitlement that does not matter, whatever that is.
    var leastExcess = 0.0
    /// Whether it may be contended, as far as this tick tells without the movement of all.
    var isCrowded = true
    /// VMs whose use is beyond their entitlement.
    var beyond = 0
    /// The row of one of them.
    var someoneBeyond: Int?
    /// Everybody who is looked at, by share, then by row, as far as that does not depend on the victim.
    var suspects: [Suspect] = []

    /// Whether a VM other than the one in the given row uses more than its entitlement.
    func anyExcess(besides row: Int) -> Bool { beyond > 1 || (beyond == 1 && someoneBeyond != row) }
}

/// One VM on trial, before the ranking.
struct Suspect {
    /// What is told of it.
    var candidate: Candidate
    /// Who it is.
    var identity: VMIdentity
    /// Whether Quell holds it.
    var held: Bool
    /// Its use in this tick; `nil` where it was not read.
    var use: Double?
    /// How it moved with the suffering; `nil` where that was not asked.
    var evidence: Evidence?
    /// Whether it was shown before and is still at it.
    var shown = false
    /// Whether holding it did not help this victim.
    var acquitted = false

    /// Its row.
    var row: Int { candidate.slot.index }
}

/// A VM that is hurt and did not do it by quota, hold or job.
struct Victim {
    /// The verdict.
    var verdict: Verdict
    /// What is known of it.
    var record: VMRecord
    /// The column of what it suffers by.
    var column: Int
    /// Whether it suffers by low values.
    var lowerIsWorse: Bool
    /// Its use of the resource at hand in this tick; `nil` where it was not read.
    var use: Double?
    /// Whether nobody new can be shown to hurt it.
    var isBlind = false
    /// Whether it has been hurt for a while without anybody shown to do it.
    var isLate = false
    /// Whether somebody who was shown to hurt it has stopped, and not because it is held.
    var isAfterBurst = false

    /// Its row.
    var row: Int { verdict.slot.index }

    /// Whether it suffers beyond the bound in this tick.
    var isBeyond: Bool {
        lowerIsWorse ? verdict.value <= verdict.threshold : verdict.value >= verdict.threshold
    }

    /// Suffering at which it is well: halfway from its usual level to the bound, or 70 % of the bound where that is not known.
    var calm: Double {
        let bound = verdict.threshold
        if let usual = verdict.baseline, usual.isFinite, lowerIsWorse ? usual > bound : usual < bound {
            return (usual + bound) / 2
        }
        return lowerIsWorse ? bound / 0.7 : bound * 0.7
    }
}

extension Attributor {
    /// Sums up the use of a resource in this tick where a victim lies, and shares it out.
    ///
    /// - Parameters:
    ///   - resource: The resource.
    ///   - column: The column of its use.
    ///   - place: Where the victim lies.
    ///   - frame: The frame.
    /// - Returns: The arena.
    mutating func measure(_ resource: Resource, column: Int, place: [UInt32], frame: Frame) -> Arena {
        let isPinned = resource.entitlement == .fairCPU && !place.isEmpty && place.count < frame.hostCPUs
        let isWhole = resource.entitlement == .fairCPU && !isPinned
        var arena = Arena(resource: resource, column: column, asked: place, place: isWhole ? [] : place)
        let capacity = Double(isPinned ? place.count : frame.hostCPUs)
        if resource.entitlement == .fairCPU { arena.partOfHost = capacity / Double(frame.hostCPUs) }
        arena.members = Array(repeating: Arena.Member(), count: identities.count)
        let records = frame.records
        for row in records.indices where records[row]?.running == true {
            guard let own = records[row]?.scope.at(resource.place) else { continue }
            let part = Self.part(of: own, in: arena.place, isCPU: resource.entitlement == .fairCPU, frame: frame)
            arena.members[row].part = part
            guard part > 0, let use = present(row, column) else { continue }
            arena.members[row].use = use * part
            if use > 0 { arena.total += use * part }
        }
        entitle(&arena, capacity: capacity, records: records)
        arena.leastExcess = resource.slack
        if resource.use == .memory {
            var held = 0.0
            for row in arena.members.indices where arena.members[row].part > 0 {
                held += (arena.members[row].use ?? 0) + (floors[row].isFinite ? Double(floors[row]) : 0)
            }
            arena.leastExcess = max(resource.slack, tuning.leastTaken * held)
        }
        for row in arena.members.indices {
            guard let use = arena.members[row].use, use > 0 else { continue }
            let entitled = arena.members[row].entitled
            guard use - entitled > slack(entitled, arena) else { continue }
            arena.beyond += 1
            arena.someoneBeyond = row
        }
        arena.isCrowded = isCrowded(arena, capacity: capacity, frame: frame)
        for row in records.indices {
            if let suspect = suspect(row, frame: frame, arena: arena) { arena.suspects.append(suspect) }
        }
        arena.suspects.sort { left, right in
            let (left, right) = (left.candidate, right.candidate)
            return left.share != right.share ? left.share > right.share : left.slot < right.slot
        }
        return arena
    }

    /// The part of a VM's use that falls where a victim lies.
    ///
    /// CPUs are shared in proportion: a VM that may run on 64 CPUs spends a sixteenth of its time on any four of them. For
    /// all else a VM that shares anything may do all that it does there. What is not known counts as shared.
    private static func part(of own: [UInt32], in place: [UInt32], isCPU: Bool, frame: Frame) -> Double {
        if place.isEmpty { return 1 }
        if own.isEmpty { return isCPU ? Double(place.count) / Double(frame.hostCPUs) : 1 }
        var shared = 0
        var (left, right) = (0, 0)
        while left < own.count, right < place.count {
            if own[left] == place[right] {
                shared += 1
                left += 1
                right += 1
            } else if own[left] < place[right] {
                left += 1
            } else {
                right += 1
            }
        }
        return isCPU ? Double(shared) / Double(own.count) : shared > 0 ? 1 : 0
    }

    /// Fills in what each VM is entitled to.
    private mutating func entitle(_ arena: inout Arena, capacity: Double, records: [VMRecord?]) {
        switch arena.resource.entitlement {
        case .none: return
        case .byVCPUs:
            var all = 0.0
            for row in records.indices where arena.members[row].part > 0 { all += Double(records[row]?.vcpus ?? 0) }
            guard all > 0 else { return }
            for row in records.indices where arena.members[row].part > 0 {
                arena.members[row].entitled = arena.total * Double(records[row]?.vcpus ?? 0) / all
            }
        case .fairCPU:
            claims.removeAll(keepingCapacity: true)
            for row in arena.members.indices {
                let part = arena.members[row].part
                let limit = row < records.count ? part * Double(records[row]?.vcpus ?? 0) : 0
                let weight = row < records.count ? records[row]?.weight ?? 1 : 1
                let sane = weight.isFinite ? min(max(weight, 0.001), 10_000) : 1
                claims.append(Entitlement.Claim(limit: limit, weight: sane * (part > 0 ? part : 1)))
            }
            Entitlement.fill(&claims, capacity: capacity)
            for row in claims.indices { arena.members[row].entitled = claims[row].cores }
        }
    }

    /// Whether a resource is contended, as far as this tick tells.
    private func isCrowded(_ arena: Arena, capacity: Double, frame: Frame) -> Bool {
        switch arena.resource.crowding {
        case .cpus:
            let pressure = frame[host: .hostCPUPressure].trusted ?? 0
            return arena.total >= tuning.contendedUse * capacity || pressure >= tuning.contendedPressure
        case .memoryPressure: return frame[host: .hostMemPressure].trusted ?? .infinity >= tuning.contendedMemory
        case .more: return true
        }
    }

    /// The VM in a row as a suspect; `nil` for one too small to look at and for a free row.
    private func suspect(_ row: Int, frame: Frame, arena: Arena) -> Suspect? {
        let slot = VMSlot(row)
        guard let running = frame.isRunning(slot), let identity = identities[row] else { return nil }
        let member = arena.members[row]
        let isElsewhere = running && member.part == 0
        let use = isElsewhere ? present(row, arena.column) : member.use
        let share = arena.total > 0 ? min(1, max(0, use ?? 0) / arena.total) : 0
        let reading = arena.resource.use.reading(slot, in: frame)
        guard share >= tuning.listed || (running && use == nil && reading.quality != .notObservable) else {
            return nil
        }
        let records = frame.records
        let excess = isElsewhere ? 0 : (use ?? 0) - member.entitled
        var rejection: Candidate.Rejection?
        if !running || records[row]?.activity.isEmpty == false {
            rejection = .busyWithJob
        } else if isElsewhere {
            rejection = .elsewhere
        } else if use == nil {
            rejection = .tooFewReadings
        } else if share < tuning.share {
            rejection = .smallShare
        } else if excess <= slack(member.entitled, arena) {
            rejection = .withinEntitlement
        } else if arena.resource.entitlement == .fairCPU, isFlooded(row, frame: frame) {
            rejection = .flooded
        }
        return Suspect(
            candidate: Candidate(
                slot: slot,
                share: share,
                excess: excess,
                correlation: nil,
                score: 0,
                rejection: rejection
            ),
            identity: identity,
            held: records[row]?.isHeld == true,
            use: use
        )
    }

    /// Whether the VM in a row is kept busy by packets that another tenant's VM sends it: it receives many, answers few, and
    /// one that hears few sends at least half as many.
    private func isFlooded(_ row: Int, frame: Frame) -> Bool {
        let slot = VMSlot(row)
        guard let received = frame[slot, .netRxPackets].trusted, received >= tuning.flood,
            let sent = frame[slot, .netTxPackets].trusted, received >= tuning.oneWay * sent
        else { return false }
        let records = frame.records
        return records.indices.contains { other in
            guard other != row, let sender = records[other],
                let theirs = frame[VMSlot(other), .netTxPackets].trusted, theirs >= received / 2,
                let heard = frame[VMSlot(other), .netRxPackets].trusted, theirs >= tuning.oneWay * heard
            else { return false }
            if case .known = sender.tenant { return sender.tenant != records[row]?.tenant }
            return true
        }
    }
}
