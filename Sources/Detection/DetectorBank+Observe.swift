public import Signals

extension DetectorBank {
    /// Judges and learns one frame.
    ///
    /// - Parameters:
    ///   - frame: The frame of this tick.
    ///   - verdicts: Replaced, its storage kept, by what fires, goes on or clears: by row, then by rule; what clears
    ///     because its VM is gone comes first in its row.
    public mutating func observe(_ frame: borrowing Frame, into verdicts: inout [Verdict]) {
        verdicts.removeAll(keepingCapacity: true)
        grow(to: frame.capacity)
        for row in occupants.indices {
            guard row < frame.capacity, let record = frame[record: VMSlot(row)] else {
                if occupants[row] != nil { vacate(row, into: &verdicts) }
                continue
            }
            seat(record, in: row, into: &verdicts)
            let frozen = !record.running || !record.activity.isEmpty || record.isHeld
            read(row, frame: frame, running: record.running, frozen: frozen)
            for rule in rules.indices {
                guard let column = columnOfRule[rule], states[row * rules.count + rule].applies else { continue }
                if let value = columns[column].reading {
                    if states[row * rules.count + rule].phase == .idle,
                        conditions[rule].isPlainlyShort(value, perVCPU: rules[rule].perVCPU ? record.vcpus : 1)
                    {
                        continue
                    }
                    let place = Place(row: row, rule: rule, column: column)
                    judge(value, at: place, record: record, frozen: frozen, frame: frame, into: &verdicts)
                } else if columns[column].isBetween {
                    if states[row * rules.count + rule].phase == .active {
                        tell(.ongoing, row: row, rule: rule, column: column, into: &verdicts)
                    }
                } else if states[row * rules.count + rule].phase != .idle || conditions[rule].detects {
                    bridge(row: row, rule: rule, column: column, at: frame.time, into: &verdicts)
                }
            }
            for column in columns.indices {
                if columns[column].isStale { streams[row * columns.count + column].stale &+= 1 }
                if columns[column].isBetween { continue }
                settle(row: row, column: column, frozen: frozen, at: frame.time, interval: frame.interval)
            }
        }
    }

    /// Fetches the readings of a row, each once, and what they say together.
    private mutating func read(_ row: Int, frame: borrowing Frame, running: Bool, frozen: Bool) {
        for index in columns.indices {
            var column = columns[index]
            column.suspicious = false
            column.ceiling = false
            let reading = running ? frame[VMSlot(row), column.signal] : .missing
            column.reading = reading.quality == .ok && reading.value.isFinite ? reading.value : nil
            column.isStale = reading.quality == .stale
            column.isBetween = column.isStale && isBetweenReadings(streams[row * columns.count + index])
            columns[index] = column
        }
        if let column = wholeColumn {
            readTogether(row, column: column, frame: frame, running: running, frozen: frozen)
        }
        for column in columns.indices {
            guard let value = columns[column].reading else { continue }
            let before = streams[row * columns.count + column].readAt
            columns[column].elapsed = before.nanoseconds == 0 ? 0 : frame.time.seconds(since: before)
            streams[row * columns.count + column].last = value
            streams[row * columns.count + column].readAt = frame.time
        }
    }

    /// Works out how unlike itself the VM of a row is, where it has its turn.
    private mutating func readTogether(
        _ row: Int,
        column: Int,
        frame: borrowing Frame,
        running: Bool,
        frozen: Bool
    ) {
        columns[column].reading = nil
        columns[column].isBetween = running && !Together.hasTurn(row, in: frame.tick)
        guard running, !columns[column].isBetween else { return }
        columns[column].reading = together.score(row, frame: frame, frozen: frozen)
    }

    /// Whether a tick in which a source told its last reading again is one that the source's own pace explains.
    @inline(__always)
    private func isBetweenReadings(_ stream: Stream) -> Bool {
        stream.missed == 0 && stream.stale < 2 * stream.pace
    }

    /// Ends the tick of one stream: counts the gap, keeps the suspicion, learns where allowed.
    private mutating func settle(
        row: Int,
        column: Int,
        frozen: Bool,
        at time: MonotonicTime,
        interval: Double
    ) {
        let place = row * columns.count + column
        guard let value = columns[column].reading else {
            if streams[place].missed < UInt32.max { streams[place].missed += 1 }
            return
        }
        // A first gap counts as missed; the source's pace is known from then on.
        streams[place].pace = min(streams[place].stale, Stream.slowest)
        streams[place].stale = 0
        streams[place].missed = 0
        var pace = 1.0
        if frozen {
            streams[place].suspiciousSince = nil
            return
        }
        if columns[column].suspicious {
            let since = streams[place].suspiciousSince ?? time
            streams[place].suspiciousSince = since
            if columns[column].ceiling || time.seconds(since: since) < tuning.freezeLimit { return }
            pace = tuning.relearnPace
        } else {
            streams[place].suspiciousSince = nil
        }
        // What the source's own pace left out counts; a gap does not.
        let step = interval * Double(1 + streams[place].pace)
        streams[place].learned.learn(
            value,
            interval: step,
            floor: columns[column].floor,
            tuning: tuning.learning,
            pace: pace
        )
        if streams[place].learned.isWarm(tuning.learning) {
            streams[place].anchor.learn(streams[place].learned.level, interval: step)
        }
    }
}
