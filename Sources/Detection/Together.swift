import Signals

/// The VM as a whole: the scorer over all its counters together, for the derived signal `vm.anomaly`.
///
/// A VM is judged every ``pace`` ticks, in turns by row: what is unlike it lasts longer than a second, and the cost is
/// spread. In between the signal is between two readings, as one that is read seldom.
struct Together: Sendable {
    /// Ticks from one judgement of a VM to the next.
    static let pace: UInt64 = 10
    /// The counters that are looked at: what the VM does.
    ///
    /// What it suffers is left out, for that is others' doing, and so is what Quell or its operator sets.
    static let signals: [Signal] = [
        .cpuUsage, .cpuSystemShare, .cpuMigrations, .memGrowth, .memMajorFaults, .memSwapIn, .memSwapOut,
        .llcOccupancy, .mbmTotal, .perfLLCMissRate, .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps,
        .diskFlushes, .netRxPackets, .netTxPackets, .netTxBytes, .netMulticast, .netNeighbours, .gpuSMUtil,
        .kvmExits, .irqInjections, .qemuThreads,
    ]

    /// The scorer.
    private var scorer = JointScorer(floors: signals.map { ScaleFloor($0.unit) })
    /// What was said last, by row.
    private var outcomes: [JointScorer.Outcome?] = []
    /// Scratch: the readings of the VM at hand.
    private var values = [Double](repeating: .nan, count: signals.count)

    /// Whether a row has its turn.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - tick: The tick.
    /// - Returns: Whether it is judged in this tick.
    static func hasTurn(_ row: Int, in tick: UInt64) -> Bool { (tick &+ UInt64(row)) % pace == 0 }

    /// Makes room for rows.
    ///
    /// - Parameter count: Rows that there shall be at least.
    mutating func grow(to count: Int) {
        scorer.grow(to: count)
        guard count > outcomes.count else { return }
        outcomes.reserveCapacity(count)
        outcomes.append(contentsOf: repeatElement(nil, count: count - outcomes.count))
    }

    /// Judges a VM.
    ///
    /// - Parameters:
    ///   - row: Its row, below the number that there is room for.
    ///   - frame: The frame.
    ///   - frozen: Whether nothing may be learned.
    /// - Returns: How unlike itself it is, 0 to 1; `nil` before its counters are known well enough.
    mutating func score(_ row: Int, frame: borrowing Frame, frozen: Bool) -> Double? {
        for index in Self.signals.indices {
            values[index] = frame[VMSlot(row), Self.signals[index]].trusted ?? .nan
        }
        let readings = values
        let outcome = scorer.score(readings.span, row: row, learns: !frozen)
        outcomes[row] = outcome
        return outcome?.score
    }

    /// The counters that made the last score of a row, the strangest first.
    ///
    /// - Parameter row: The row.
    /// - Returns: Three signals at most.
    func suspects(_ row: Int) -> [Signal] {
        guard outcomes.indices.contains(row), let outcome = outcomes[row] else { return [] }
        var signals: [Signal] = []
        for index in outcome.suspects.indices where Self.signals.indices.contains(outcome.suspects[index].counter) {
            signals.append(Self.signals[outcome.suspects[index].counter])
        }
        return signals
    }

    /// Forgets a row, for another VM.
    ///
    /// - Parameter row: The row.
    mutating func clear(_ row: Int) {
        guard outcomes.indices.contains(row) else { return }
        scorer.reset(row: row)
        outcomes[row] = nil
    }
}
