import Signals

extension Attributor {
    /// What the rings hold for a source that had nothing new: between two readings of it, unlike a reading that is missing.
    static let between = -Float.infinity

    /// Seconds in which a VM's usual memory follows what it holds by 63 %.
    static let floorPace = 600.0

    /// Writes this tick into the rings.
    ///
    /// Suffering is left out while it may be the work of Quell or of a job: it is no evidence against anybody.
    mutating func remember(_ frame: Frame) {
        head = head + 1 >= tuning.window ? 0 : head + 1
        tick &+= 1
        let records = frame.records
        while identities.count < records.count { addRow() }
        hostRing[head] = Self.ownUse(of: frame)
        let settling = Float(min(1, frame.interval / Self.floorPace))
        for row in identities.indices {
            hurt[row] = 0
            let slot = VMSlot(row)
            let identity = row < records.count ? records[row]?.identity : nil
            if identities[row] != identity { clear(row, for: identity) }
            guard identity != nil else { continue }
            let runs = records[row]?.running ?? false
            for column in layout.uses.indices {
                let use = layout.uses[column]
                var reading = runs ? use.reading(slot, in: frame) : .missing
                if use == .memory { takeFloor(&reading, row: row, settling: settling) }
                write(reading, row: row, column: column)
            }
            let suffers = runs && records[row]?.activity.isEmpty == true && records[row]?.isHeld == false
            for index in layout.sufferings.indices {
                let reading = suffers ? frame[slot, layout.sufferings[index]] : .missing
                write(reading, row: row, column: layout.uses.count + index)
            }
        }
    }

    /// The cores that the host's own processes use: all that is used, less what VMs use; NaN where one of it is not known.
    private static func ownUse(of frame: Frame) -> Float {
        guard var cores = frame[host: .hostCPUUsage].trusted else { return .nan }
        for row in 0..<frame.capacity where frame.isRunning(VMSlot(row)) == true {
            guard let use = frame[VMSlot(row), .cpuUsage].trusted else { return .nan }
            cores -= use
        }
        return cores.isFinite ? Float(max(0, cores)) : .nan
    }

    /// Holds the rings that other rules need; what both need is kept.
    mutating func lay(out rules: [Rule]) {
        let next = Layout(rules)
        guard next != layout else { return }
        let width = next.count * tuning.window
        var moved = [Float](repeating: .nan, count: identities.count * width)
        for column in 0..<layout.count {
            guard let place = layout.column(column, in: next) else { continue }
            for row in identities.indices {
                let from = (row * layout.count + column) * tuning.window
                let to = (row * next.count + place) * tuning.window
                for offset in 0..<tuning.window { moved[to + offset] = rings[from + offset] }
            }
        }
        rings = moved
        layout = next
    }

    /// The window of one series of a row; the ticks of all windows are in the same order.
    func window(_ row: Int, _ column: Int) -> ArraySlice<Float> {
        let start = (row * layout.count + column) * tuning.window
        return rings[start..<start + tuning.window]
    }

    /// What a series of a row holds of this tick; `nil` where it was not read in it.
    func present(_ row: Int, _ column: Int) -> Double? {
        let value = rings[(row * layout.count + column) * tuning.window + head]
        return value.isFinite ? Double(value) : nil
    }

    /// Adds a row that holds nothing.
    private mutating func addRow() {
        identities.append(nil)
        hurt.append(0)
        floors.append(.nan)
        hurtFor.append(contentsOf: repeatElement(0, count: Self.kinds))
        shown.append(contentsOf: repeatElement(nil, count: Self.shownPerVictim))
        rings.append(contentsOf: repeatElement(.nan, count: layout.count * tuning.window))
    }

    /// Empties a row for another VM.
    private mutating func clear(_ row: Int, for identity: VMIdentity?) {
        identities[row] = identity
        floors[row] = .nan
        forgetShown(of: row)
        let width = layout.count * tuning.window
        for place in row * width..<(row + 1) * width { rings[place] = .nan }
    }

    /// Makes of the memory that a VM holds what it has taken: what it holds less what it usually does.
    ///
    /// What it usually holds falls with it at once, and follows it up slowly.
    private mutating func takeFloor(_ reading: inout Reading, row: Int, settling: Float) {
        guard let value = reading.trusted, value.isFinite else { return }
        let held = Float(value)
        let floor = floors[row]
        floors[row] = floor.isFinite && floor < held ? floor + (held - floor) * settling : held
        reading.value = Double(held - floors[row])
    }

    /// Writes one reading at the head.
    ///
    /// A rate is over all of its interval: one that comes after ticks without news stands for these as well.
    private mutating func write(_ reading: Reading, row: Int, column: Int) {
        let start = (row * layout.count + column) * tuning.window
        switch reading.quality {
        case .ok where reading.value.isFinite && abs(reading.value) < 1e30:
            let value = Float(reading.value)
            rings[start + head] = value
            var place = head > 0 ? head - 1 : tuning.window - 1
            while place != head, rings[start + place] == Self.between {
                rings[start + place] = value
                place = place > 0 ? place - 1 : tuning.window - 1
            }
        case .stale: rings[start + head] = Self.between
        case .ok, .reset, .notObservable, .missing: rings[start + head] = .nan
        }
    }
}
