internal import Signals

/// What libvirt said of one VM last, as readings.
struct SlowTier {
    /// The longest interval in seconds over which a rate of this tier is told.
    static let longestInterval = 600.0
    /// Seconds after which what the guest said of its memory is stale even when libvirt repeats it.
    static let freshBalloon = 60.0

    /// The signals that come from libvirt where the kernel does not give them.
    private static let signals: InlineArray<11, Signal> = [
        .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps, .diskFlushes, .diskLatency, .diskAllocation,
        .memBalloonUsable, .memSwapIn, .memSwapOut, .libvirtLatency,
    ]

    /// The counters of one disk.
    private struct Disk {
        var name: String
        var seen = MonotonicTime(nanoseconds: 0)
        var counters = InlineArray<5, Counter>(repeating: Counter())
        var time = Counter()
        var allocation = Level()
    }

    private var disks: [Disk] = []
    private var swapIn = Counter()
    private var swapOut = Counter()
    private var readings = InlineArray<11, Reading>(repeating: .notObservable)
    private var times = InlineArray<11, MonotonicTime>(repeating: MonotonicTime(nanoseconds: 0))

    /// Takes an answer; an answer older than the one before is left out.
    mutating func take(_ answer: SlowReadings, disturbed: Bool) {
        for column in 0..<11 where answer.time < times[column] { return }
        if let disks = answer.disks { take(disks, at: answer.time, disturbed: disturbed) }
        if let usable = answer.balloonUsable {
            let isFresh = answer.balloonAge.map { $0 <= Self.freshBalloon } ?? false
            set(7, Reading(Double(usable), isFresh ? .ok : .stale), answer.time)
        }
        if let value = answer.swapIn {
            set(8, rate(&swapIn, value, answer.time, disturbed), answer.time)
        }
        if let value = answer.swapOut {
            set(9, rate(&swapOut, value, answer.time, disturbed), answer.time)
        }
        if let latency = answer.latency { set(10, Reading(latency), answer.time) }
    }

    /// Writes what is known: `ok` in the tick after the answer, `stale` from then on.
    ///
    /// - Parameters:
    ///   - frame: Where to write.
    ///   - slot: The VM's row.
    ///   - previous: When the tick before was.
    func write(into frame: inout Frame, _ slot: VMSlot, since previous: MonotonicTime) {
        for column in 0..<11 {
            let signal = Self.signals[column]
            // The kernel's own reading of this tick comes first.
            if column < 4, frame[slot, signal].quality != .notObservable { continue }
            var reading = readings[column]
            if reading.quality == .ok, times[column] <= previous { reading.quality = .stale }
            frame[slot, signal] = reading
        }
    }

    /// Takes the disks of an answer: a rate for each, then their sum.
    private mutating func take(_ answer: [SlowReadings.Disk], at time: MonotonicTime, disturbed: Bool) {
        var sums = InlineArray<5, RateSum>(repeating: RateSum())
        var busy = RateSum()
        var growth = RateSum()
        for disk in answer {
            let place = place(of: disk.name)
            disks[place].seen = time
            let values: InlineArray<5, UInt64?> = [
                disk.readBytes, disk.writeBytes, disk.readOps, disk.writeOps, disk.flushes,
            ]
            for column in 0..<5 {
                guard let value = values[column] else { continue }
                sums[column].add(rate(&disks[place].counters[column], value, time, disturbed))
            }
            if let value = disk.time { busy.add(rate(&disks[place].time, value, time, disturbed)) }
            if let value = disk.allocation {
                let longest = Self.longestInterval
                growth.add(
                    disks[place].allocation.growth(of: Double(value), at: time, disturbed: disturbed, longest: longest)
                )
            }
        }
        disks.removeAll { $0.seen != time }
        for column in 0..<5 { set(column, sums[column].sum, time) }
        set(5, Self.latency(busy.sum, reads: sums[2].sum, writes: sums[3].sum), time)
        set(6, growth.sum, time)
    }

    /// Mean seconds of a request; `missing` where there was none to measure.
    private static func latency(_ busy: Reading, reads: Reading, writes: Reading) -> Reading {
        var requests = RateSum()
        requests.add(reads)
        requests.add(writes)
        guard let nanoseconds = busy.trusted else { return busy }
        guard let count = requests.sum.trusted else { return requests.sum }
        return count > 0 ? Reading(nanoseconds * 1e-9 / count) : .missing
    }

    /// The rate of a counter of this tier.
    private func rate(_ counter: inout Counter, _ value: UInt64, _ time: MonotonicTime, _ disturbed: Bool) -> Reading {
        counter.rate(of: value, at: time, disturbed: disturbed, longest: Self.longestInterval)
    }

    /// Keeps a reading.
    private mutating func set(_ column: Int, _ reading: Reading, _ time: MonotonicTime) {
        readings[column] = reading
        times[column] = time
    }

    /// The counters of a disk, made where it is new.
    private mutating func place(of name: String) -> Int {
        if let place = disks.firstIndex(where: { $0.name == name }) { return place }
        disks.append(Disk(name: name))
        return disks.count - 1
    }
}
