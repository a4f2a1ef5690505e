/// Moving averages of a stream over `W` readings, one every `ΔW`, from a ring of sums over `ΔW` readings each.
///
/// The averages of SDS (see ``BoundaryBreak``): `M_n = (A_{nΔW} + … + A_{nΔW+W-1}) / W`. A tick without a reading
/// counts as one with nothing to average; a step with less than half of its readings gives no average, and the ring
/// begins anew.
struct MovingMean: Sendable {
    /// The most steps that a window may hold.
    static let mostSteps = 8

    /// The sums of the last steps and how many readings each holds.
    private var sums = InlineArray<8, Double>(repeating: 0)
    private var counts = InlineArray<8, Double>(repeating: 0)
    /// How many steps are held, and the place of the next.
    private var held = 0
    private var next = 0
    /// The step at hand.
    private var sum = 0.0
    private var count = 0
    private var ticks = 0

    /// What a tick gave.
    enum Outcome: Equatable, Sendable {
        /// The step is not full yet, or the window is not.
        case none
        /// An average.
        case mean(Double)
        /// A step with too few readings.
        case gap
    }

    /// Takes one tick in.
    ///
    /// - Parameters:
    ///   - value: The reading; NaN for none.
    ///   - step: `ΔW`, in ticks, 1 or more.
    ///   - steps: `W / ΔW`, 1 to ``mostSteps``.
    /// - Returns: What it gave.
    mutating func add(_ value: Double, step: Int, steps: Int) -> Outcome {
        ticks += 1
        if value.isFinite {
            sum += value
            count += 1
        }
        guard ticks >= step else { return .none }
        let enough = 2 * count >= step && count > 0
        if enough {
            sums[next] = sum
            counts[next] = Double(count)
            next = next + 1 >= steps ? 0 : next + 1
            held = min(held + 1, steps)
        } else {
            held = 0
            next = 0
        }
        sum = 0
        count = 0
        ticks = 0
        guard enough else { return .gap }
        guard held >= steps else { return .none }
        var total = 0.0
        var readings = 0.0
        for index in 0..<steps {
            total += sums[index]
            readings += counts[index]
        }
        return .mean(total / readings)
    }
}
