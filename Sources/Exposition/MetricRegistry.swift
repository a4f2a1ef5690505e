public import CoreMetrics
import Synchronization

/// Keeps what is counted and measured through swift-metrics, by the daemon and by the libraries that it uses, until it is
/// written out.
///
/// Bounded: what would be one series too many, or another kind of a name that there is, is counted as left out and kept
/// nowhere.
public final class MetricRegistry: MetricsFactory, Sendable {
    /// The most series that are kept.
    public static let mostSeries = 5_000

    private struct Key: Hashable {
        var name: String
        var labels: MetricLabels
    }

    private struct State {
        var families: [String: MetricFamily] = [:]
        var cells: [Key: MetricCell] = [:]
        var leftOut = 0
    }

    private let known: [String: MetricFamily]
    private let state = Mutex(State())

    /// A registry in which nothing is kept yet.
    ///
    /// - Parameter families: Metrics that are known, so that they can be told with their unit and meaning.
    public init(_ families: [MetricFamily] = []) {
        known = Dictionary(families.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// Series and kinds that found no place.
    public var leftOut: Int { state.withLock { $0.leftOut } }

    /// Writes everything kept, by name and labels.
    ///
    /// - Parameter writer: Where to.
    public func write(into writer: inout ExpositionWriter) {
        let (families, cells) = state.withLock { ($0.families, $0.cells) }
        let byName = Dictionary(grouping: cells, by: \.key.name)
        for name in byName.keys.sorted() {
            guard let family = families[name] else { continue }
            writer.begin(family)
            for (key, cell) in (byName[name] ?? []).sorted(by: { $0.key.labels < $1.key.labels }) {
                let (count, sum) = cell.values
                switch family.kind {
                case .counter, .gauge, .info: writer.sample(key.labels, sum)
                case .summary:
                    writer.sample(key.labels, count, suffix: "_count")
                    writer.sample(key.labels, sum, suffix: "_sum")
                }
            }
        }
    }

    private func cell(_ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind) -> MetricCell {
        var name = Self.name(label)
        if kind == .counter, name.hasSuffix("_total") { name.removeLast("_total".count) }
        let key = Key(name: name, labels: MetricLabels(dimensions.map { (Self.name($0.0), $0.1) }))
        return state.withLock { state in
            let family =
                state.families[name] ?? known[name] ?? MetricFamily(name, kind, "Told by a library as \(label).")
            guard family.kind == kind, state.cells[key] != nil || state.cells.count < Self.mostSeries else {
                state.leftOut += 1
                return MetricCell()
            }
            state.families[name] = family
            let cell = state.cells[key] ?? MetricCell()
            state.cells[key] = cell
            return cell
        }
    }

    private func forget(_ handler: AnyObject) {
        state.withLock { state in
            for (key, cell) in state.cells where cell === handler { state.cells[key] = nil }
        }
    }

    /// A name that scrapers take.
    private static func name(_ label: String) -> String {
        let name = String(
            label.unicodeScalars.prefix(200).map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    ? Character(scalar) : "_"
            }
        )
        return name.first.map { $0.isNumber } ?? true ? "_" + name : name
    }

    /// Makes the counter of a name and labels, or gives that which there is.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(label, dimensions, .counter)
    }

    /// Makes the counter of a name and labels, or gives that which there is.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        cell(label, dimensions, .counter)
    }

    /// Makes the gauge of a name and labels, or gives that which there is.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(label, dimensions, .gauge)
    }

    /// Makes what keeps the last value, or with `aggregate` the count and sum, of a name and labels.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let cell = cell(label, dimensions, aggregate ? .summary : .gauge)
        return aggregate ? SummaryHandler(cell) : cell
    }

    /// Makes what keeps the count and sum of lengths of time, in seconds, of a name and labels.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        SummaryHandler(cell(label.hasSuffix("_seconds") ? label : label + "_seconds", dimensions, .summary))
    }

    /// Forgets a counter.
    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    /// Forgets a counter.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    /// Forgets a gauge.
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    /// Forgets what keeps values.
    public func destroyRecorder(_ handler: any RecorderHandler) {
        forget((handler as? SummaryHandler)?.cell ?? handler)
    }
    /// Forgets what keeps lengths of time.
    public func destroyTimer(_ handler: any TimerHandler) { forget((handler as? SummaryHandler)?.cell ?? handler) }
}
