import Enforcement
import HostReaders

/// What a control group of Quell's may use of caches and memory bandwidth.
///
/// Everything is counted from what the default group has, where its VMs come from: a group of Quell's has a part of that
/// and nothing else, so that it takes no way from a group of libvirt's or of an administrator's.
struct CachePlan: Equatable {
    /// The shares to set; resources that are left alone have no line.
    var schemata: ResctrlSchemata
    /// Why memory bandwidth is left alone; `nil` where it is not, or the processor does not share it out.
    var bandwidthTrouble: String?

    /// The plan of a group.
    ///
    /// | group | ways of each L2 and L3 domain | memory bandwidth |
    /// |---|---|---|
    /// | ``CacheGroups/throttled`` | half, in a row, the lowest that may be used | half, rounded up to a step |
    /// | ``CacheGroups/quarantine`` | the fewest that a mask may have | the least, or a tenth where that is 0 |
    ///
    /// Ways that others have for themselves are not used, and those that devices fill only where no others do.
    ///
    /// - Parameters:
    ///   - group: The group.
    ///   - resources: What the processor shares out.
    ///   - usual: What the default group has.
    ///   - options: How the file system is mounted.
    /// - Throws: ``ActuatorError/refused(_:)`` where the group would hold nobody back, or there is no way for it.
    init(
        for group: String,
        _ resources: [ResctrlResource],
        usual: ResctrlSchemata,
        options: Set<String>
    ) throws(ActuatorError) {
        schemata = ResctrlSchemata()
        var isLess = false
        for resource in resources {
            guard let line = usual[resource.name], !line.values.isEmpty else { continue }
            var own: [ResctrlSchemata.Value] = []
            for value in line.values {
                switch resource.kind {
                case .cache(let ways):
                    guard let mask = Self.mask(group, ways, usual: value) else {
                        throw .refused("\(resource.name) \(value.domain) has no \(ways.fewest) ways in a row to use")
                    }
                    own.append(ResctrlSchemata.Value(domain: value.domain, value: mask))
                case .bandwidth(let steps):
                    own.append(
                        ResctrlSchemata.Value(
                            domain: value.domain,
                            value: Self.bandwidth(group, steps, usual: value.value)
                        )
                    )
                }
            }
            if case .bandwidth = resource.kind, options.contains("mba_MBps") {
                bandwidthTrouble = Self.inMegabytes
                continue
            }
            isLess = isLess || own != line.values
            schemata.lines.append(ResctrlSchemata.Line(resource: resource.name, values: own))
        }
        guard isLess else {
            throw .refused(bandwidthTrouble ?? "the default group already has the least that \(group) would have")
        }
    }

    /// Why a bandwidth in MB/s is left alone: it has no whole that a part could be taken of.
    static let inMegabytes = "memory bandwidth is left alone: it is in MB/s, as resctrl is mounted with mba_MBps"

    /// The mask of a group in a domain; `nil` where there is none.
    private static func mask(
        _ group: String,
        _ ways: ResctrlResource.Ways,
        usual: ResctrlSchemata.Value
    ) -> UInt32? {
        let all = usual.value & ways.all
        let usable = all & ~(ways.taken[usual.domain] ?? 0)
        let wanted = group == CacheGroups.throttled ? max(ways.fewest, all.nonzeroBitCount / 2) : ways.fewest
        for count in [wanted, ways.fewest] {
            for bits in [usable & ~ways.shareable, usable] {
                if let run = lowest(count, of: bits) { return run }
            }
        }
        return nil
    }

    /// The lowest bits in a row; `nil` where there are not as many in a row.
    static func lowest(_ count: Int, of bits: UInt32) -> UInt32? {
        guard (1...32).contains(count) else { return nil }
        let run = UInt32.max >> UInt32(32 - count)
        return (0...(32 - count)).lazy.map { run << UInt32($0) }.first { bits & $0 == $0 }
    }

    /// The bandwidth of a group, in the unit of the default group's.
    private static func bandwidth(_ group: String, _ steps: ResctrlResource.Steps, usual: UInt32) -> UInt32 {
        let part: UInt32
        if group == CacheGroups.throttled {
            part = usual / 2 + usual % 2
        } else {
            // A bandwidth of 0 would stop a VM rather than slow it down.
            part = steps.least > 0 ? steps.least : usual / 10
        }
        let (sum, overflow) = max(part, steps.least, 1).addingReportingOverflow(steps.step - 1)
        return overflow ? usual : min(usual, sum / steps.step * steps.step)
    }
}
