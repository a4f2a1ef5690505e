public import HostReaders
public import Signals

/// Counts off the tick the multicast packets that guests send.
///
/// The tun driver counts none, so those taps that send more than ``floor`` packets a second are counted by packet
/// sockets, at most ``MulticastRota/most`` at a time and in turns. What is not counted is `notObservable`: below the
/// floor a guest sends no more multicast than packets, which `net.tx_packets` tells. Where a driver does count, its
/// counter is taken; what a macvtap counts is what the guest received, and not asked for.
public final class MulticastSource: SideSource {
    /// Packets a second that a guest must send on an interface to be counted there.
    public static let floor = 500.0

    /// One interface of a VM.
    private final class Port {
        let name: String
        let vm: Int
        var index: Int32?
        var isOwnView = false
        var packets = Counter()
        var driver = Counter()
        var counted = Counter()
        var hasDriver = false
        var reading = Reading.missing

        /// An interface of the VM at a place.
        init(_ name: String, vm: Int) {
            self.name = name
            self.vm = vm
        }
    }

    /// A packet socket in a place of its own, since no dictionary holds what cannot be copied.
    private final class Meter {
        var socket: MulticastSocket

        /// Takes over a socket.
        init(_ socket: consuming MulticastSocket) {
            self.socket = socket
        }
    }

    /// What it reads, for the journal.
    public let name = "multicast"
    /// Seconds between two reads.
    public let period = 2.0

    private let roots: HostRoots
    private let indexOf: (String) -> Int32?
    private var links: LinkDump
    private var rota = MulticastRota()
    private var vms: [VMDescription] = []
    private var ports: [Port] = []
    private var byIndex: [Int32: Port] = [:]
    private var meters: [Int32: Meter] = [:]
    /// VMs that were paused in any part of the interval.
    private var disturbed: Set<VMIdentity> = []

    /// Opens a socket.
    ///
    /// - Parameter roots: Where sysfs is.
    public convenience init(roots: HostRoots = HostRoots()) {
        self.init(roots: roots, links: LinkDump())
    }

    /// Reads by dumps that stand in for those of the kernel.
    ///
    /// - Parameters:
    ///   - roots: Where sysfs is.
    ///   - links: The dumps.
    ///   - indexOf: Looks up an interface's number.
    public init(
        roots: HostRoots,
        links: consuming LinkDump,
        indexOf: @escaping (String) -> Int32? = InterfaceName.index(of:)
    ) {
        self.roots = roots
        self.links = links
        self.indexOf = indexOf
    }

    /// Takes over which VMs there are; interfaces that are known keep their counters.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {
        self.vms = vms
        let before = Dictionary(ports.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        ports = []
        for (place, vm) in vms.enumerated() {
            if !vm.record.running { disturbed.insert(vm.record.identity) }
            for tap in vm.taps {
                let port = Port(tap, vm: place)
                if let old = before[tap] {
                    (port.packets, port.driver, port.counted) = (old.packets, old.driver, old.counted)
                    (port.index, port.isOwnView, port.hasDriver) = (old.index, old.isOwnView, old.hasDriver)
                } else {
                    lookUp(port)
                }
                ports.append(port)
            }
        }
        register()
    }

    /// Reads everything.
    ///
    /// - Parameter time: The present.
    /// - Returns: One reading of each VM.
    public func read(at time: MonotonicTime) -> SideBatch {
        var batch = SideBatch(lifetime: 3 * period)
        guard !vms.isEmpty else { return batch }
        for port in ports { port.reading = .missing }
        var busy: Set<Int32> = []
        var seen: Set<Int32> = []
        let outcome = links.read { stats in
            guard let port = byIndex[stats.index], seen.insert(stats.index).inserted else { return }
            if take(stats.counters, port, at: time) { busy.insert(stats.index) }
        }
        if outcome.isUsable { turn(busy, seen) }
        var sums = [RateSum](repeating: RateSum(), count: vms.count)
        for port in ports {
            if let index = port.index, seen.contains(index) { count(index, port, at: time) }
            sums[port.vm].add(outcome.isUsable ? port.reading : .missing)
        }
        for (place, vm) in vms.enumerated() {
            batch.vms.append((vm.record.identity, [SideReading(.netMulticast, sums[place].sum)]))
        }
        disturbed = Set(vms.filter { !$0.record.running }.map(\.record.identity))
        if outcome.isUsable { search(seen) }
        return batch
    }

    /// Looks up the interfaces that were not seen, as they may have come back under another number.
    private func search(_ seen: Set<Int32>) {
        var hasChanged = false
        for port in ports where port.index.map({ !seen.contains($0) }) ?? true {
            guard indexOf(port.name) != port.index else { continue }
            lookUp(port)
            port.packets.forget()
            port.driver.forget()
            port.hasDriver = false
            hasChanged = true
        }
        if hasChanged { register() }
    }

    /// Finds out what is known of an interface now.
    private func lookUp(_ port: Port) {
        port.index = indexOf(port.name)
        port.isOwnView = TapReader.isOwnView(port.name, roots: roots)
    }

    /// Notes the interfaces by their numbers.
    private func register() {
        byIndex.removeAll(keepingCapacity: true)
        for port in ports {
            if let index = port.index { byIndex[index] = port }
        }
    }

    /// Takes the driver's counters; says whether the interface is to be counted by a socket.
    private func take(_ counters: LinkCounters, _ port: Port, at time: MonotonicTime) -> Bool {
        let isPaused = disturbed.contains(vms[port.vm].record.identity)
        let driver = port.driver.rate(of: counters.multicast, at: time, disturbed: isPaused)
        if counters.multicast > 0 { port.hasDriver = true }
        port.reading = port.hasDriver && !port.isOwnView ? driver : .notObservable
        let sent = port.packets.rate(of: counters.rxPackets, at: time, disturbed: isPaused)
        return !port.hasDriver && !port.isOwnView && (sent.trusted ?? 0) > Self.floor
    }

    /// Opens and closes sockets as the turn says.
    private func turn(_ busy: Set<Int32>, _ seen: Set<Int32>) {
        let change = rota.next(busy: busy) { seen.contains($0) }
        for index in change.leave { meters[index] = nil }
        for index in change.join {
            byIndex[index]?.counted.forget()
            if let socket = MulticastSocket(index: index) {
                meters[index] = Meter(socket)
            } else {
                rota.drop(index)
            }
        }
    }

    /// Reads the socket of an interface, where it has one.
    private func count(_ index: Int32, _ port: Port, at time: MonotonicTime) {
        guard let meter = meters[index] else { return }
        let isPaused = disturbed.contains(vms[port.vm].record.identity)
        port.reading =
            meter.socket.count().map { port.counted.rate(of: $0, at: time, disturbed: isPaused) } ?? .missing
    }
}
