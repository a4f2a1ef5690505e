import Signals
@testable import Traces

/// A host whose frames are drawn at random: every quality, odd numbers, VMs that come, go, change and take others' rows.
struct RandomHost {
    /// The frame of the last tick.
    private(set) var frame: Frame
    private var random: SplitMix64
    private var time: UInt64
    private var names = 0
    /// How likely it is that a reading changes in a tick.
    private let liveliness: Double

    /// A host.
    init(seed: UInt64, liveliness: Double = 0.3) {
        random = SplitMix64(seed: seed)
        frame = Frame(hostCPUs: 1 + Int(random.next() % 64))
        time = random.next() >> 8
        self.liveliness = liveliness
    }

    /// Goes on by one tick.
    mutating func advance() {
        if random.chance(0.05) { frame.hostCPUs = 1 + Int(random.next() % 200) }
        changeVMs()
        let old = frame
        // Mostly about a second; at times a gap, no time at all, or back.
        let step: UInt64 =
            switch random.next() % 20 {
            case 0: 0
            case 1: 60_000_000_000
            case 2: 0 &- 5_000_000_000
            default: 1_000_000_000 &+ random.next() % 3_000_000
            }
        time &+= step
        frame.begin(at: MonotonicTime(nanoseconds: time))
        for signal in Signal.allCases {
            frame[host: signal] = next(after: old[host: signal])
            for row in 0..<frame.capacity where frame.records[row] != nil {
                frame[VMSlot(row), signal] = next(after: old[VMSlot(row), signal])
            }
        }
    }

    private mutating func changeVMs() {
        for row in 0..<frame.capacity where random.chance(0.08) { frame.remove(VMSlot(row)) }
        // A restart within a tick: another generation in the same row.
        for row in 0..<frame.capacity where frame.records[row] != nil && random.chance(0.05) {
            frame[record: VMSlot(row)] = record()
        }
        for row in 0..<frame.capacity where frame.records[row] != nil && random.chance(0.1) { vary(VMSlot(row)) }
        for _ in 0..<4 where random.chance(0.3) { _ = frame.place(record()) }
    }

    private mutating func vary(_ slot: VMSlot) {
        let cores = [Double.nan, -0.0, 0, 1.5, .infinity][Int(random.next() % 5)]
        switch random.next() % 6 {
        case 0:
            frame[record: slot]?.heldCores = random.chance(0.5) ? nil : cores
            frame[record: slot]?.heldOver = random.chance(0.5) ? [] : [.disk, .cpu]
        case 1: frame[record: slot]?.ownQuota = random.chance(0.5) ? nil : cores
        case 2: frame[record: slot]?.running.toggle()
        case 3: frame[record: slot]?.vcpus = 1 + Int(random.next() % 128)
        case 4: frame[record: slot]?.weight = cores
        default: frame[record: slot]?.scope.cpus = (0..<UInt32(random.next() % 9)).map { $0 * 77_777_777 }
        }
    }

    private mutating func record() -> VMRecord {
        names += 1
        let uuid = VMUUID(high: random.next(), low: random.next())
        var record = VMRecord(
            identity: VMIdentity(uuid: uuid, generation: random.next() >> (random.next() % 64)),
            name: names % 7 == 0 ? "" : "vm ∂ \u{0}\(names)",
            tenant: [.unknown, .known("t\(names)"), .conflicting(["a", "", "c"])][names % 3],
            workloadClass: names % 2 == 0 ? "standard" : "latency",
            vcpus: 1 + names % 16,
            weight: Double(names) / 3
        )
        record.activity = VMActivity(rawValue: UInt8(truncatingIfNeeded: random.next()))
        record.scope.disks = [UInt32.max]
        return record
    }

    private mutating func next(after old: Reading) -> Reading {
        guard random.chance(liveliness) else { return old }
        let quality = Quality.allCases[Int(random.next() % UInt64(Quality.allCases.count))]
        let bits: UInt64 =
            switch random.next() % 8 {
            case 0: 0
            case 1: (-0.0).bitPattern
            case 2: 0x7ff0_0000_0000_0000 | (random.next() >> 12 | 1)
            case 3: old.value.bitPattern ^ (random.next() & 0xff) << (8 * (random.next() % 8))
            case 4: Double(random.next() % 1_000).bitPattern
            case 5: random.next()
            default: (random.uniform() * 1e9).bitPattern
            }
        return Reading(Double(bitPattern: bits), quality)
    }
}

extension Frame {
    /// Where two frames differ, bit for bit; `nil` where they do not.
    func difference(from other: Frame) -> String? {
        if (tick, time, hostCPUs, capacity) != (other.tick, other.time, other.hostCPUs, other.capacity) {
            return "head"
        }
        if interval.bitPattern != other.interval.bitPattern { return "interval" }
        for signal in Signal.allCases {
            if !self[host: signal].isSame(as: other[host: signal]) { return "host \(signal)" }
        }
        for row in 0..<capacity {
            let (mine, its) = (records[row], other.records[row])
            if (mine == nil) != (its == nil) { return "row \(row) is free in one" }
            if let mine, let its {
                if !mine.isSame(as: its) { return "record \(row)" }
                if slot(of: mine.identity) != other.slot(of: its.identity) { return "the row of \(mine.name)" }
            }
            for signal in Signal.allCases {
                if !self[VMSlot(row), signal].isSame(as: other[VMSlot(row), signal]) { return "row \(row) \(signal)" }
            }
        }
        return nil
    }
}

extension Reading {
    fileprivate func isSame(as other: Reading) -> Bool {
        value.bitPattern == other.value.bitPattern && quality == other.quality
    }
}
