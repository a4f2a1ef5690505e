import Enforcement
import Signals
import Systemd

/// One hold with its leases: an entry of the answer to `quell leases`.
public struct LeaseReport: Codable, Sendable, Equatable {
    /// One thing that was changed, under a lease of its own.
    public struct Change: Codable, Sendable, Equatable {
        /// The number of its lease in the ledger.
        public var lease: UInt64
        /// What was changed, such as `vcpu-quota` or `disk:vda`.
        public var knob: String
        /// What it was set to before, such as `unlimited`.
        public var before: String
        /// What it is set to, such as `60000/100000 µs`.
        public var set: String
    }

    /// The number of the hold: that of its first lease.
    public var id: UInt64
    /// The VM that is held.
    public var uuid: String
    /// Its name.
    public var name: String
    /// What it is held back over.
    public var contention: String
    /// How far it is held back: `35%`, `quarantine`, `suspend`.
    public var step: String
    /// Who asked for it: `ladder`, `person` or `arrived`.
    public var origin: String
    /// The rule that asked for it, or what a person gave as the reason.
    public var rule: String
    /// The VM that it is held back for; `nil` where it is for nobody in particular.
    public var victim: String?
    /// Everything that was changed, in the order of the leases.
    public var changes: [Change]
    /// Seconds until it ends; `nil` where only an undo is still owed.
    public var remaining: Double?
    /// The exact command that undoes it.
    public var undo: String

    /// The reports of leases, one for each hold, oldest first.
    ///
    /// - Parameters:
    ///   - leases: The leases in any order.
    ///   - frame: The frame that knows the victims' names.
    ///   - now: The moment.
    /// - Returns: The reports.
    static func all(_ leases: [Lease], in frame: Frame, now: MonotonicTime) -> [LeaseReport] {
        Dictionary(grouping: leases, by: \.hold).sorted { $0.key < $1.key }
            .compactMap { LeaseReport($0.value.sorted { $0.id < $1.id }, in: frame, now: now) }
    }

    /// The report of the leases of one hold; `nil` where there are none.
    private init?(_ leases: [Lease], in frame: Frame, now: MonotonicTime) {
        guard let first = leases.first, let latest = leases.max(by: { $0.changed.boot < $1.changed.boot }) else {
            return nil
        }
        id = first.hold
        uuid = first.vm.uuid.description
        name = first.name
        contention = first.contention.rawValue
        step = latest.step
        origin = latest.origin.rawValue
        rule = latest.rule
        victim = latest.victim.map { vm in
            frame.slot(of: vm).flatMap { frame[record: $0]?.name } ?? vm.uuid.description
        }
        changes = leases.map { lease in
            let set = lease.pending.map { "\($0), under way" } ?? lease.set.description
            return Change(lease: lease.id, knob: lease.knob.rawValue, before: lease.before.description, set: set)
        }
        let left = leases.map { $0.expires.boot.seconds(since: now) }.max() ?? 0
        remaining = left > 0 ? left : nil
        undo = first.undoCommand
    }
}

extension LeaseReport {
    /// Who asked for it, for people.
    var asker: String {
        switch HoldOrder.Origin(rawValue: origin) {
        case .person: "a person (\(rule))"
        case .arrived: "another host, rule \(rule)"
        case .ladder, nil: "rule \(rule)"
        }
    }

    /// When it ends, for people.
    var end: String {
        remaining.map { "ends in " + Unit.seconds.text($0.rounded()) } ?? "its undo is owed"
    }

    /// All of it in one line, for `quell explain`.
    var line: String {
        let made = changes.map { "\($0.knob) \($0.before) → \($0.set)" }.joined(separator: ", ")
        let whom = victim.map { ", for \($0)" } ?? ""
        return "held over \(contention) at \(step): \(made); asked for by \(asker)\(whom); \(end); undo: \(undo)"
    }

    /// The holds as a table that people read, or a line that says there are none.
    ///
    /// - Parameter reports: The holds.
    /// - Returns: The table, a line for each lease; what belongs to the whole hold stands in its first.
    public static func table(_ reports: [LeaseReport]) -> String {
        guard !reports.isEmpty else { return "no leases: nobody is held" }
        var rows = [["HOLD", "VM", "OVER", "STEP", "KNOB", "BEFORE", "NOW", "ENDS IN", "ASKED FOR BY", "FOR", "UNDO"]]
        for report in reports {
            let ends = report.remaining.map { Unit.seconds.text(max(0, $0.rounded())) } ?? "undo owed"
            for (index, change) in report.changes.enumerated() {
                let isFirst = index == 0
                let head = isFirst ? ["\(report.id)", report.name, report.contention, report.step] : ["", "", "", ""]
                let tail = isFirst ? [ends, report.asker, report.victim ?? "–", report.undo] : []
                rows.append(head + [change.knob, change.before, change.set] + tail)
            }
        }
        return TextTable.text(rows)
    }
}
