import Signals

/// What kind of quantity a number with a unit is.
enum Dimension: CaseIterable, Sendable {
    case share, timePerSecond, size, dataRate, rate, duration, count, cores, cyclesPerInstruction, power, frequency
    case deviation

    /// The kind that a signal's values are of.
    init(_ unit: Unit) {
        self =
            switch unit {
            case .cores: .cores
            case .secondsPerSecond: .timePerSecond
            case .ratio: .share
            case .bytes: .size
            case .bytesPerSecond: .dataRate
            case .perSecond: .rate
            case .seconds: .duration
            case .count: .count
            case .cyclesPerInstruction: .cyclesPerInstruction
            case .watts: .power
            case .hertz: .frequency
            }
    }

    /// What it is, with its article.
    var noun: String {
        switch self {
        case .share: "a share"
        case .timePerSecond: "time per second"
        case .size: "a size"
        case .dataRate: "a data rate"
        case .rate: "a rate"
        case .duration: "a duration"
        case .count: "a plain number"
        case .cores: "a number of cores"
        case .cyclesPerInstruction: "cycles per instruction"
        case .power: "a power"
        case .frequency: "a frequency"
        case .deviation: "a deviation"
        }
    }

    /// A value that is accepted, for messages.
    var example: String {
        switch self {
        case .share: "80%"
        case .timePerSecond: "50 ms/s"
        case .size: "200 MiB"
        case .dataRate: "200 MiB/s"
        case .rate: "5000 /s"
        case .duration: "5 s"
        case .count: "12"
        case .cores: "2.5 cores"
        case .cyclesPerInstruction: "3 CPI"
        case .power: "150 W"
        case .frequency: "2.4 GHz"
        case .deviation: "4 sigma"
        }
    }

    /// Whether a number in units of another kind is accepted too: a share of the time is time per second.
    func accepts(_ other: Dimension) -> Bool {
        self == other || (self == .timePerSecond && other == .share)
    }

    /// The names of the units that are accepted for it.
    var unitNames: [String] {
        UnitName.all.filter { accepts($0.dimension) }.map(\.name)
    }
}

/// A unit as it is written in a threshold file.
struct UnitName: Sendable {
    /// The text.
    var name: String
    /// What kind of quantity it measures.
    var dimension: Dimension
    /// How many base units it is, before ``divisor``.
    var factor: Double
    /// What to divide by, so that 35% is the double nearest to 0.35.
    var divisor: Double

    /// Every unit that is accepted; the first of each kind are those that messages show first.
    static let all: [UnitName] = {
        let kibi = 1_024.0
        var units = [
            UnitName("%", .share, 1, 100),
            UnitName("ms/s", .timePerSecond, 1, 1e3), UnitName("us/s", .timePerSecond, 1, 1e6),
            UnitName("µs/s", .timePerSecond, 1, 1e6), UnitName("s/s", .timePerSecond, 1),
            UnitName("/s", .rate, 1), UnitName("k/s", .rate, 1e3), UnitName("M/s", .rate, 1e6),
            UnitName("/min", .rate, 1, 60), UnitName("/h", .rate, 1, 3_600),
            UnitName("ms", .duration, 1, 1e3), UnitName("s", .duration, 1), UnitName("min", .duration, 60),
            UnitName("h", .duration, 3_600), UnitName("d", .duration, 86_400), UnitName("us", .duration, 1, 1e6),
            UnitName("µs", .duration, 1, 1e6), UnitName("ns", .duration, 1, 1e9),
            UnitName("cores", .cores, 1), UnitName("core", .cores, 1),
            UnitName("CPI", .cyclesPerInstruction, 1),
            UnitName("W", .power, 1), UnitName("mW", .power, 1, 1e3), UnitName("kW", .power, 1e3),
            UnitName("Hz", .frequency, 1), UnitName("kHz", .frequency, 1e3), UnitName("MHz", .frequency, 1e6),
            UnitName("GHz", .frequency, 1e9),
            UnitName("sigma", .deviation, 1), UnitName("σ", .deviation, 1),
        ]
        let sizes = [
            ("B", 1), ("KiB", kibi), ("MiB", kibi * kibi), ("GiB", kibi * kibi * kibi),
            ("TiB", kibi * kibi * kibi * kibi), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ]
        units += sizes.map { UnitName($0.0, .size, $0.1) }
        units += sizes.map { UnitName($0.0 + "/s", .dataRate, $0.1) }
        let bits = [("bit/s", 1.0), ("kbit/s", 1e3), ("Mbit/s", 1e6), ("Gbit/s", 1e9)]
        units += bits.map { UnitName($0.0, .dataRate, $0.1, 8) }
        return units
    }()

    private init(_ name: String, _ dimension: Dimension, _ factor: Double, _ divisor: Double = 1) {
        self.name = name
        self.dimension = dimension
        self.factor = factor
        self.divisor = divisor
    }
}
