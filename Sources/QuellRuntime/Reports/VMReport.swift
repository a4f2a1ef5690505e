import Policy
public import Signals
import Systemd

/// One VM with its latest readings: a row of the answer to `quell vms`.
public struct VMReport: Codable, Sendable, Equatable {
    /// Its UUID.
    public var uuid: String
    /// Its name, as libvirt gives it.
    public var name: String
    /// Whom it belongs to.
    public var tenant: String
    /// Its workload class.
    public var workloadClass: String
    /// Its vCPUs.
    public var vcpus: Int
    /// Whether its vCPUs may run.
    public var running: Bool
    /// The cap that Quell holds it to, in cores.
    public var heldCores: Double?
    /// Rules that fire for it, by name.
    public var firing: [String]
    /// Every signal with a value, in its base unit.
    public var readings: [String: Double]
    /// The signals among them that were not read in this tick.
    public var stale: [String]

    /// The report of one row of a snapshot; `nil` where the row is free.
    ///
    /// - Parameters:
    ///   - slot: The row.
    ///   - snapshot: What the tick saw.
    public init?(_ slot: VMSlot, in snapshot: MonitorSnapshot) {
        guard let record = snapshot.frame[record: slot] else { return nil }
        uuid = record.identity.uuid.description
        name = record.name
        tenant = record.tenant.text
        workloadClass = record.workloadClass
        vcpus = record.vcpus
        running = record.running
        heldCores = record.heldCores
        firing = snapshot.verdicts.filter { $0.slot == slot && $0.phase != .cleared }
            .compactMap { snapshot.rule($0)?.name }
        (readings, stale) = snapshot.frame.told(slot, Signal.allCases.filter { $0.scope == .vm })
    }
}

extension Frame {
    /// The values that a report shows of a row, in base units by name, and the signals among them not read in this tick.
    func told(_ slot: VMSlot, _ signals: [Signal]) -> (values: [String: Double], stale: [String]) {
        var values: [String: Double] = [:]
        var stale: [String] = []
        for signal in signals {
            let reading = self[slot, signal]
            switch reading.quality {
            case .ok: values[signal.name] = reading.value
            case .stale:
                values[signal.name] = reading.value
                stale.append(signal.name)
            case .reset, .notObservable, .missing: break
            }
        }
        return (values, stale)
    }
}

extension VMReport {
    /// Seconds for which libvirt has owed an answer about it; `nil` below the deadline of a call.
    private var libvirtSilence: Double? {
        let signal = Signal.libvirtLatency.name
        guard let seconds = readings[signal], seconds >= 5, !stale.contains(signal) else { return nil }
        return seconds
    }

    /// The rows as a table that people read.
    ///
    /// - Parameter reports: The rows.
    /// - Returns: The table, a line a VM.
    public static func table(_ reports: [VMReport]) -> String {
        let columns: [Signal] = [.cpuUsage, .cpuRunDelay, .memRSS, .diskWriteBytes, .netTxBytes]
        var rows = [["VM", "TENANT", "VCPUS"] + columns.map(\.name) + ["STATE"]]
        for report in reports {
            let values = columns.map { signal in report.readings[signal.name].map { signal.unit.text($0) } ?? "–" }
            var state = report.running ? [] : ["paused"]
            if let owed = report.libvirtSilence {
                state.append("no answer from libvirt for \(Unit.seconds.text(owed))")
            }
            if let cores = report.heldCores { state.append("held to \(Unit.cores.text(cores))") }
            state += report.firing
            rows.append(
                [report.name, report.tenant, "\(report.vcpus)"] + values + [state.joined(separator: ", ")]
            )
        }
        return TextTable.text(rows)
    }
}

/// Columns of text, each as wide as its widest cell.
enum TextTable {
    /// The rows with their columns lined up; control characters in a cell are made visible.
    static func text(_ rows: [[String]]) -> String {
        let clean = rows.map { row in row.map { cell in PlainText.line(cell) } }
        let count = clean.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            clean.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return clean.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return line
        }
        .joined(separator: "\n")
    }
}
