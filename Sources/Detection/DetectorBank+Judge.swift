import Signals

extension DetectorBank {
    /// One rule on one row, with the column of its signal.
    struct Place {
        /// The row.
        var row: Int
        /// The rule.
        var rule: Int
        /// The column.
        var column: Int
    }

    /// Holds one trusted reading against one rule.
    mutating func judge(
        _ value: Double,
        at spot: Place,
        record: borrowing VMRecord,
        frozen: Bool,
        frame: borrowing Frame,
        into verdicts: inout [Verdict]
    ) {
        let (row, rule, column) = (spot.row, spot.rule, spot.column)
        let time = frame.time
        let baseline = usual(row: row, rule: rule, column: column)
        let place = row * rules.count + rule
        let found =
            conditions[rule].detects
            ? families.observe(
                value,
                rule: rule,
                row: row,
                context: context(column: column, baseline: baseline, frozen: frozen, at: time)
            ) : nil
        let judgement = bounds(of: rule, vcpus: record.vcpus).judge(
            value,
            baseline: baseline,
            found: found,
            company: company(row: row, rule: rule, vcpus: record.vcpus, frame: frame)
        )
        var state = states[place]
        // Time in which nothing was seen is not calm: what was counted before a gap does not go on after it.
        if streams[row * columns.count + column].missed > 0 { state.calmSince = nil }
        var told: Verdict.Phase?
        switch state.phase {
        case .idle:
            if judgement.breach && time >= state.restUntil {
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
                    state.restUntil = time.advanced(bySeconds: rules[rule].rest)
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
        var verdict = Verdict(
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
        verdict.detail = found?.detail ?? detail(row: row, rule: rule, column: column)
        verdicts.append(verdict)
    }

    /// Carries one rule over a tick without a trusted reading.
    mutating func bridge(
        row: Int,
        rule: Int,
        column: Int,
        at time: MonotonicTime,
        into verdicts: inout [Verdict]
    ) {
        let place = row * rules.count + rule
        let missed = Int(streams[row * columns.count + column].missed)
        let tooLong = missed >= tuning.gapTicks
        if missed == tuning.gapTicks, conditions[rule].detects {
            let context = context(column: column, baseline: nil, frozen: false, at: time)
            families.gap(rule: rule, row: row, context: context)
        }
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
            let blindSince = missed == tuning.gapTicks ? time : states[place].calmSince ?? time
            states[place].calmSince = blindSince
            let over = time.seconds(since: blindSince) >= rules[rule].clearAfter
            tell(over ? .cleared : .ongoing, row: row, rule: rule, column: column, into: &verdicts)
            if over {
                states[place] = RuleState(applies: true, restUntil: time.advanced(bySeconds: rules[rule].rest))
            }
        }
    }

    /// Tells of a rule from what was known last, with confidence 0.
    func tell(_ phase: Verdict.Phase, row: Int, rule: Int, column: Int, into verdicts: inout [Verdict]) {
        let value = streams[row * columns.count + column].last
        let baseline = usual(row: row, rule: rule, column: column)
        let judgement = bounds(of: rule, vcpus: occupants[row]?.vcpus ?? 1).judge(value, baseline: baseline)
        var verdict = Verdict(
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
        verdict.detail = detail(row: row, rule: rule, column: column)
        verdicts.append(verdict)
    }

    /// The bounds of a rule on a VM of so many vCPUs.
    @inline(__always)
    private func bounds(of rule: Int, vcpus: Int) -> Conditions {
        rules[rule].perVCPU ? conditions[rule].scaled(by: vcpus) : conditions[rule]
    }

    /// What a rule's detector found last.
    @inline(__always)
    private func detail(row: Int, rule: Int, column: Int) -> Verdict.Detail? {
        column == wholeColumn ? .joint(together.suspects(row)) : families.found(rule: rule, row: row)?.detail
    }

    /// What a rule's detector needs to know beside the value.
    @inline(__always)
    private func context(
        column: Int,
        baseline: Baseline?,
        frozen: Bool,
        at time: MonotonicTime
    ) -> Families.Context {
        Families.Context(
            time: time,
            interval: columns[column].elapsed,
            baseline: baseline,
            floor: columns[column].floor,
            frozen: frozen
        )
    }

    /// What was learned of a stream, kept within reach of its anchor in the direction in which a rule looks.
    @inline(__always)
    func usual(row: Int, rule: Int, column: Int) -> Baseline? {
        guard let baseline = baseline(row: row, column: column) else { return nil }
        let stream = streams[row * columns.count + column]
        let level = stream.anchor.tethered(
            baseline.level,
            downward: conditions[rule].downward,
            floor: columns[column].floor
        )
        return Baseline(level: level, scale: baseline.scale)
    }

    /// Whether a rule's companions are at their bounds; one that was read a few ticks ago still counts.
    @inline(__always)
    private func company(row: Int, rule: Int, vcpus: Int, frame: borrowing Frame) -> Conditions.Company {
        var company = Conditions.Company.holds
        for index in companionColumns[rule].indices {
            let companion = rules[rule].companions[index]
            let value: Double? =
                if let column = companionColumns[rule][index] {
                    columns[column].reading ?? recent(row: row, column: column)
                } else {
                    frame[host: companion.signal].trusted
                }
            if let value {
                guard companion.holds(value, vcpus: vcpus) else { return .fails }
            } else {
                company = .unknown
            }
        }
        return company
    }

    /// The last reading of a stream, where its source's own pace or a short gap explains that there is none now.
    @inline(__always)
    private func recent(row: Int, column: Int) -> Double? {
        let stream = streams[row * columns.count + column]
        guard stream.readAt.nanoseconds > 0 else { return nil }
        return columns[column].isBetween || Int(stream.missed) < tuning.gapTicks ? stream.last : nil
    }
}
