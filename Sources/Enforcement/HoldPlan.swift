import Signals

/// Which knobs of a VM an order asks for, and why others that one would expect are left alone.
struct HoldPlan: Equatable {
    /// What is done to a knob.
    enum Aim: Equatable {
        /// Each vCPU keeps a share of its time.
        case cpu(Double)
        /// A disk keeps this many bytes and operations a second; 0 where that is not limited.
        case disk(bytes: UInt64, ops: UInt64)
        /// One direction of an interface keeps this many bytes a second.
        case bandwidth(Double)
        /// The guest gives back these bytes, which it does not need.
        case memory(less: UInt64)
        /// A GPU keeps a share.
        case device(Double)
        /// The knob is set to exactly this.
        case exactly(Setting)
    }

    /// The knobs, in the order in which they are to be set.
    private(set) var aims: [(knob: Knob, aim: Aim)] = []
    /// What is left as it is and why, for people.
    private(set) var notes: [String] = []
    /// Whether what milder steps have set stays as it is.
    let isOnTop: Bool

    /// The plan of an order.
    ///
    /// - Parameters:
    ///   - order: The order.
    ///   - parts: What the VM is made of.
    init(_ order: HoldOrder, parts: VMParts) {
        switch order.step {
        case .throttle(let share):
            isOnTop = false
            throttle(order, max(QuotaPlan.leastShare, min(1, share)), parts)
        case .quarantine:
            isOnTop = true
            quarantine(order.quarantine, parts)
        case .suspend:
            isOnTop = true
            aims = [(.power, .exactly(.power(.paused)))]
        }
    }

    static func == (left: HoldPlan, right: HoldPlan) -> Bool {
        left.notes == right.notes && left.isOnTop == right.isOnTop
            && left.aims.elementsEqual(right.aims) { $0.knob == $1.knob && $0.aim == $1.aim }
    }

    private mutating func throttle(_ order: HoldOrder, _ share: Double, _ parts: VMParts) {
        switch order.contention {
        case .cpu, .busLock: aims.append((.vcpuQuota, .cpu(share)))
        case .disk: disks(order.use, share, parts)
        case .network: interfaces(order.use, share, parts)
        case .memory: memory(order, share, parts)
        case .llc, .memoryBandwidth: cacheGroup(CacheGroups.throttled, parts)
        case .gpu: gpus(parts) { [(.gpuClocks($0), .device(share))] }
        case .power: gpus(parts) { [(.gpuPower($0), .device(share))] }
        }
    }

    private mutating func disks(_ use: HoldUse, _ share: Double, _ parts: VMParts) {
        if parts.disks.isEmpty { notes.append("it has no disk whose limits can be set") }
        let bytes = Self.least(DiskPlan.leastBytes, share, use.diskBytes)
        let ops = Self.least(DiskPlan.leastOps, share, use.diskOps)
        guard bytes > 0 || ops > 0 else {
            notes.append("what it used of its disks was not read")
            return
        }
        for target in parts.disks { aims.append((.disk(target), .disk(bytes: bytes, ops: ops))) }
    }

    /// A share of a use, at least the given one; 0 where the use is not known.
    private static func least(_ least: UInt64, _ share: Double, _ use: Double?) -> UInt64 {
        guard let use, use.isFinite, use >= 0 else { return 0 }
        return max(least, UInt64(min(1e15, (share * use).rounded(.up))))
    }

    private mutating func interfaces(_ use: HoldUse, _ share: Double, _ parts: VMParts) {
        if parts.interfaces.isEmpty { notes.append("it has no interface on this host") }
        if use.receive == nil && use.transmit == nil { notes.append("what it used of the network was not read") }
        for interface in parts.interfaces {
            if let trouble = interface.bandwidthTrouble {
                notes.append("\(interface.device): \(trouble)")
                continue
            }
            for (knob, use) in [
                (Knob.receive(interface.device), use.receive), (.transmit(interface.device), use.transmit),
            ] {
                if let use, use.isFinite, use >= 0 { aims.append((knob, .bandwidth(share * use))) }
            }
        }
    }

    private mutating func memory(_ order: HoldOrder, _ share: Double, _ parts: VMParts) {
        guard let usable = order.use.usable, usable.isFinite, usable >= 0 else {
            notes.append("what its guest does not need of its memory was not read")
            return
        }
        let less = UInt64(min(1e15, (1 - share) * usable))
        if parts.hasBalloon {
            aims.append((.balloon, .memory(less: less)))
        } else {
            notes.append("its guest has no balloon that reports")
        }
        if parts.memory > 0, !parts.softLimitIsHigh || order.allowsMemoryHigh {
            let kept = parts.memory > less ? parts.memory - less : 0
            aims.append((.memorySoftLimit, .exactly(.memory(max(kept, parts.memory / 4) / 4_096 * 4_096))))
        }
    }

    private mutating func cacheGroup(_ group: String, _ parts: VMParts) {
        if let trouble = parts.cacheTrouble {
            notes.append("cache-group: \(trouble)")
        } else {
            aims.append((.cacheGroup, .exactly(.cacheGroup(group))))
        }
    }

    private mutating func gpus(_ parts: VMParts, _ knobs: (String) -> [(Knob, Aim)]) {
        if parts.gpus.isEmpty { notes.append("it has no GPU that can be limited") }
        for gpu in parts.gpus {
            if gpu.isSole {
                aims += knobs(gpu.address)
            } else {
                notes.append("GPU \(gpu.address): it shares it with other VMs")
            }
        }
    }

    private mutating func quarantine(_ plan: QuarantinePlan, _ parts: VMParts) {
        let share = plan.share.isFinite ? max(QuotaPlan.leastShare, min(1, plan.share)) : QuotaPlan.leastShare
        aims.append((.vcpuQuota, .cpu(share)))
        let cpus = plan.cpus.intersection(parts.hostCPUs)
        if !cpus.isEmpty {
            aims.append((.vcpuPins, .exactly(.pins(Array(repeating: cpus, count: parts.vcpus)))))
            aims.append((.emulatorPins, .exactly(.pins([cpus]))))
            if parts.iothreads > 0 {
                aims.append((.iothreadPins, .exactly(.pins(Array(repeating: cpus, count: parts.iothreads)))))
            }
        } else if !plan.cpus.isEmpty {
            notes.append("none of the quarantine CPUs \(plan.cpus) is online")
        }
        cacheGroup(CacheGroups.quarantine, parts)
        for interface in parts.interfaces {
            switch plan.links {
            case .keep: break
            case .antiSpoof: aims.append((.filter(interface.device), .exactly(.filter(.antiSpoof))))
            case .isolate: aims.append((.filter(interface.device), .exactly(.filter(.isolate))))
            case .down: aims.append((.link(interface.device), .exactly(.link(false))))
            }
        }
    }
}
