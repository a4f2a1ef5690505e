import Enforcement
import Signals

/// One lease: a row of the answer to `quell leases`.
public struct LeaseReport: Codable, Sendable, Equatable {
    /// Its number in the ledger.
    public var id: UInt64
    /// The VM that is held.
    public var uuid: String
    /// Its name.
    public var name: String
    /// What it had before, such as `unlimited`.
    public var before: String
    /// What was set, such as `60000/100000 µs`.
    public var set: String
    /// The rule that asked for it.
    public var rule: String
    /// The VM that it is held back for.
    public var victim: String
    /// Seconds until it ends; `nil` where only an undo is still owed.
    public var remaining: Double?
    /// The exact command that undoes it.
    public var undo: String

    /// The report of a lease.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - frame: The frame that knows the victim's name.
    ///   - now: The moment.
    init(_ lease: Lease, in frame: Frame, now: MonotonicTime) {
        id = lease.id
        uuid = lease.vm.uuid.description
        name = lease.name
        before = lease.before.description
        set = lease.set.description
        rule = lease.rule
        victim =
            lease.victim.map { vm in
                frame.slot(of: vm).flatMap { frame[record: $0]?.name } ?? vm.uuid.description
            } ?? "nobody in particular"
        let left = lease.expires.boot.seconds(since: now)
        remaining = left > 0 ? left : nil
        undo = lease.undoCommand
    }

    /// The rows as a table that people read, or a line that says there are none.
    ///
    /// - Parameter reports: The rows.
    /// - Returns: The table, a line a lease.
    public static func table(_ reports: [LeaseReport]) -> String {
        guard !reports.isEmpty else { return "no leases: nobody is held" }
        var rows = [["LEASE", "VM", "BEFORE", "NOW", "ENDS IN", "RULE", "FOR", "UNDO"]]
        for report in reports {
            let ends = report.remaining.map { Unit.seconds.text(max(0, $0.rounded())) } ?? "undo owed"
            rows.append([
                "\(report.id)", report.name, report.before, report.set, ends, report.rule, report.victim, report.undo,
            ])
        }
        return TextTable.text(rows)
    }
}
