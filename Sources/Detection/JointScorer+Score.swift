extension JointScorer {
    /// Scores one tick of a VM and learns it.
    ///
    /// - Parameters:
    ///   - values: A reading for each counter; NaN, and what is not finite, is missing.
    ///   - row: The row of the VM.
    ///   - learns: Whether the tick is learned; not while the VM is held or under a job.
    /// - Returns: The score and the suspects; `nil` before any counter is warm, and where the row or the number of
    ///   values does not fit.
    public mutating func score(_ values: Span<Double>, row: Int, learns: Bool = true) -> Outcome? {
        guard wholes.indices.contains(row), values.count == counters else { return nil }
        for counter in 0..<counters { take(values[counter], counter: counter, row: row, learns: learns) }
        let joint = treeDeviation(row: row, learns: learns)
        guard wholes[row].isWarm else { return nil }
        let mean = (greatestThree() + joint) / 3
        wholes[row].smoothed += (mean - wholes[row].smoothed) / (tuning.smoothing + 1)
        let smoothed = wholes[row].smoothed
        return Outcome(score: smoothed / (smoothed + tuning.half), suspects: suspects(row: row))
    }

    /// Takes one reading in: its deviation, the trees' coordinate, and what is learned.
    private mutating func take(_ value: Double, counter: Int, row: Int, learns: Bool) {
        let place = row * counters + counter
        let floor = floors[counter]
        if abs(value) <= Self.largest {
            streams[place].missed = 0
            if Int(streams[place].usual.count) >= tuning.warmUp {
                let away = (value - streams[place].usual.level) / streams[place].usual.scale(floor)
                let bounded = min(max(away, -tuning.cap), tuning.cap)
                streams[place].last = Float(abs(bounded))
                let part = bounded / tuning.spread
                forests.place(Float(0.5 + 0.5 * part / (1 + abs(part))), dimension: counter, row: row)
                wholes[row].isWarm = true
            }
            if learns { streams[place].usual.learn(value, floor: floor, memory: tuning.memory) }
        } else if streams[place].missed < .max {
            streams[place].missed += 1
            if Int(streams[place].missed) > tuning.bridge { streams[place].last = 0 }
        }
        let last = streams[place].last
        deviations[counter] = Double(last)
        streams[place].smoothed += (last - streams[place].smoothed) / Float(tuning.smoothing + 1)
    }

    /// How much stranger the tick is to the trees than usual, 0 to the cap.
    private mutating func treeDeviation(row: Int, learns: Bool) -> Double {
        guard let strange = forests.score(row: row, learns: learns) else { return 0 }
        var away = 0.0
        if Int(wholes[row].usual.count) >= tuning.warmUp {
            away = (strange - wholes[row].usual.level) / wholes[row].usual.scale(Self.treeFloor)
        }
        if learns { wholes[row].usual.learn(strange, floor: Self.treeFloor, memory: tuning.memory) }
        return min(max(away, 0), tuning.cap)
    }

    /// The sum of the three greatest deviations of the tick.
    private func greatestThree() -> Double {
        var (first, second, third) = (0.0, 0.0, 0.0)
        for deviation in deviations where deviation > third {
            if deviation > first {
                (first, second, third) = (deviation, first, second)
            } else if deviation > second {
                (second, third) = (deviation, second)
            } else {
                third = deviation
            }
        }
        return first + second + third
    }

    /// The three counters of a row whose smoothed deviations are the greatest.
    private func suspects(row: Int) -> InlineArray<3, Suspect> {
        var greatest = InlineArray<3, Suspect>(repeating: Suspect())
        for counter in 0..<counters {
            let deviation = Double(streams[row * counters + counter].smoothed)
            guard deviation > greatest[2].deviation else { continue }
            greatest[2] = Suspect(counter: counter, deviation: deviation)
            if greatest[2].deviation > greatest[1].deviation { greatest.swapAt(1, 2) }
            if greatest[1].deviation > greatest[0].deviation { greatest.swapAt(0, 1) }
        }
        return greatest
    }
}
