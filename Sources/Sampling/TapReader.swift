internal import HostReaders
internal import Signals

/// The counters of one interface of a VM, as the guest sees them.
final class TapReader {
    /// The interface.
    let name: InterfaceName
    /// Its name as text.
    let text: String
    /// The VM's row.
    let slot: VMSlot
    /// Its number, where the kernel's dumps name it; `nil` while there is no interface of that name.
    var index: Int32?
    /// The tick in which it is looked for again where it was not seen.
    var nextSearch: UInt64 = 0
    /// Whether the host's view is the guest's own, as with macvtap; the host sees a tap from the other end.
    private let isOwnView: Bool
    private var counters = InlineArray<8, Counter>(repeating: Counter())
    private var multicast = Counter()
    private var hasCountedMulticast = false
    private var readings = InlineArray<7, Reading>(repeating: .missing)
    /// The tick in which it was seen last.
    private(set) var seen: UInt64 = 0

    /// The signals in the order of the readings.
    private static let signals: InlineArray<7, Signal> = [
        .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets, .netDrops, .netErrors, .netMulticast,
    ]

    /// Begins to watch an interface.
    init(_ name: InterfaceName, text: String, slot: VMSlot, roots: HostRoots) {
        self.name = name
        self.text = text
        self.slot = slot
        isOwnView = Self.isOwnView(text, roots: roots)
    }

    /// Whether the host's view of an interface is the guest's own: it exists and has no `tun_flags`.
    static func isOwnView(_ name: String, roots: HostRoots) -> Bool {
        let directory = "\(roots.sys)/class/net/\(name)"
        return HostDirectory.exists(directory) && !HostDirectory.exists(directory + "/tun_flags")
    }

    /// Forgets the counters, as another interface has the name now.
    func forget() {
        for column in 0..<8 { counters[column].forget() }
        multicast.forget()
        hasCountedMulticast = false
    }

    /// Takes the counters of a tick.
    func take(_ device: LinkCounters, at time: MonotonicTime, tick: UInt64, disturbed: Bool) {
        let values: InlineArray<8, UInt64> = [
            isOwnView ? device.rxBytes : device.txBytes, isOwnView ? device.txBytes : device.rxBytes,
            isOwnView ? device.rxPackets : device.txPackets, isOwnView ? device.txPackets : device.rxPackets,
            device.rxDrops, device.txDrops, device.rxErrors, device.txErrors,
        ]
        var rates = InlineArray<8, Reading>(repeating: .missing)
        for column in 0..<8 {
            rates[column] = counters[column].rate(of: values[column], at: time, disturbed: disturbed)
        }
        for column in 0..<4 { readings[column] = rates[column] }
        readings[4] = Self.both(rates[4], rates[5])
        readings[5] = Self.both(rates[6], rates[7])
        seen = tick
        takeMulticast(device.multicast, at: time, disturbed: disturbed)
    }

    /// Takes the multicast counter.
    ///
    /// The tun driver never counts, so 0 is not observable until anything was counted;
    /// with macvtap the column counts what the guest received, which is not asked for.
    private func takeMulticast(_ value: UInt64, at time: MonotonicTime, disturbed: Bool) {
        let rate = multicast.rate(of: value, at: time, disturbed: disturbed)
        if value > 0 { hasCountedMulticast = true }
        readings[6] = hasCountedMulticast && !isOwnView ? rate : .notObservable
    }

    /// Adds the readings of this tick to those of the VM's other interfaces; `missing` where the interface was not seen.
    func add(to sums: inout InlineArray<7, RateSum>, tick: UInt64) {
        for column in 0..<7 { sums[column].add(seen == tick ? readings[column] : .missing) }
    }

    /// Writes the sums over all interfaces of a VM.
    static func write(_ sums: InlineArray<7, RateSum>, into frame: inout Frame, _ slot: VMSlot) {
        for column in 0..<7 { frame[slot, signals[column]] = sums[column].sum }
    }

    /// The sum of both directions.
    private static func both(_ left: Reading, _ right: Reading) -> Reading {
        var sum = RateSum()
        sum.add(left)
        sum.add(right)
        return sum.sum
    }
}
