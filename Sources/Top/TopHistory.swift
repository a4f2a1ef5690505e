import QuellRuntime
import Signals

/// The last values of what is shown, for the sparklines.
struct TopHistory: Equatable, Sendable {
    /// Values kept of each VM and signal.
    static let length = 60

    private var series: [Signal: [String: [Double?]]] = [:]
    private var tick: UInt64?

    /// Takes up a report: of each signal that was asked for a value a VM; other signals and VMs that are gone are forgotten.
    mutating func note(_ report: TopReport, signals: [Signal]) {
        // A second look at the same tick is no new value.
        if tick == report.status.ticks && signals.allSatisfy({ series[$0] != nil }) { return }
        tick = report.status.ticks
        var next: [Signal: [String: [Double?]]] = [:]
        for signal in signals {
            let old = series[signal] ?? [:]
            var column: [String: [Double?]] = [:]
            column.reserveCapacity(report.vms.count)
            for row in report.vms {
                column[row.uuid] = Array(((old[row.uuid] ?? []) + [row.values[signal.name]]).suffix(Self.length))
            }
            next[signal] = column
        }
        series = next
    }

    /// The values of one VM and signal, oldest first.
    func values(_ uuid: String, _ signal: Signal) -> [Double?] { series[signal]?[uuid] ?? [] }

    /// The largest value of a signal over all VMs.
    func largest(_ signal: Signal) -> Double {
        (series[signal] ?? [:]).values.lazy.flatMap { $0 }.compactMap { $0 }.max() ?? 0
    }
}
