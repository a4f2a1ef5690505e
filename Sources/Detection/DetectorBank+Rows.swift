public import Signals

extension DetectorBank {
    /// Puts another list of rules in force, keeping what was learned and what fires.
    ///
    /// Baselines are kept by signal, and where a rule is in its life by its name and signal: a rule that fires goes on
    /// firing and is judged by its new bounds from the next frame on.
    ///
    /// - Parameter rules: The rules, in the order by which verdicts number them from now on.
    /// - Returns: A cleared verdict for each rule that fired and is no more, numbered by the list **before**.
    @discardableResult
    public mutating func adopt(rules: [Rule]) -> [Verdict] {
        let old = self
        install(rules)
        let ruleBefore = rules.map { rule in
            old.rules.firstIndex { $0.name == rule.name && $0.signal == rule.signal }
        }
        let columnBefore = columns.map { column in old.columns.firstIndex { $0.signal == column.signal } }
        states = []
        streams = []
        states.reserveCapacity(occupants.count * rules.count)
        streams.reserveCapacity(occupants.count * columns.count)
        for row in occupants.indices {
            for before in ruleBefore {
                states.append(before.map { old.states[row * old.rules.count + $0] } ?? RuleState())
            }
            for before in columnBefore {
                streams.append(before.map { old.streams[row * old.columns.count + $0] } ?? Stream())
            }
        }
        if wholeColumn != nil { together.grow(to: occupants.count) }
        var ended: [Verdict] = []
        for row in occupants.indices {
            for (rule, column) in zip(old.rules.indices, old.columnOfRule) {
                guard let column, old.states[row * old.rules.count + rule].phase == .active else { continue }
                guard !ruleBefore.contains(rule) else { continue }
                old.tell(.cleared, row: row, rule: rule, column: column, into: &ended)
            }
            occupants[row]?.matched = false
        }
        return ended
    }

    /// Makes room for free rows, all at once: growing by one leaves an old copy behind at each doubling.
    ///
    /// - Parameter count: Rows that there shall be at least.
    mutating func grow(to count: Int) {
        let more = count - occupants.count
        guard more > 0 else { return }
        occupants.reserveCapacity(count)
        states.reserveCapacity(count * rules.count)
        streams.reserveCapacity(count * columns.count)
        occupants.append(contentsOf: repeatElement(nil, count: more))
        states.append(contentsOf: repeatElement(RuleState(), count: more * rules.count))
        streams.append(contentsOf: repeatElement(Stream(), count: more * columns.count))
        families.grow(to: count)
        if wholeColumn != nil { together.grow(to: count) }
    }

    /// Frees a row: clears what fires in it and forgets what was learned.
    mutating func vacate(_ row: Int, into verdicts: inout [Verdict]) {
        for rule in rules.indices { retire(rule, row: row, into: &verdicts) }
        for column in columns.indices { streams[row * columns.count + column] = Stream() }
        families.clear(row)
        together.clear(row)
        occupants[row] = nil
    }

    /// Sees to it that a row's state belongs to the VM in it, and that its rules are those that speak of the VM.
    mutating func seat(_ record: VMRecord, in row: Int, into verdicts: inout [Verdict]) {
        if let known = occupants[row] {
            if known.identity == record.identity {
                occupants[row]?.vcpus = record.vcpus
                if known.matched, known.workloadClass == record.workloadClass, known.tenant == record.tenant { return }
            } else {
                vacate(row, into: &verdicts)
            }
        }
        occupants[row] = Occupant(record)
        for rule in rules.indices {
            if rules[rule].selector.matches(record) {
                states[row * rules.count + rule].applies = true
            } else {
                retire(rule, row: row, into: &verdicts)
            }
        }
    }

    /// Ends a rule on a row, and tells so where it fired.
    private mutating func retire(_ rule: Int, row: Int, into verdicts: inout [Verdict]) {
        let place = row * rules.count + rule
        if states[place].phase == .active, let column = columnOfRule[rule] {
            tell(.cleared, row: row, rule: rule, column: column, into: &verdicts)
        }
        states[place] = RuleState()
    }
}
