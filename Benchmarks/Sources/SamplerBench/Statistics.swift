internal import CMeter

/// Values of which the middle and the spread are wanted.
struct Statistics {
    private var values: [Double] = []

    /// No values.
    init() {}

    /// Adds a value.
    mutating func add(_ value: Double) {
        values.append(value)
    }

    /// Adds all values of another.
    mutating func add(_ other: Statistics) {
        values += other.values
    }

    /// The value below which this share of all lies, by the nearest rank; 0 where there is none.
    ///
    /// - Parameter share: From 0 to 1.
    /// - Returns: The value.
    func percentile(_ share: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(sorted.count, max(1, rank)) - 1]
    }

    /// The middle value.
    var median: Double { percentile(0.5) }
    /// The largest value.
    var largest: Double { values.max() ?? 0 }
    /// How many there are.
    var count: Int { values.count }

    /// The middle and the spread, for people.
    func text(_ digits: Int) -> String {
        "\(fixed(median, digits)) (p10 \(fixed(percentile(0.1), digits)), p90 \(fixed(percentile(0.9), digits)))"
    }
}

/// How long something took.
struct Duration {
    /// CPU time of this thread in nanoseconds.
    var cpu: Double
    /// Time on the clock in nanoseconds.
    var wall: Double

    /// Measures.
    ///
    /// - Parameter work: What is measured.
    /// - Returns: How long it took.
    @inline(__always)
    static func of(_ work: () -> Void) -> Duration {
        let wall = meter_clock()
        let cpu = meter_thread_time()
        work()
        let cpuAfter = meter_thread_time()
        let wallAfter = meter_clock()
        return Duration(cpu: Double(cpuAfter - cpu), wall: Double(wallAfter - wall))
    }
}
