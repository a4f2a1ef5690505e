import Signals

extension Families {
    /// Takes one trusted reading in and says what the rule's detector finds.
    ///
    /// - Parameters:
    ///   - value: The reading, finite.
    ///   - rule: The rule.
    ///   - row: The VM's row.
    ///   - context: What else there is to know.
    /// - Returns: What was found; `nil` for a rule on the level.
    mutating func observe(_ value: Double, rule: Int, row: Int, context: Context) -> Found? {
        if !context.frozen { learn(value, searches[rule], row: row, context: context) }
        return found(rule: rule, row: row)
    }

    /// What a rule's detector found last; `nil` for a rule on the level.
    ///
    /// - Parameters:
    ///   - rule: The rule.
    ///   - row: The VM's row.
    /// - Returns: What was found.
    func found(rule: Int, row: Int) -> Found? {
        let search = searches[rule]
        switch search.detector {
        case .level: return nil
        case .tail: return Self.tail(tails[row, search.place], search)
        case .unusual: return Self.unusual(scorers[row, search.place].said, search)
        case .shift: return Self.shift(shifts[row, search.place], search)
        case .leak: return Self.leak(leaks[row, search.place], search)
        case .boundary: return Self.boundary(boundaries[row, search.place], search)
        case .rhythm: return Self.rhythm(rhythms[row, search.place], search)
        }
    }

    /// Lets a detector learn one reading.
    private mutating func learn(_ value: Double, _ search: Search, row: Int, context: Context) {
        switch search.detector {
        case .level: break
        case .tail:
            guard let deviation = context.deviation(of: value) else { return }
            tails[row, search.place].learn(
                deviation,
                search.above != nil ? .up : search.below != nil ? .down : .both,
                Spot.Tuning(risk: search.risk)
            )
        case .unusual: scorers[row, search.place].learn(value, at: context.time)
        case .shift:
            guard let deviation = context.deviation(of: value) else { return }
            shifts[row, search.place].follow(deviation, Cusum.Tuning(interval: search.width))
        case .leak: leaks[row, search.place].learn(value, at: context.time)
        case .boundary:
            boundaries[row, search.place].learn(
                value,
                interval: context.interval,
                floor: context.floor,
                tuning: BoundaryBreak.Tuning(width: search.width)
            )
        case .rhythm: rhythms[row, search.place].learn(value, interval: context.interval)
        }
    }

    /// Tells a rule's detector of a gap in its stream that is too long to be bridged.
    ///
    /// - Parameters:
    ///   - rule: The rule.
    ///   - row: The VM's row.
    ///   - context: What else there is to know.
    mutating func gap(rule: Int, row: Int, context: Context) {
        let search = searches[rule]
        switch search.detector {
        case .level, .unusual, .leak: break
        case .tail where tails.isObserved(row, search.place): tails[row, search.place].interrupt()
        case .shift where shifts.isObserved(row, search.place): shifts[row, search.place].reset()
        case .boundary where boundaries.isObserved(row, search.place):
            boundaries[row, search.place].learn(.nan, interval: context.interval, floor: context.floor)
        case .rhythm where rhythms.isObserved(row, search.place):
            rhythms[row, search.place].learn(.nan, interval: context.interval)
        case .tail, .shift, .boundary, .rhythm: break
        }
    }

    /// A reading or a step beyond the tail of the stream's own past.
    private static func tail(_ state: borrowing TailWatch, _ search: Search) -> Found {
        let probability = state.probability
        return Found(
            breach: state.isAlarm,
            calm: probability > PureMath.pow(search.risk, search.clearAt),
            confidence: 1 - probability,
            detail: .unusual(score: 1 - probability)
        )
    }

    /// A reading rarer than the rule's score says, on the side that the rule's bound names.
    private static func unusual(_ said: StreamScore, _ search: Search) -> Found {
        let score = 1 - said.tailProbability
        let sided = (search.above == nil || !said.isBelow) && (search.below == nil || said.isBelow)
        return Found(
            breach: score >= search.score && sided,
            calm: score < search.score * search.clearAt,
            confidence: score,
            detail: .unusual(score: score)
        )
    }

    /// A sum of residuals past the decision interval, on the side that the rule's bound names.
    private static func shift(_ state: Cusum, _ search: Search) -> Found {
        let up = search.below == nil ? state.rise : 0
        let down = search.above == nil ? state.fall : 0
        let sum = max(up, down)
        return Found(
            breach: sum >= search.width,
            calm: sum < search.width * search.clearAt,
            confidence: sum > 0 ? max(0, 1 - search.width / (2 * sum)) : 0,
            detail: .shift(sum: sum)
        )
    }

    /// A slope that reaches the rule's bound in time.
    private static func leak(_ slope: LeakSlope, _ search: Search) -> Found {
        let bound = search.above ?? search.below ?? 0
        let leads = slope.trend == (search.above == nil ? .falling : .rising)
        let left = leads ? slope.secondsTo(bound) : nil
        let near = left.map { $0 <= search.within } ?? false
        return Found(
            breach: near,
            calm: left.map { $0 > search.within / search.clearAt } ?? true,
            confidence: left.map { max(0, 1 - $0 / (2 * search.within)) } ?? 0,
            detail: left.map { .exhaustion(seconds: $0, slope: slope.slope) },
            threshold: bound
        )
    }

    /// A moving mean outside its usual range, on the side that the rule's bound names.
    private static func boundary(_ state: BoundaryBreak, _ search: Search) -> Found {
        let sided = (search.above == nil || state.sigmas > 0) && (search.below == nil || state.sigmas < 0)
        let size = abs(state.sigmas)
        return Found(
            breach: state.isBroken && sided,
            calm: size < search.width * search.clearAt,
            confidence: size > 0 ? max(0, 1 - search.width / (2 * size)) : 0,
            detail: state.isBroken ? .boundary(sigmas: state.sigmas) : nil
        )
    }

    /// A beat that a suspect has taken up, or a victim has lost.
    private static func rhythm(_ state: PeriodBreak, _ search: Search) -> Found {
        let breach: Bool =
            switch (state.state, search.role) {
            case (.none, _), (.appeared, .victim), (.vanished, .suspect): false
            case (.shifted, _), (.appeared, .suspect), (.vanished, .victim): true
            }
        return Found(
            breach: breach,
            calm: state.state == .none,
            confidence: min(1, max(0, state.strength)),
            detail: breach ? .rhythm(period: state.period, usual: state.usualPeriod) : nil
        )
    }
}

extension Families.Scorer {
    /// Judges a reading and learns it.
    mutating func learn(_ value: Double, at time: MonotonicTime) {
        said = scorer.score(value, at: time.seconds)
    }
}
