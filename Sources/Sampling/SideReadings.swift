public import Signals

/// What was read of one VM outside of the tick, by a source that may wait: a GPU's driver, a dump of the packet filter.
public struct SideReadings: Equatable, Sendable {
    /// One signal and its reading.
    public struct Entry: Equatable, Sendable {
        /// The signal.
        public var signal: Signal
        /// Its reading.
        public var reading: Reading

        /// Joins a signal and its reading.
        ///
        /// - Parameters:
        ///   - signal: The signal.
        ///   - reading: Its reading.
        public init(_ signal: Signal, _ reading: Reading) {
            self.signal = signal
            self.reading = reading
        }
    }

    /// The VM.
    public var identity: VMIdentity
    /// When it was read.
    public var time: MonotonicTime
    /// Seconds after ``time`` at which the readings are dropped and become `missing`; until then they are `stale`.
    public var lifetime: Double
    /// The readings; a signal that was told before and is not among them keeps its last one.
    public var entries: [Entry]

    /// Readings of one VM.
    ///
    /// - Parameters:
    ///   - identity: The VM.
    ///   - time: When it was read.
    ///   - lifetime: Seconds after which the readings are dropped.
    ///   - entries: The readings.
    public init(identity: VMIdentity, time: MonotonicTime, lifetime: Double, entries: [Entry]) {
        self.identity = identity
        self.time = time
        self.lifetime = lifetime
        self.entries = entries
    }
}

/// The last side readings of one VM.
struct SideBoard {
    private struct Item {
        var entry: SideReadings.Entry
        var time: MonotonicTime
        var lifetime: Double
    }

    private var items: [Item] = []

    /// Takes readings; those older than what is known are left out.
    mutating func take(_ side: SideReadings) {
        for entry in side.entries {
            let item = Item(entry: entry, time: side.time, lifetime: side.lifetime)
            guard let place = items.firstIndex(where: { $0.entry.signal == entry.signal }) else {
                items.append(item)
                continue
            }
            if items[place].time <= side.time { items[place] = item }
        }
    }

    /// Writes what is known: as it was read in the tick after it was read, `stale` from then on, then `missing`.
    ///
    /// - Parameters:
    ///   - frame: Where to write.
    ///   - slot: The VM's row.
    ///   - previous: When the tick before was.
    func write(into frame: inout Frame, _ slot: VMSlot, since previous: MonotonicTime) {
        for item in items {
            var reading = item.entry.reading
            if reading.quality == .ok, item.time <= previous {
                reading =
                    frame.time.seconds(since: item.time) > item.lifetime ? .missing : Reading(reading.value, .stale)
            }
            frame[slot, item.entry.signal] = reading
        }
    }
}
