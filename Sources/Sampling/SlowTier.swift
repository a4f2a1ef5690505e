internal import Signals

/// What libvirt said of one VM last, as readings.
struct SlowTier {
    /// The longest interval in seconds over which a rate of this tier is told: on a host with thousands of VMs the budget
    /// stretches a round to minutes.
    static let longestInterval = 3_600.0
    /// Seconds after which what the guest said of its memory is stale even when libvirt repeats it.
    static let freshBalloon = 60.0

    /// The signals that come from libvirt where the kernel does not give them.
    private static let signals: InlineArray<16, Signal> = [
        .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps, .diskFlushes, .diskLatency, .diskAllocation,
        .memBalloonUsable, .memSwapIn, .memSwapOut, .libvirtLatency, .libvirtJobAge, .kvmExits, .kvmHaltPolls,
        .irqInjections, .memDirtyRate,
    ]
    /// Whether it may tell a signal.
    static func tells(_ signal: Signal) -> Bool { signals.indices.contains { signals[$0] == signal } }
    /// The column of the latency.
    private static let latencyColumn = 10
    /// The column of the first counter of the vCPUs.
    private static let firstOfVCPUs = 12

    /// The counters of one disk.
    private struct Disk {
        var name: String
        var seen = MonotonicTime(nanoseconds: 0)
        var counters = InlineArray<5, Counter>(repeating: Counter())
        var time = Counter()
        var allocation = Level()
    }

    /// The counters of one vCPU.
    private struct VCPU {
        var index: Int
        var seen = MonotonicTime(nanoseconds: 0)
        var counters = InlineArray<3, Counter>(repeating: Counter())
    }

    private var disks: [Disk] = []
    private var vcpus: [VCPU] = []
    private var swapIn = Counter()
    private var swapOut = Counter()
    private var owedSince: MonotonicTime?
    private var readings = InlineArray<16, Reading>(repeating: .notObservable)
    private var times = InlineArray<16, MonotonicTime>(repeating: MonotonicTime(nanoseconds: 0))

    /// Takes an answer; an answer older than the one before is left out.
    mutating func take(_ answer: SlowReadings, disturbed: Bool) {
        for column in 0..<16 where answer.time < times[column] { return }
        if let disks = answer.disks { take(disks, at: answer.time, disturbed: disturbed) }
        if let vcpus = answer.vcpus { take(vcpus, at: answer.time, disturbed: disturbed) }
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
        if let latency = answer.latency {
            set(Self.latencyColumn, Reading(latency), answer.time)
            owedSince = nil
        }
        if let since = answer.owedSince { owedSince = min(owedSince ?? since, since) }
        if let age = answer.jobAge { set(11, Reading(age), answer.time) }
        if let rate = answer.dirtyRate { set(15, rate, answer.time) }
    }

    /// Writes what is known: `ok` in the tick after the answer, `stale` from then on.
    ///
    /// While libvirt owes an answer, the latency is the time since it was asked, and so grows with each tick.
    ///
    /// - Parameters:
    ///   - frame: Where to write.
    ///   - slot: The VM's row.
    ///   - previous: When the tick before was.
    func write(into frame: inout Frame, _ slot: VMSlot, since previous: MonotonicTime) {
        for column in 0..<16 {
            let signal = Self.signals[column]
            // The kernel's own reading of this tick comes first.
            if column < 4, frame[slot, signal].quality != .notObservable { continue }
            var reading = readings[column]
            if reading.quality == .ok, times[column] <= previous { reading.quality = .stale }
            frame[slot, signal] = reading
        }
        if let owedSince { frame[slot, .libvirtLatency] = Reading(max(0, frame.time.seconds(since: owedSince))) }
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

    /// Takes the vCPUs of an answer: a rate for each, then their sum; not observable where none has a counter.
    private mutating func take(_ answer: [SlowReadings.VCPU], at time: MonotonicTime, disturbed: Bool) {
        var sums = InlineArray<3, RateSum>(repeating: RateSum())
        for vcpu in answer {
            let place = place(of: vcpu.index)
            vcpus[place].seen = time
            let values: InlineArray<3, UInt64?> = [vcpu.exits, vcpu.haltPolls, vcpu.interrupts]
            for column in 0..<3 {
                guard let value = values[column] else { continue }
                sums[column].add(rate(&vcpus[place].counters[column], value, time, disturbed))
            }
        }
        vcpus.removeAll { $0.seen != time }
        for column in 0..<3 { set(Self.firstOfVCPUs + column, sums[column].sum, time) }
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

    /// The counters of a vCPU, made where it is new.
    private mutating func place(of index: Int) -> Int {
        if let place = vcpus.firstIndex(where: { $0.index == index }) { return place }
        vcpus.append(VCPU(index: index))
        return vcpus.count - 1
    }
}
