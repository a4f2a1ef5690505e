import Enforcement
import Reporting
import Signals
import Systemd

/// What became of a VM that a person wanted held: the answer to `quell hold`.
public struct HoldReport: Codable, Sendable, Equatable {
    /// The hold, with everything that was changed.
    public var hold: LeaseReport
    /// What was left as it is, and why.
    public var left: [String]

    /// The report of an order that was carried out.
    ///
    /// - Parameters:
    ///   - events: What became of it.
    ///   - order: The order.
    ///   - leases: The open leases after it.
    ///   - frame: The frame that knows the VMs' names.
    ///   - now: The moment.
    /// - Throws: Why the VM is not held so.
    init(
        _ events: [LeaseEvent],
        order: HoldOrder,
        leases: [Lease],
        frame: Frame,
        now: MonotonicTime
    ) throws(ControlProblem) {
        let name = PlainText.name(order.name)
        var changes: [String]?
        var trouble: String?
        for event in events where event.key == order.key {
            switch event {
            case .granted(_, _, let made), .adjusted(_, _, let made): changes = made
            case .failed(_, _, let reason): trouble = trouble ?? reason
            case .handedOver(_, _, _, let found): trouble = trouble ?? "somebody else set \(found), which is left alone"
            case .released(_, _, _, let reason): trouble = trouble ?? "it was let go at once (\(reason.rawValue))"
            case .wouldHold, .wouldRelease: break
            }
        }
        guard let changes else {
            throw ControlProblem(
                error: "\(name) is not held over \(order.contention.rawValue): "
                    + PlainText.line(trouble ?? "something else is under way with it; try again")
            )
        }
        guard let hold = LeaseReport.all(leases.filter { $0.key == order.key }, in: frame, now: now).last else {
            throw ControlProblem(error: "\(name) was held and let go again meanwhile")
        }
        self.hold = hold
        // A change is told as `KNOB: BEFORE → NOW`; whatever else is told is of what was not changed.
        self.left = changes.filter { !$0.contains(" → ") }
    }
}

extension HoldReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        var lines = ["\(hold.name) is held over \(hold.contention) at \(hold.step), \(hold.end)"]
        lines += hold.changes.map { "  \($0.knob): \($0.before) → \($0.set)" }
        lines += left.map { "  left as it is: \($0)" }
        lines.append("undo: \(hold.undo)")
        return lines.map { PlainText.line($0, limit: 500) }.joined(separator: "\n")
    }
}
