import CoreMetrics
import Synchronization

/// The value of one series.
final class MetricCell: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, Sendable {
    private let state = Mutex((count: 0.0, sum: 0.0))

    /// How many values were observed, and the value, which for what is summed up is their sum.
    var values: (count: Double, sum: Double) { state.withLock { $0 } }

    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func set(_ value: Int64) { put(Double(value)) }
    func set(_ value: Double) { put(value) }
    func record(_ value: Int64) { put(Double(value)) }
    func record(_ value: Double) { put(value) }
    func reset() { put(0) }

    /// Adds one value to the others.
    func add(_ value: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += value
        }
    }

    private func put(_ value: Double) { state.withLock { $0.sum = value } }
}

/// Adds values up in a series.
final class SummaryHandler: RecorderHandler, TimerHandler, Sendable {
    /// The series.
    let cell: MetricCell

    /// What adds up in a series.
    init(_ cell: MetricCell) {
        self.cell = cell
    }

    func record(_ value: Int64) { cell.add(Double(value)) }
    func record(_ value: Double) { cell.add(value) }
    func recordNanoseconds(_ duration: Int64) { cell.add(Double(duration) / 1e9) }
}
