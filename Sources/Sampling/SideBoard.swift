internal import Signals

/// The last side readings of one VM, or of the host.
struct SideBoard {
    private struct Item {
        var entry: SideReading
        var time: MonotonicTime
        var lifetime: Double
    }

    private var items: [Item] = []

    /// Takes readings; those older than what is known are left out.
    mutating func take(_ entries: [SideReading], at time: MonotonicTime, lifetime: Double) {
        for entry in entries {
            let item = Item(entry: entry, time: time, lifetime: lifetime)
            guard let place = items.firstIndex(where: { $0.entry.signal == entry.signal }) else {
                items.append(item)
                continue
            }
            if items[place].time <= time { items[place] = item }
        }
    }

    /// Writes what is known: as it was read in the tick after it was read, `stale` from then on, then `missing`.
    ///
    /// That a source cannot see a signal does not take back what another has just read of it.
    ///
    /// - Parameters:
    ///   - frame: Where to write.
    ///   - slot: The VM's row.
    ///   - previous: When the tick before was.
    func write(into frame: inout Frame, _ slot: VMSlot, since previous: MonotonicTime) {
        for item in items {
            let reading = Self.reading(of: item, at: frame.time, since: previous)
            if reading.quality == .notObservable, frame[slot, item.entry.signal].quality == .ok { continue }
            frame[slot, item.entry.signal] = reading
        }
    }

    /// Writes what is known of the host, by the same rule.
    ///
    /// - Parameters:
    ///   - frame: Where to write.
    ///   - previous: When the tick before was.
    func write(intoHostOf frame: inout Frame, since previous: MonotonicTime) {
        for item in items { frame[host: item.entry.signal] = Self.reading(of: item, at: frame.time, since: previous) }
    }

    /// What a reading is worth now.
    private static func reading(of item: Item, at now: MonotonicTime, since previous: MonotonicTime) -> Reading {
        let reading = item.entry.reading
        guard reading.quality == .ok, item.time <= previous else { return reading }
        return now.seconds(since: item.time) > item.lifetime ? .missing : Reading(reading.value, .stale)
    }
}
