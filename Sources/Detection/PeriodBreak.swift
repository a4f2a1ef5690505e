/// SDS/P: a period that changes, as that of a periodic program does whose memory is under attack, and one that appears
/// where there was none, as that of a cache probe does.
///
/// After Li, Sen, Shen and Chuah (see ``BoundaryBreak``): the period of the moving averages `M_n` is estimated
/// (``PeriodEstimate``) every ``Tuning/stride`` averages, and the alarm is given after `H_P` consecutive estimates that
/// differ from the profile's period by more than 20 %. Where the paper profiles an application beforehand, the profile
/// is what ``Tuning/warmUp`` estimates in a row agree upon: a period, or that there is none. The paper knows one alarm,
/// ``Break/shifted``; a period that is gone, and one that is new, are told apart from it. The profile follows slow
/// changes within the tolerance, is frozen otherwise, and is taken anew after ``Tuning/adoption`` seconds of one break.
///
/// Periods from 3 to 64 averages are seen. An estimate costs a fixed number of operations, and one tick in
/// `step × stride` pays it.
public struct PeriodBreak: Sendable {
    /// What became of a stream's period.
    public enum Break: Sendable, Equatable {
        /// Nothing.
        case none
        /// It differs from the profile's.
        case shifted
        /// It is gone.
        case vanished
        /// There is one where there was none.
        case appeared
    }

    /// Windows, tolerance and patience.
    public struct Tuning: Equatable, Sendable {
        /// `ΔW`: ticks from one average to the next, 1 or more.
        public var step: Int
        /// `W / ΔW`, 1 to 8.
        public var steps: Int
        /// `ΔW_P`: averages from one estimate to the next, 1 or more.
        public var stride: Int
        /// The part of the profile's period by which an estimate may differ.
        public var tolerance: Double
        /// `H_P`: estimates in a row that make an alarm.
        public var patience: Int
        /// Estimates in a row that make a profile.
        public var warmUp: Int
        /// The autocorrelation that makes a period.
        public var strength: Double
        /// Seconds of one break after which it is the profile.
        public var adoption: Double

        /// A tuning; values out of range are moved into it.
        ///
        /// - Parameters:
        ///   - step: `ΔW`, in ticks.
        ///   - steps: `W / ΔW`.
        ///   - stride: `ΔW_P`, in averages.
        ///   - tolerance: The part of the period by which an estimate may differ.
        ///   - patience: `H_P`.
        ///   - warmUp: Estimates in a row that make a profile.
        ///   - strength: The autocorrelation that makes a period.
        ///   - adoption: Seconds of one break after which it is the profile.
        public init(
            step: Int = 1,
            steps: Int = 2,
            stride: Int = 10,
            tolerance: Double = 0.2,
            patience: Int = 5,
            warmUp: Int = 6,
            strength: Double = 0.5,
            adoption: Double = 3_600
        ) {
            self.step = max(1, step)
            self.steps = min(max(1, steps), MovingMean.mostSteps)
            self.stride = max(1, stride)
            self.tolerance = max(0, tolerance)
            self.patience = max(1, patience)
            self.warmUp = max(1, warmUp)
            self.strength = strength
            self.adoption = adoption
        }
    }

    /// What is usual.
    private enum Profile: Sendable, Equatable {
        /// Not known yet.
        case unknown
        /// No period.
        case aperiodic
        /// A period, in averages.
        case periodic(Double)
    }

    /// The part by which the profile follows an estimate within the tolerance.
    static let following = 0.02
    /// Missing readings in a row for which the last one stands.
    static let bridge = 2
    /// Larger magnitudes are no reading; their squares stay finite.
    static let largest = 1e100

    private var means = MovingMean()
    private var ring = InlineArray<128, Double>(repeating: 0)
    private var held = 0
    private var next = 0
    private var sinceEstimate = 0
    private var profile = Profile.unknown
    /// The break, or candidate of a profile, that the last estimates agree upon, its period, and how many did.
    private var candidate = Break.none
    private var candidatePeriod = 0.0
    private var run = 0
    /// Seconds of the averages in the ring, of the break, and since the last average.
    private var pace = 0.0
    private var broken = 0.0
    private var elapsed = 0.0
    private var estimate = PeriodEstimate()
    /// The last reading, NaN before the first, and how many were missed since.
    private var last = Double.nan
    private var missed = 0

