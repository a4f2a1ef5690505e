internal import Signals

/// Reads the named values of one domain's record into ``DomainStats``; unknown names are passed over.
///
/// The names are those of `virConnectGetAllDomainStats`.
struct DomainStatsBuilder {
    /// Numbered things beyond this are passed over, so that a bad record cannot fill the memory.
    static let indexLimit = 4096

    private var stats: DomainStats
    private var vcpus: [Int: DomainStats.VCPU] = [:]
    private var interfaces: [Int: DomainStats.Interface] = [:]
    private var blocks: [Int: DomainStats.Block] = [:]

    /// Starts the record of a domain.
    init(uuid: VMUUID) {
        stats = DomainStats(uuid: uuid)
    }

    /// Takes one value.
    mutating func take(_ name: String, _ value: TypedValue) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        guard let group = parts.popFirst() else { return }
        switch group {
        case "state": if parts == ["state"] { stats.state = value.signed.map { DomainPower(number: $0) } }
        case "balloon": takeBalloon(parts.joined(separator: "."), value)
        case "vcpu":
            if parts == ["current"] { stats.vcpuCount = value.count.flatMap { Int(exactly: $0) } }
            Self.take(&vcpus, parts, DomainStats.VCPU.init(index:)) { $0.take($1, value) }
        case "net": Self.take(&interfaces, parts, DomainStats.Interface.init(index:)) { $0.take($1, value) }
        case "dirtyrate": takeDirtyRate(parts, value)
        case "block": Self.take(&blocks, parts, DomainStats.Block.init(index:)) { $0.take($1, value) }
        default: break
        }
    }

    /// The record, with the groups of `requested` that came without the figures that only QEMU can give.
    consuming func finish(requested: StatsGroups) -> DomainStats {
        stats.vcpus = vcpus.values.sorted { $0.index < $1.index }
        stats.interfaces = interfaces.values.sorted { $0.index < $1.index }
        stats.blocks = blocks.values.sorted { $0.index < $1.index }
        if requested.contains(.state), stats.state == nil { stats.missed.insert(.state) }
        if requested.contains(.balloon), stats.balloon?.rss == nil { stats.missed.insert(.balloon) }
        if requested.contains(.vcpu), !stats.vcpus.contains(where: { $0.time != nil }) { stats.missed.insert(.vcpu) }
        if requested.contains(.block), !stats.blocks.isEmpty,
            stats.blocks.allSatisfy({ $0.readRequests == nil && $0.writeRequests == nil })
        {
            stats.missed.insert(.block)
        }
        return stats
    }

    /// Finds the numbered thing that a name such as `0.rd.reqs` speaks of and hands it the rest of the name.
    private static func take<Thing>(
        _ things: inout [Int: Thing],
        _ parts: ArraySlice<Substring>,
        _ make: (Int) -> Thing,
        _ body: (inout Thing, String) -> Void
    ) {
        guard parts.count > 1, let first = parts.first, let index = Int(first), (0..<indexLimit).contains(index) else {
            return
        }
        body(&things[index, default: make(index)], parts.dropFirst().joined(separator: "."))
    }

    private mutating func takeDirtyRate(_ parts: ArraySlice<Substring>, _ value: TypedValue) {
        var rate = stats.dirtyRate ?? DomainStats.DirtyRate()
        switch parts {
        case ["calc_status"]: rate.isMeasured = value.signed.map { $0 == 2 }
        case ["megabytes_per_second"]:
            // libvirt hands QEMU's number of MiB on as a signed one.
            guard let count = value.count else { return }
            let scaled = count.multipliedReportingOverflow(by: 1 << 20)
            rate.bytesPerSecond = scaled.overflow ? UInt64.max : scaled.partialValue
        default: return
        }
        stats.dirtyRate = rate
    }

    private mutating func takeBalloon(_ name: String, _ value: TypedValue) {
        guard let count = value.count else { return }
        let scaled = count.multipliedReportingOverflow(by: 1024)
        let bytes = scaled.overflow ? UInt64.max : scaled.partialValue
        var balloon = stats.balloon ?? DomainStats.Balloon()
        switch name {
        case "current": balloon.current = bytes
        case "maximum": balloon.maximum = bytes
        case "swap_in": balloon.swapIn = bytes
        case "swap_out": balloon.swapOut = bytes
        case "major_fault": balloon.majorFaults = count
        case "minor_fault": balloon.minorFaults = count
        case "unused": balloon.unused = bytes
        case "available": balloon.available = bytes
        case "usable": balloon.usable = bytes
        case "disk_caches": balloon.diskCaches = bytes
        case "last-update": balloon.lastUpdate = count
        case "rss": balloon.rss = bytes
        default: return
        }
        stats.balloon = balloon
    }
}

extension DomainStats.VCPU {
    /// Takes one value of a vCPU.
    fileprivate mutating func take(_ name: String, _ value: TypedValue) {
        switch name {
        case "time": time = value.count
        case "wait": wait = value.count
        case "delay": delay = value.count
        case "halted": halted = value.flag
        // The names are those of the kernel's own statistics (Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD).
        case "exits.sum": exits = value.count
        case "halt_attempted_poll.sum": haltPolls = value.count
        case "irq_injections.sum": interrupts = value.count
        default: break
        }
    }
}

extension DomainStats.Interface {
    /// Takes one value of an interface.
    fileprivate mutating func take(_ key: String, _ value: TypedValue) {
        switch key {
        case "name": name = value.text
        case "rx.bytes": rxBytes = value.count
        case "rx.pkts": rxPackets = value.count
        case "rx.errs": rxErrors = value.count
        case "rx.drop": rxDrops = value.count
        case "tx.bytes": txBytes = value.count
        case "tx.pkts": txPackets = value.count
        case "tx.errs": txErrors = value.count
        case "tx.drop": txDrops = value.count
        default: break
        }
    }
}

extension DomainStats.Block {
    /// Takes one value of a disk.
    fileprivate mutating func take(_ key: String, _ value: TypedValue) {
        switch key {
        case "name": name = value.text
        case "path": path = value.text
        case "rd.reqs": readRequests = value.count
        case "rd.bytes": readBytes = value.count
        case "rd.times": readTime = value.count
        case "wr.reqs": writeRequests = value.count
        case "wr.bytes": writeBytes = value.count
        case "wr.times": writeTime = value.count
        case "fl.reqs": flushRequests = value.count
        case "fl.times": flushTime = value.count
        case "allocation": allocation = value.count
        case "capacity": capacity = value.count
        case "physical": physical = value.count
        default: break
        }
    }
}
