internal import Signals

/// What one VM wants of a resource, as a part of what a domain of it can give.
struct Load: Sendable {
    /// What it wants at usual times.
    var base: Double
    /// How much that varies from tick to tick, as a part of it.
    var noise = 0.1
    /// How much of the variation stays from one tick to the next, 0 to 1.
    var memory = 0.5
    /// How far it swings with the time of day, as a part of it.
    var swing = 0.0
    /// Ticks of a day; days are short here.
    var day = 600.0
    /// Where in the day it begins, 0 to 1.
    var phase = 0.0
    /// What a short job of its own adds at most; such jobs come now and then, to each VM at its own times.
    var job = 0.0
    /// What it adds in the ticks of the event.
    var event = 0.0
    /// By how much it multiplies its usual load in the ticks of the event.
    var factor = 1.0
    /// When the event is.
    var windows: [Range<Int>] = []
    /// The variation of the latest tick.
    private var deviation = 0.0
    /// Ticks that are left of a job.
    private var jobTicks = 0

    /// A load.
    init(base: Double) { self.base = base }

    /// What it wants in a tick.
    mutating func demand(_ tick: Int, _ random: inout SplitMix64) -> Double {
        deviation = memory * deviation + noise * (1 - memory * memory).squareRoot() * random.normal()
        let angle = (Double(tick) / day + phase).truncatingRemainder(dividingBy: 1)
        // A triangle stands in for a sine: −1 to 1.
        let wave = 4 * abs(angle - 0.5) - 1
        var wanted = base * (1 + swing * wave) * max(0.05, 1 + deviation)
        if jobTicks > 0 {
            jobTicks -= 1
            wanted += job
        } else if random.chance(0.01) {
            jobTicks = Int.random(in: 2...6, using: &random)
        }
        if windows.contains(where: { $0.contains(tick) }) {
            wanted = wanted * factor + event * max(0.2, 1 + 0.05 * random.normal())
        }
        return max(1e-6, wanted)
    }
}
