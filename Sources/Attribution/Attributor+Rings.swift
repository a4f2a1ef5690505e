import Signals

extension Attributor {
    /// Writes this tick into the rings.
    ///
    /// Suffering is left out while it may be the work of Quell or of a job: it is no evidence against anybody.
    mutating func remember(_ frame: Frame) {
        head = head + 1 >= tuning.window ? 0 : head + 1
        while identities.count < frame.capacity { addRow() }
        for row in identities.indices {
            hurt[row] = false
            let slot = VMSlot(row)
            let record = row < frame.capacity ? frame[record: slot] : nil
            if identities[row] != record?.identity { clear(row, for: record?.identity) }
            let suffers = record.map { $0.running && $0.activity.isEmpty && $0.heldCores == nil } ?? false
            let runs = record?.running ?? false
            write(runs ? frame[slot, .cpuUsage] : .missing, row: row, series: .use)
            write(suffers ? frame[slot, .cpuRunDelay] : .missing, row: row, series: .runDelay)
            write(suffers ? frame[slot, .cpuPressureSome] : .missing, row: row, series: .pressureSome)
            write(suffers ? frame[slot, .cpuPressureFull] : .missing, row: row, series: .pressureFull)
        }
    }

    /// The window of one series of a row; the ticks of all windows are in the same order.
    func window(_ row: Int, _ series: Series) -> ArraySlice<Double> {
        let start = (row * Series.allCases.count + series.rawValue) * tuning.window
        return rings[start..<start + tuning.window]
    }

    /// Forgets who was shown to hurt the VM in a row.
    mutating func forgetShown(of row: Int) {
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim { shown[place] = nil }
    }

    /// Who was shown to hurt the VM in a row, as a place in the table; `nil` where it was not.
    func placeShown(_ identity: VMIdentity, victim row: Int) -> Int? {
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim
        where shown[place]?.identity == identity { return place }
        return nil
    }

    /// Remembers that a VM was shown to hurt the one in a row; where all places are taken it is not remembered.
    mutating func rememberShown(_ entry: Shown, victim row: Int) {
        for place in row * Self.shownPerVictim..<(row + 1) * Self.shownPerVictim where shown[place] == nil {
            shown[place] = entry
            return
        }
    }

    /// Adds a row that holds nothing.
    private mutating func addRow() {
        identities.append(nil)
        hurt.append(false)
        claims.append(Entitlement.Claim(limit: 0, weight: 0))
        shown.append(contentsOf: repeatElement(nil, count: Self.shownPerVictim))
        rings.append(contentsOf: repeatElement(.nan, count: Series.allCases.count * tuning.window))
    }

    /// Empties a row for another VM.
    private mutating func clear(_ row: Int, for identity: VMIdentity?) {
        identities[row] = identity
        forgetShown(of: row)
        let width = Series.allCases.count * tuning.window
        for place in row * width..<(row + 1) * width { rings[place] = .nan }
    }

    /// Writes one reading at the head.
    private mutating func write(_ reading: Reading, row: Int, series: Series) {
        let value = reading.trusted.flatMap { $0.isFinite && abs($0) < 1e100 ? $0 : nil } ?? .nan
        rings[(row * Series.allCases.count + series.rawValue) * tuning.window + head] = value
    }
}
