public import HostReaders
public import Signals

/// Reads off the tick how many source addresses the bridges have seen on the ports of each VM.
///
/// A guest has few; one that forges source addresses shows as growth. The bridge forgets an address that it has not seen
/// for its ageing time, 300 s by default. Interfaces that are no port of a Linux bridge, or of one that does not learn,
/// are `notObservable`.
public final class NeighbourSource: SideSource {
    /// Reads between two looks at whether interfaces are ports that learn.
    static let rarely = 12

    /// One interface of a VM.
    private struct Port {
        let name: String
        var index: Int32?
        var learns: Bool
    }

    /// What it reads, for the journal.
    public let name = "forwarding tables"
    /// Seconds between two reads.
    public let period = 5.0

    private let roots: HostRoots
    private let indexOf: (String) -> Int32?
    private var table: ForwardingTable
    private var vms: [(identity: VMIdentity, ports: [Port])] = []
    private var addresses: [Int32: Set<UInt64>] = [:]
    private var seen: Set<Int32> = []
    private var reads = 0

    /// Opens a socket.
    ///
    /// - Parameter roots: Where sysfs is.
    public convenience init(roots: HostRoots = HostRoots()) {
        self.init(roots: roots, table: ForwardingTable())
    }

    /// Reads by dumps that stand in for those of the kernel.
    ///
    /// - Parameters:
    ///   - roots: Where sysfs is.
    ///   - table: The dumps.
    ///   - indexOf: Looks up an interface's number.
    public init(
        roots: HostRoots,
        table: consuming ForwardingTable,
        indexOf: @escaping (String) -> Int32? = InterfaceName.index(of:)
    ) {
        self.roots = roots
        self.table = table
        self.indexOf = indexOf
    }

    /// Takes over which VMs there are, and looks at their interfaces anew.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {
        self.vms = vms.map { vm in (vm.record.identity, vm.taps.map(port)) }
        reads = 0
    }

    /// Reads everything.
    ///
    /// - Parameter time: The present.
    /// - Returns: One reading of each VM.
    public func read(at time: MonotonicTime) -> SideBatch {
        look()
        var batch = SideBatch(lifetime: 3 * period)
        addresses.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
        for vm in vms {
            for port in vm.ports where port.learns {
                if let index = port.index { addresses[index] = [] }
            }
        }
        let isUsable = addresses.isEmpty || table.read(into: &addresses, seen: &seen).isUsable
        for vm in vms {
            var sum = RateSum()
            for port in vm.ports { sum.add(reading(of: port, isUsable)) }
            batch.vms.append((vm.identity, [SideReading(.netNeighbours, sum.sum)]))
        }
        return batch
    }

    /// Looks anew at interfaces that were not seen, as they may have come back under another number, and at all rarely.
    private func look() {
        let isDue = reads == Self.rarely
        for vm in vms.indices {
            for place in vms[vm].ports.indices {
                let old = vms[vm].ports[place]
                let isLost = reads > 0 && old.learns && old.index.map { !seen.contains($0) } ?? true
                if isDue || isLost { vms[vm].ports[place] = port(old.name) }
            }
        }
        reads = isDue ? 1 : reads + 1
    }

    /// What is known of an interface now.
    private func port(_ name: String) -> Port {
        Port(name: name, index: indexOf(name), learns: BridgePort.learns(name, roots: roots))
    }

    /// How many addresses were seen on an interface; `missing` where it was not seen itself.
    private func reading(of port: Port, _ isUsable: Bool) -> Reading {
        guard port.learns, let index = port.index else { return .notObservable }
        guard isUsable, seen.contains(index) else { return .missing }
        return Reading(Double(addresses[index]?.count ?? 0))
    }
}
