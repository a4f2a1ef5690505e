public import QuellRuntime
public import Signals

/// What `quell top` knows and how it is looked at; a value that keys and reports change and that pictures are drawn from.
public struct TopModel: Sendable {
    /// What the rows are ordered by.
    public enum Sort: Equatable, Sendable {
        /// Those held and blamed first, then those hurt, then the rest by the first column.
        case trouble
        /// By name, or by tenant and name.
        case name, tenant
        /// By a signal, largest first.
        case signal(Signal)
    }

    /// What takes the screen.
    public enum Pane: Equatable, Sendable {
        /// The VMs.
        case list
        /// The VMs, while the filter is being typed.
        case filter
        /// The keys.
        case help
        /// The explanation of a VM, `nil` until the daemon gave it; scrolled down by so many lines.
        case explanation(of: String, text: [String]?, top: Int)
    }

    /// What a key asks of the session around.
    public enum Effect: Equatable, Sendable {
        /// To end.
        case quit
        /// To stop until the shell wakes it.
        case suspend
        /// To send the picture whole.
        case redraw
        /// To ask for a report now, since other signals are wanted.
        case ask
        /// To ask why a VM is as it is, by UUID.
        case explain(String)
    }

    /// The columns.
    public var page = TopPage.overview
    /// What the rows are ordered by.
    public var sort = Sort.trouble
    /// Whether the order is turned round.
    public var reversed = false
    /// What the name, tenant, class or UUID of a VM must contain; empty for all.
    public var filter = ""
    /// What takes the screen.
    public internal(set) var pane = Pane.list
    /// The VM under the cursor, by UUID.
    public internal(set) var selected: String?
    /// Whether reports are dropped, so that a picture can be read.
    public internal(set) var paused = false
    /// The latest report.
    public private(set) var report: TopReport?
    /// Why there is no newer report; `nil` where there is.
    public private(set) var problem: String?
    private(set) var history = TopHistory()
    /// Rows that the list had room for when it was last drawn.
    var room = 20

    /// A model that has seen nothing.
    public init() {}

    /// The signals to ask for.
    public var wanted: [Signal] {
        if case .signal(let signal) = sort, !page.signals.contains(signal) { return page.signals + [signal] }
        return page.signals
    }

    /// Takes up a report.
    ///
    /// - Parameter report: The report.
    public mutating func note(_ report: TopReport) {
        problem = nil
        if paused { return }
        self.report = report
        history.note(report, signals: wanted)
    }

    /// Notes that there is no report; the last one stays.
    ///
    /// - Parameter problem: Why.
    public mutating func note(problem: String) {
        self.problem = problem
    }

    /// Takes up the explanation of a VM; dropped where nobody waits for it any more.
    ///
    /// - Parameters:
    ///   - text: The explanation, or why there is none.
    ///   - uuid: The VM.
    public mutating func note(explanation text: String, of uuid: String) {
        guard case .explanation(uuid, _, let top) = pane else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        pane = .explanation(of: uuid, text: lines, top: top)
    }

    /// The signal that the sparklines show.
    var sparkSignal: Signal {
        if case .signal(let signal) = sort { return signal }
        return page.signals.first ?? .cpuUsage
    }

    /// The holds of each VM.
    var holdsByVM: [String: [TopReport.Hold]] { Dictionary(grouping: report?.holds ?? [], by: \.uuid) }

    /// The rows that pass the filter, in order.
    var rows: [TopReport.Row] {
        guard let report else { return [] }
        let text = filter.lowercased()
        let shown =
            text.isEmpty
            ? report.vms
            : report.vms.filter { row in
                [row.name, row.tenant, row.workloadClass, row.uuid].contains { $0.lowercased().contains(text) }
            }
        let held = Set(report.holds.map(\.uuid))
        let first = page.signals.first?.name ?? ""
        let ordered = shown.sorted { left, right in
            switch sort {
            case .name: break
            case .tenant: if left.tenant != right.tenant { return left.tenant < right.tenant }
            case .signal(let signal):
                let values = [left, right].map { $0.values[signal.name] ?? -.infinity }
                if values[0] != values[1] { return values[0] > values[1] }
            case .trouble:
                let ranks = [left, right].map { $0.trouble(held: held) }
                if ranks[0] != ranks[1] { return ranks[0] > ranks[1] }
                let values = [left, right].map { $0.values[first] ?? -.infinity }
                if values[0] != values[1] { return values[0] > values[1] }
            }
            return (left.name, left.uuid) < (right.name, right.uuid)
        }
        return reversed ? ordered.reversed() : ordered
    }
}

extension TopReport.Row {
    /// How much it needs a look: 3 where it is held or blamed, 2 where others hurt it, 1 where it does so itself, else 0.
    func trouble(held: Set<String>) -> Int {
        if held.contains(uuid) || !blamedFor.isEmpty { return 3 }
        if !hurt.isEmpty { return 2 }
        return selfInflicted.isEmpty ? 0 : 1
    }
}
