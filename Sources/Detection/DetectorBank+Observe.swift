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
        while occupants.count < frame.capacity { addRow() }
        for row in occupants.indices {
            guard row < frame.capacity, let record = frame[record: VMSlot(row)] else {
                if occupants[row] != nil { vacate(row, into: &verdicts) }
                continue
            }
            seat(record, in: row, into: &verdicts)
            let time = frame.time
            let running = record.running
            for column in columns.indices {
                columns[column].suspicious = false
                columns[column].ceiling = false
                let reading = running ? frame[VMSlot(row), columns[column].signal].trusted : nil
                if let value = reading, value.isFinite { streams[row * columns.count + column].last = value }
                columns[column].isBetween = running && isBetweenReadings(frame, row: row, column: column)
            }
            for rule in rules.indices {
                guard let column = columnOfRule[rule], states[row * rules.count + rule].applies else { continue }
                let reading = running ? frame[VMSlot(row), columns[column].signal].trusted : nil
                if let value = reading, value.isFinite {
                    judge(value, row: row, rule: rule, column: column, frame: frame, into: &verdicts)
                } else if columns[column].isBetween {
                    if states[row * rules.count + rule].phase == .active {
                        tell(.ongoing, row: row, rule: rule, column: column, into: &verdicts)
                    }
                } else {
                    bridge(row: row, rule: rule, column: column, at: time, into: &verdicts)
                }
            }
            let frozen = !running || !record.activity.isEmpty || record.heldCores != nil
            for column in columns.indices {
                let reading = running ? frame[VMSlot(row), columns[column].signal].trusted : nil
                if running, frame[VMSlot(row), columns[column].signal].quality == .stale {
                    streams[row * columns.count + column].stale &+= 1
                }
                if columns[column].isBetween { continue }
                settle(reading, row: row, column: column, frozen: frozen, at: time, interval: frame.interval)
            }
        }
    }

    /// Holds one trusted reading against one rule.
    private mutating func judge(
        _ value: Double,
        row: Int,
        rule: Int,
        column: Int,
        frame: borrowing Frame,
        into verdicts: inout [Verdict]
    ) {
        let time = frame.time
        let baseline = baseline(row: row, column: column)
        let judgement = conditions[rule].judge(value, baseline: baseline)
        let place = row * rules.count + rule
        var state = states[place]
        // Time in which nothing was seen is not calm: what was counted before a gap does not go on after it.
        if streams[row * columns.count + column].missed > 0 { state.calmSince = nil }
        var told: Verdict.Phase?
        switch state.phase {
        case .idle:
            if judgement.breach {
                state.phase = .pending
                state.since = time
            }
        case .pending:
            if !judgement.breach { state.phase = .idle }
        case .active:
            told = .ongoing
            if !judgement.breach && judgement.calm {
                let calmSince = state.calmSince ?? time
                state.calmSince = calmSince
                if time.seconds(since: calmSince) >= rules[rule].clearAfter {
                    told = .cleared
                    state.phase = .idle
                    state.calmSince = nil
                }
            } else {
                state.calmSince = nil
            }
        }
        // Ticks come a little early or late: a sustain of whole ticks must not wait for one more because of that.
        let slack = frame.interval / 4
        if state.phase == .pending && time.seconds(since: state.since) >= rules[rule].sustain - slack {
            state.phase = .active
            state.calmSince = nil
            told = .onset
        }
        states[place] = state
        if judgement.suspicious || state.phase == .active { columns[column].suspicious = true }
        if judgement.ceiling { columns[column].ceiling = true }
        guard let told else { return }
        verdicts.append(
            Verdict(
                slot: VMSlot(row),
                rule: rule,
                signal: rules[rule].signal,
                phase: told,
                value: value,
                threshold: judgement.threshold,
                baseline: baseline?.level,
                sigmas: judgement.sigmas,
                since: state.since,
                confidence: judgement.confidence
            )
        )
    }

    /// Whether a tick without a trusted reading is one that the source's own pace explains.
    private func isBetweenReadings(_ frame: borrowing Frame, row: Int, column: Int) -> Bool {
        guard frame[VMSlot(row), columns[column].signal].quality == .stale else { return false }
        let stream = streams[row * columns.count + column]
        return stream.missed == 0 && stream.stale < 2 * stream.pace
    }

    /// Carries one rule over a tick without a trusted reading.
    private mutating func bridge(
        row: Int,
        rule: Int,
        column: Int,
        at time: MonotonicTime,
        into verdicts: inout [Verdict]
    ) {
        let place = row * rules.count + rule
        let tooLong = Int(streams[row * columns.count + column].missed) >= tuning.gapTicks
        switch states[place].phase {
        case .idle: return
        case .pending:
            if tooLong { states[place].phase = .idle }
            return
        case .active:
            if !tooLong {
                states[place].calmSince = nil
                return tell(.ongoing, row: row, rule: rule, column: column, into: &verdicts)
            }
            // From the tick in which the gap grew too long, the clear time runs; the gap's first ticks do not count.
            let first = Int(streams[row * columns.count + column].missed) == tuning.gapTicks
            let blindSince = first ? time : states[place].calmSince ?? time
            states[place].calmSince = blindSince
            let over = time.seconds(since: blindSince) >= rules[rule].clearAfter
            tell(over ? .cleared : .ongoing, row: row, rule: rule, column: column, into: &verdicts)
            if over { states[place] = RuleState(applies: true) }
        }
    }

    /// Tells of a rule from what was known last, with confidence 0.
    func tell(_ phase: Verdict.Phase, row: Int, rule: Int, column: Int, into verdicts: inout [Verdict]) {
        let value = streams[row * columns.count + column].last
        let baseline = baseline(row: row, column: column)
        let judgement = conditions[rule].judge(value, baseline: baseline)
        verdicts.append(
            Verdict(
                slot: VMSlot(row),
                rule: rule,
                signal: columns[column].signal,
                phase: phase,
                value: value,
                threshold: judgement.threshold,
                baseline: baseline?.level,
                sigmas: judgement.sigmas,
                since: states[row * rules.count + rule].since,
                confidence: 0
            )
        )
    }

    /// Ends the tick of one stream: counts the gap, keeps the suspicion, learns where allowed.
    private mutating func settle(
        _ reading: Double?,
        row: Int,
        column: Int,
        frozen: Bool,
        at time: MonotonicTime,
        interval: Double
    ) {
        let place = row * columns.count + column
        guard let value = reading, value.isFinite else {
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
        streams[place].learned.learn(
            value,
            interval: interval,
            floor: columns[column].floor,
            tuning: tuning.learning,
            pace: pace
        )
    }
}
