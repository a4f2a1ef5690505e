public import HostReaders
public import Signals

/// Reads off the tick what the anti-spoof filters of VMs have dropped, from the counters of their rules.
///
/// Only rules that look at what the guest sends count, and only those that drop and count. The rate of each rule comes
/// first, their sum later, so that a filter that libvirt makes anew is no spike. A VM without such a rule on any of its
/// interfaces is `notObservable`.
public final class SpoofSource: SideSource {
    /// One VM's part.
    private struct Watched {
        let identity: VMIdentity
        let isPaused: Bool
        var sum = RateSum()
        var drops = 0
    }

    /// Names a rule.
    private struct RuleKey: Hashable {
        let table: FilterTable
        let handle: UInt64
    }

    /// What it reads, for the journal.
    public let name = "packet filter"
    /// Seconds between two reads.
    public let period = 5.0

    private var dump: FilterDump
    private var vms: [Watched] = []
    private var owners: [InterfaceName: Int] = [:]
    private var counters: [RuleKey: Counter] = [:]
    private var disturbed: Set<VMIdentity> = []
    /// What is said of every VM where the filter could not be read.
    private var refusal = Reading.missing

    /// Opens a socket.
    public convenience init() {
        self.init(dump: FilterDump())
    }

    /// Reads by dumps that stand in for those of the kernel.
    ///
    /// - Parameter dump: The dumps.
    public init(dump: consuming FilterDump) {
        self.dump = dump
    }

    /// Takes over which VMs there are; interfaces that are known keep their counters.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {
        self.vms = vms.map { Watched(identity: $0.record.identity, isPaused: !$0.record.running) }
        owners.removeAll()
        for (index, vm) in vms.enumerated() {
            for name in vm.taps.compactMap(InterfaceName.init) { owners[name] = index }
            if !vm.record.running { disturbed.insert(vm.record.identity) }
        }
    }

    /// Reads everything.
    ///
    /// - Parameter time: The present.
    /// - Returns: One reading of each VM.
    public func read(at time: MonotonicTime) -> SideBatch {
        var batch = SideBatch(lifetime: 3 * period)
        guard !vms.isEmpty else { return batch }
        let isComplete = readRules(at: time)
        for index in vms.indices {
            let isFiltered = vms[index].drops > 0
            let reading = isComplete ? isFiltered ? vms[index].sum.sum : .notObservable : refusal
            batch.vms.append((vms[index].identity, [SideReading(.netSpoofed, reading)]))
        }
        disturbed = Set(vms.filter(\.isPaused).map(\.identity))
        return batch
    }

    /// Reads all rules of the VMs' filters.
    ///
    /// - Returns: Whether they could be read.
    private func readRules(at time: MonotonicTime) -> Bool {
        for index in vms.indices { (vms[index].sum, vms[index].drops) = (RateSum(), 0) }
        let owners = self.owners
        var tables: [FilterTable] = []
        let outcome = dump.readTables(into: &tables) { owners[$0] != nil }
        guard take(outcome) else { return false }
        var seen: [RuleKey: Counter] = [:]
        for table in tables {
            let outcome = dump.readDrops(in: table, of: { owners[$0] != nil }) { drop in
                guard let packets = drop.packets, let owner = owners[drop.interface] else { return }
                let key = RuleKey(table: table, handle: drop.handle)
                guard seen[key] == nil else { return }
                var counter = counters[key] ?? Counter()
                let isDisturbed = disturbed.contains(vms[owner].identity)
                vms[owner].sum.add(counter.rate(of: packets, at: time, disturbed: isDisturbed))
                vms[owner].drops += 1
                seen[key] = counter
            }
            guard take(outcome) else { return false }
        }
        counters = seen
        return true
    }

    /// Takes note of a dump; says whether it can be relied on.
    private func take(_ outcome: NetlinkOutcome) -> Bool {
        if case .refused = outcome { refusal = .notObservable } else { refusal = .missing }
        return outcome.isUsable
    }
}
