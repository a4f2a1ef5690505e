public import HostReaders
public import Signals

/// Reads off the tick what the anti-spoof filters of VMs have dropped, from the counters of their rules.
///
/// Only rules that look at what the guest sends count, and only those that drop and count. The rate of each rule comes
/// first, their sum later, so that a filter that libvirt makes anew is no spike. A VM without such a rule on any of its
/// interfaces is `notObservable`. Where there are more than ``most`` chains the VMs take turns, and their rates are over
/// the time of a round.
public final class SpoofSource: SideSource {
    /// Chains that are read at a time; each costs about 17 µs of CPU time.
    public static let most = 1_024
    /// The longest interval in seconds over which a rate is told.
    static let longest = 300.0

    /// One VM's part.
    private struct Watched {
        let identity: VMIdentity
        let isPaused: Bool
        var places: [FilterPlace] = []
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

    private let most: Int
    private var dump: FilterDump
    private var vms: [Watched] = []
    private var owners: [InterfaceName: Int] = [:]
    private var counters: [RuleKey: Counter] = [:]
    private var next: [RuleKey: Counter] = [:]
    private var due: [Int] = []
    private var turns = 1
    private var disturbed: Set<VMIdentity> = []

    /// Opens a socket.
    public convenience init() {
        self.init(dump: FilterDump())
    }

    /// Reads by dumps that stand in for those of the kernel.
    ///
    /// - Parameters:
    ///   - dump: The dumps.
    ///   - most: Chains that are read at a time.
    public init(dump: consuming FilterDump, most: Int = SpoofSource.most) {
        self.dump = dump
        self.most = most
    }

    /// VMs whose counters were disturbed by a pause since they were last read: never more than there are VMs.
    package var disturbedVMs: Int { disturbed.count }

    /// Takes over which VMs there are; interfaces that are known keep their counters.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {
        self.vms = vms.map { Watched(identity: $0.record.identity, isPaused: !$0.record.running) }
        owners.removeAll()
        due = []
        counters.merge(next) { $1 }
        for (index, vm) in vms.enumerated() {
            for name in vm.taps.compactMap(InterfaceName.init) { owners[name] = index }
            if !vm.record.running { disturbed.insert(vm.record.identity) }
        }
        // One that went while it was paused is never read again.
        if !disturbed.isEmpty { disturbed.formIntersection(vms.map(\.record.identity)) }
    }

    /// Reads the VMs whose turn it is: all, where there are few.
    ///
    /// - Parameter time: The present.
    /// - Returns: One reading of each of them.
    public func read(at time: MonotonicTime) -> SideBatch {
        guard !vms.isEmpty else { return SideBatch(lifetime: 3 * period) }
        let outcome = due.isEmpty ? begin() : .whole
        var batch = SideBatch(lifetime: 3 * period * Double(turns))
        let part = outcome.isUsable ? turn() : Array(vms.indices)
        let last = outcome.isUsable ? readRules(of: part, at: time) : outcome
        for index in part {
            let reading: Reading
            switch last {
            case .whole, .interrupted: reading = vms[index].drops > 0 ? vms[index].sum.sum : .notObservable
            case .refused(let code) where !Self.isGone(code): reading = .notObservable
            case .refused, .malformed, .unfinished: reading = .missing
            }
            batch.vms.append((vms[index].identity, [SideReading(.netSpoofed, reading)]))
            if !vms[index].isPaused { disturbed.remove(vms[index].identity) }
        }
        if !last.isUsable { due = [] }
        return batch
    }

    /// Begins a round: finds the chains of all VMs anew.
    private func begin() -> NetlinkOutcome {
        counters = next
        next = [:]
        for index in vms.indices { vms[index].places = [] }
        let owners = self.owners
        var places: [FilterPlace] = []
        let outcome = dump.readChains(into: &places) { owners[$0] != nil }
        guard outcome.isUsable else {
            next = counters
            return outcome
        }
        for place in places {
            if let owner = owners[place.interface] { vms[owner].places.append(place) }
        }
        due = Array(vms.indices)
        turns = max(1, (places.count + most - 1) / most)
        return outcome
    }

    /// The VMs whose turn it is: at least one, and as many as have ``most`` chains together.
    private func turn() -> [Int] {
        var count = 0
        let part = due.prefix { index in
            count += vms[index].places.count
            return count <= most
        }
        let taken = max(1, part.count)
        defer { due.removeFirst(taken) }
        return Array(due.prefix(taken))
    }

    /// Reads all rules of some VMs' filters: table by table where that is everybody, else chain by chain.
    private func readRules(of part: [Int], at time: MonotonicTime) -> NetlinkOutcome {
        for index in part { (vms[index].sum, vms[index].drops) = (RateSum(), 0) }
        let places = part.flatMap { vms[$0].places }
        var sources: [(table: FilterTable, chain: [UInt8]?)] = []
        if part.count == vms.count {
            for place in places where !sources.contains(where: { $0.table == place.table }) {
                sources.append((place.table, nil))
            }
            // Bridges first, whichever VM comes first.
            sources.sort { $0.table.family > $1.table.family }
        } else {
            sources = places.map { ($0.table, $0.chain) }
        }
        let owners = self.owners
        for source in sources {
            let outcome = dump.readDrops(in: source.table, chain: source.chain, of: { owners[$0] != nil }) { drop in
                take(drop, at: time)
            }
            guard outcome.isUsable else { return outcome }
        }
        return .whole
    }

    /// Takes one rule that drops; one that was told already in this round is passed over.
    private func take(_ drop: FilterDrop, at time: MonotonicTime) {
        guard let packets = drop.packets, let owner = owners[drop.interface] else { return }
        let key = RuleKey(table: drop.table, handle: drop.handle)
        guard next[key] == nil else { return }
        var counter = counters[key] ?? Counter()
        let isDisturbed = disturbed.contains(vms[owner].identity)
        vms[owner].sum.add(counter.rate(of: packets, at: time, disturbed: isDisturbed, longest: Self.longest))
        vms[owner].drops += 1
        next[key] = counter
    }

    /// Whether an `errno` says that a chain has gone since it was listed (`ENOENT`).
    private static func isGone(_ code: Int32) -> Bool { code == 2 }
}
