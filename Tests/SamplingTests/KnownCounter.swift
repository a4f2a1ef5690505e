import Signals

/// A counter of a simulated source of which it is known what truly happened.
struct KnownCounter {
    /// What the kernel's file shows.
    private(set) var shown: UInt64
    /// What was truly done since the value before was read.
    private(set) var done: UInt64 = 0
    /// Whether the counter has begun again since the value before was read.
    private(set) var hasRestarted = false
    private let range: UInt64

    /// A counter that shows a value and, where it is narrow, begins again at 0 from a range on.
    init(at value: UInt64, range: UInt64 = 0) {
        shown = value
        self.range = range
    }

    /// Lets something happen.
    mutating func work(_ amount: UInt64) {
        done &+= amount
        shown &+= amount
        if range > 0 { shown %= range }
    }

    /// Begins again at a value not above the one shown.
    mutating func restart(at value: UInt64) {
        shown = min(shown, value)
        hasRestarted = true
    }

    /// Notes that the value was read and taken.
    mutating func wasRead() {
        done = 0
        hasRestarted = false
    }
}

/// A clock of a simulated host and all that may go wrong between two readings.
struct KnownClock {
    /// What happens between two readings.
    enum Event: CaseIterable {
        /// The next tick.
        case tick
        /// The next tick, late.
        case late
        /// Several ticks that fail to come.
        case missed
        /// A suspend, or a stopped agent.
        case long
        /// A clock that stands still.
        case standing
        /// A clock that goes back.
        case back
    }

    /// The present.
    private(set) var now = MonotonicTime(seconds: 10_000.0)

    /// Draws what happens next; most often it is a tick.
    static func draw(_ generator: inout SplitMix64) -> Event {
        generator.chance(0.7) ? .tick : Event.allCases.randomElement(using: &generator) ?? .tick
    }

    /// Moves on.
    ///
    /// - Returns: The seconds that the clock moved.
    mutating func pass(_ event: Event, _ generator: inout SplitMix64) -> Double {
        let before = now
        switch event {
        case .tick: now = now.advanced(bySeconds: 1)
        case .late: now = now.advanced(bySeconds: 1 + generator.uniform())
        case .missed: now = now.advanced(bySeconds: Double(2 + generator.next() % 50))
        case .long: now = now.advanced(bySeconds: 60.001 + generator.uniform() * 1_000)
        case .standing: break
        case .back: now = now.advanced(bySeconds: -0.001 - generator.uniform() * 100)
        }
        return now.seconds(since: before)
    }
}