    /// What became of the period, `H_P` estimates agreeing.
    public private(set) var state = Break.none

    /// A detector that knows nothing yet.
    public init() {}

    /// The period of the last estimate, in seconds; `nil` where there is none, or none yet.
    public var period: Double? { estimate.period > 0 ? estimate.period * pace : nil }

    /// How strong it is: the autocorrelation at the period, 0 to 1.
    public var strength: Double { estimate.strength }

    /// The usual period, in seconds; `nil` where there is none, or none known yet.
    public var usualPeriod: Double? {
        guard case .periodic(let period) = profile else { return nil }
        return period * pace
    }

    /// Takes one tick in.
    ///
    /// - Parameters:
    ///   - value: The reading; NaN for none, and one that is not a finite number counts as none.
    ///   - interval: Seconds since the tick before.
    ///   - tuning: How to judge.
    public mutating func learn(_ value: Double, interval: Double, tuning: Tuning = .init()) {
        if interval > 0, interval.isFinite { elapsed += interval }
        var reading = abs(value) <= Self.largest ? value : .nan
        if reading.isNaN {
            missed = min(missed + 1, Self.bridge + 1)
            if missed <= Self.bridge { reading = last }
        } else {
            missed = 0
            last = reading
        }
        switch means.add(reading, step: tuning.step, steps: tuning.steps) {
        case .none: break
        case .gap:
            // The phase is lost: the window begins anew, and the profile stays.
            held = 0
            next = 0
            elapsed = 0
            estimate = PeriodEstimate()
            settle(.none)
        case .mean(let mean): take(mean, tuning: tuning)
        }
    }

    /// Takes one average in, and estimates when it is time to.
    private mutating func take(_ mean: Double, tuning: Tuning) {
        ring[next] = mean
        next = (next + 1) % PeriodEstimate.size
        if held > 0 {
            let weight = 1 / Double(min(held, PeriodEstimate.size))
            pace += (elapsed - pace) * weight
            if state != .none { broken += elapsed }
        }
        elapsed = 0
        held = min(held + 1, PeriodEstimate.size)
        sinceEstimate += 1
        guard held == PeriodEstimate.size, sinceEstimate >= tuning.stride else { return }
        sinceEstimate = 0
        var window = turned()
        estimate = PeriodEstimate(&window)
        judge(tuning)
    }

    /// The ring, oldest first.
    private func turned() -> InlineArray<128, Double> {
        var window = InlineArray<128, Double>(repeating: 0)
        let samples = ring.span
        for index in 0..<PeriodEstimate.size { window[index] = samples[(next + index) % PeriodEstimate.size] }
        return window
    }

    /// Holds the last estimate against the profile.
    private mutating func judge(_ tuning: Tuning) {
        let found = estimate.period > 0 && estimate.strength >= tuning.strength
        let now: Break
        switch profile {
        case .unknown, .aperiodic: now = found ? .appeared : .none
        case .periodic(let usual):
            if !found {
                now = .vanished
            } else if abs(estimate.period - usual) > tuning.tolerance * usual {
                now = .shifted
            } else {
                now = .none
                profile = .periodic(usual + Self.following * (estimate.period - usual))
            }
        }
        let agrees =
            now == candidate
            && (!found || now == .none || abs(estimate.period - candidatePeriod) <= tuning.tolerance * candidatePeriod)
        run = agrees ? min(run + 1, Int(Int32.max)) : 1
        candidate = now
        candidatePeriod = estimate.period
        if profile == .unknown {
            if run >= tuning.warmUp { adopt() }
            return
        }
        if now == .none { return settle(.none) }
        if run >= tuning.patience { settle(now) }
        if state != .none, broken >= tuning.adoption { adopt() }
    }

    /// Makes what the last estimates agree upon the profile.
    private mutating func adopt() {
        let found = candidate == .appeared || candidate == .shifted
        profile = found ? .periodic(estimate.period) : .aperiodic
        settle(.none)
    }

    /// Tells a break, or that there is none, and counts its seconds from its beginning.
    private mutating func settle(_ new: Break) {
        if new == .none {
            candidate = .none
            candidatePeriod = 0
            run = 0
            broken = 0
        }
        state = new
    }
}
