extension StreamScorer {
    /// One family's statistic of one reading.
    private struct Deviation {
        /// How much, at least 0, in standard deviations or another unit of the family's own.
        var size: Double
        /// Whether it is downwards.
        var isNegative = false
    }

    /// Feeds a reading to the ten families, and learns it.
    ///
    /// - Parameters:
    ///   - value: The reading, finite.
    ///   - time: When it was read, in seconds.
    ///   - result: Where the evidence goes.
    /// - Returns: The mean of the families' decades of surprise.
    mutating func families(_ value: Double, _ time: Double, _ result: inout StreamScore) -> Double {
        let young = 1 / Double(count)
        let pace = count > Setting.warmUp && agreement > Setting.suspicion ? Setting.suspiciousPace : 1
        let gain = max(1 / Setting.levelLength, young) * pace
        let shortGain = max(1 / Setting.shortLength, young)
        let isYoung = count < Setting.clipFrom
        let least = floor.relative * abs(level) + floor.absolute
        let dead = floor.absolute
        let scale = variance.squareRoot() + least
        let residual = value - level
        result.level = level
        result.scale = scale
        result.isBelow = residual < 0
        var loudest = Loudest()

        let clipped = isYoung ? residual : min(max(residual, -Setting.clip * scale), Setting.clip * scale)
        judge(.level, Deviation(size: Self.beyond(residual, dead) / scale, isNegative: residual < 0), gain, &loudest)

        let step = value - previous
        let stepScale = stepVariance.squareRoot() + least
        let stepSize = Self.beyond(step, dead) / stepScale
        judge(.difference, Deviation(size: stepSize, isNegative: step < 0), gain, &loudest)
        roughness += shortGain * (min(stepSize, 2 * Setting.clip) - roughness)
        judge(.rough, Deviation(size: roughness), gain, &loudest)
        judge(.calm, Deviation(size: 1 / (roughness + 0.001)), gain, &loudest)

        shortMean += shortGain * (value - shortMean)
        let shortResidual = shortMean - level
        let shortSize = Self.beyond(shortResidual, dead) / scale
        judge(.shortMean, Deviation(size: shortSize, isNegative: shortResidual < 0), gain, &loudest)

        let standardised = Self.beyond(residual, dead) / scale
        shift.add(residual < 0 ? -standardised : standardised, allowance: Setting.allowance, clip: Setting.clip)
        judge(.shift, Deviation(size: shift.strength), gain, &loudest)
        if shift.strength >= Setting.greatestSum { shift.reset() }

        daily(clipped, time, least, gain, &loudest)

        let novelty = pattern.novelty(value, level: level, scale: scale, deadZone: dead, count: count)
        if count > Setting.warmUp { judge(.pattern, Deviation(size: novelty), gain, &loudest) }

        level += gain * clipped
        variance += gain * (clipped * clipped - variance)
        let learned = isYoung ? abs(step) : min(abs(step), Setting.clip * stepScale)
        stepVariance += gain * (learned * learned - stepVariance)
        clippedRun = abs(residual) > Setting.clip * scale ? min(clippedRun, 60_000) + 1 : 0
        clippedStepRun = abs(step) > Setting.clip * stepScale ? min(clippedStepRun, 60_000) + 1 : 0
        shortSpread += shortGain * (abs(value - shortMean) - shortSpread)
        shortStep += shortGain * (abs(step) - shortStep)
        relearn()
        previous = value
        if time.isFinite { lastTime = time }
        result.family = loudest.family
        result.familySurprise = loudest.decades
        return loudest.sum / 10
    }

    /// Takes a long run of clipped readings as the new usual.
    ///
    /// Level and scale become those of the last readings; 1.2533 mean absolute deviations are the standard deviation of
    /// a normal stream.
    private mutating func relearn() {
        if clippedRun >= Setting.relearnAfter {
            clippedRun = 0
            level = shortMean
            variance = max(variance, 1.570_8 * shortSpread * shortSpread)
            dailyVariance = max(dailyVariance, variance)
        }
        if clippedStepRun >= Setting.relearnAfter {
            clippedStepRun = 0
            stepVariance = max(stepVariance, 1.570_8 * shortStep * shortStep)
        }
    }

    /// The three families of the time of day.
    private mutating func daily(
        _ residual: Double,
        _ time: Double,
        _ least: Double,
        _ gain: Double,
        _ loudest: inout Loudest
    ) {
        let dead = floor.absolute
        let bin = DailyProfile.bin(time)
        let isKnown = profile.knows(bin)
        let deviation = residual - profile.usual(bin)
        let scale = dailyVariance.squareRoot() + least
        let young = 1 / Double(count)
        dailyShort += max(1 / Setting.shortLength, young) * (deviation - dailyShort)
        dailyLong += max(1 / Setting.longLength, young) * (deviation - dailyLong)
        var learned = deviation
        if isKnown {
            if dailyVariance > 0 { learned = min(max(deviation, -Setting.clip * scale), Setting.clip * scale) }
            dailyVariance += gain * (learned * learned - dailyVariance)
        }
        profile.learn(bin, innovation: learned, interval: time - lastTime)
        guard isKnown else { return }
        let size = Self.beyond(deviation, dead) / scale
        judge(.daily, Deviation(size: size, isNegative: deviation < 0), gain, &loudest)
        let shortSize = Self.beyond(dailyShort, dead) / scale
        judge(.dailyShort, Deviation(size: shortSize, isNegative: dailyShort < 0), gain, &loudest)
        let longSize = Self.beyond(dailyLong, dead) / scale
        judge(.dailyLong, Deviation(size: longSize, isNegative: dailyLong < 0), gain, &loudest)
    }

    /// The families' surprise so far.
    private struct Loudest {
        /// Sum of the decades.
        var sum = 0.0
        /// Decades of the loudest.
        var decades = 0.0
        /// The loudest.
        var family = StreamFamily.level
    }

    /// Turns one family's statistic into decades, and learns it.
    private mutating func judge(
        _ family: StreamFamily,
        _ deviation: Deviation,
        _ gain: Double,
        _ loudest: inout Loudest
    ) {
        let decades = tails[Int(family.rawValue)].judge(
            min(deviation.size, 1e9),
            isNegative: deviation.isNegative,
            weight: weight,
            gain: gain,
            isYoung: count < Setting.scaleClipFrom,
            normalShare: Setting.normalShare
        )
        loudest.sum += decades
        if decades > loudest.decades {
            loudest.decades = decades
            loudest.family = family
        }
    }

    /// The magnitude of a deviation beyond what is none.
    private static func beyond(_ deviation: Double, _ dead: Double) -> Double { max(0, abs(deviation) - dead) }
}
