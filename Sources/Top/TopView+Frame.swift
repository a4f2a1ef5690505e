import QuellRuntime
import Signals
import Systemd
import Terminal

extension TopView {
    /// How the daemon and the host are, and what is wrong.
    func head(_ model: TopModel, _ size: TerminalSize) -> [StyledLine] {
        guard let report = model.report else {
            return [StyledLine("quell top"), StyledLine(model.problem ?? "asking the daemon …", .yellow), StyledLine()]
        }
        let status = report.status
        var first = StyledLine("quelld \(status.version), ", .bold)
        first.append(status.mode, status.mode == "enforce" ? [.bold, .green] : .bold)
        first.append(" · \(status.vms) VMs · ")
        first.append("\(status.blamed.count) blamed", status.blamed.isEmpty ? .plain : .red)
        first.append(" · ")
        first.append("\(status.hurt.count) hurt", status.hurt.isEmpty ? .plain : .yellow)
        first.append(" · \(report.holds.count { !$0.dryRun }) held")
        if model.paused { first.append("  STOPPED, Space goes on", [.bold, .reverse]) }
        var lines = [first, host(report)]
        if let disarmed = status.disarmed {
            lines.append(
                StyledLine("DISARMED until quell arm: \(PlainText.line(disarmed, limit: 200))", [.bold, .red])
            )
        }
        if let problem = model.problem {
            lines.append(StyledLine("no newer report: \(PlainText.line(problem, limit: 200))", [.bold, .yellow]))
        } else if !status.libvirt {
            lines.append(StyledLine("libvirt does not answer: nobody can be held or let go", [.bold, .yellow]))
        }
        lines.append(StyledLine())
        return lines
    }

    private func host(_ report: TopReport) -> StyledLine {
        let value = { (signal: Signal) in report.host[signal.name].map { signal.unit.text($0) } ?? "–" }
        let late = report.status.tickLagP99.map { ", ticks late \(Unit.seconds.text($0))" } ?? ""
        let agent = report.host[Signal.agentCPU.name] == nil ? "" : " · quelld \(value(.agentCPU)), \(value(.agentRSS))"
        return StyledLine(
            "run queue \(value(.hostRunQueue)) · pressure cpu \(value(.hostCPUPressure)), memory "
                + "\(value(.hostMemPressure)), io \(value(.hostIOPressure))" + agent + late
        )
    }

    /// Who is held, the VM under the cursor, and the keys.
    func foot(_ model: TopModel, _ rows: [TopReport.Row]) -> [StyledLine] {
        var lines: [StyledLine] = []
        let holds = model.report?.holds ?? []
        lines += holds.prefix(4).map(Self.hold)
        if holds.count > 4 { lines.append(StyledLine("and \(holds.count - 4) more: quell leases", .dim)) }
        if let uuid = model.selectedRow(in: rows.map(\.uuid)), let row = rows.first(where: { $0.uuid == uuid }) {
            lines.append(Self.detail(row))
        }
        if model.pane == .filter {
            lines.append(StyledLine("filter: " + PlainText.line(model.filter, limit: 64) + "_", .bold))
        } else {
            let filter = model.filter.isEmpty ? "" : "  filter: " + PlainText.line(model.filter, limit: 64)
            lines.append(
                StyledLine("1-8 columns  ←→ order  t trouble  / filter  Enter explain  h help  q end" + filter, .dim)
            )
        }
        return lines
    }

    private static func detail(_ row: TopReport.Row) -> StyledLine {
        var parts = [PlainText.name(row.name), row.uuid, "\(row.vcpus) vCPUs"]
        parts.append("class " + PlainText.name(row.workloadClass))
        if !row.blamedFor.isEmpty {
            parts.append("blamed for " + row.blamedFor.map { PlainText.name($0) }.joined(separator: ", "))
        }
        if !row.hurt.isEmpty { parts.append("hurt over " + row.hurt.map(\.rawValue).joined(separator: ", ")) }
        if !row.selfInflicted.isEmpty {
            parts.append("does it to itself over " + row.selfInflicted.map(\.rawValue).joined(separator: ", "))
        }
        return StyledLine(parts.joined(separator: " · "), .dim)
    }

    /// A hold in a line.
    static func hold(_ hold: TopReport.Hold) -> StyledLine {
        var text = hold.dryRun ? "would hold " : "holds "
        text += "\(PlainText.name(hold.name)) over \(hold.contention.rawValue) at \(hold.step)"
        if let victim = hold.victim { text += " for \(PlainText.name(victim))" }
        switch hold.origin {
        case "person": text += ", asked for by a person"
        case "arrived": text += ", held by another host before"
        default: text += ", rule \(PlainText.name(hold.rule))"
        }
        if hold.phase != "in-force" { text += ", \(hold.phase)" }
        if let remaining = hold.remaining { text += ", ends in \(TopState.clock(remaining))" }
        if !hold.dryRun { text += " · undo: quell release \(hold.uuid)" }
        return StyledLine(text, hold.dryRun ? .plain : .red)
    }

    /// The keys.
    var help: [StyledLine] {
        let width = TopModel.keys.map { TextWidth.columns(of: $0.key) }.max() ?? 0
        return TopModel.keys.map { entry in
            var line = StyledLine("  " + TextWidth.fit(entry.key, width) + "  ", .bold)
            line.append(entry.does)
            return line
        } + [
            StyledLine(),
            StyledLine(
                "  STATE: HELD with its step and the lease's end, would where it is a dry run; BLAMED for others;"
            ),
            StyledLine("  HURT by others; self where it does it to itself. Faint values were not read in this tick."),
            StyledLine(),
            StyledLine("  any key goes back", .dim),
        ]
    }

    /// A VM's explanation from a line on.
    func explanation(
        _ uuid: String,
        _ text: [String]?,
        _ top: Int,
        _ model: TopModel,
        columns: Int
    ) -> [StyledLine] {
        let name = model.report?.vms.first { $0.uuid == uuid }?.name ?? uuid
        let title = StyledLine("Why \(PlainText.name(name)) is as it is", .bold)
        guard let text else { return [title, StyledLine("asking the daemon …", .dim)] }
        let lines = text.dropFirst(top).flatMap { TextWidth.wrap(PlainText.line($0), columns) }
        return [title] + lines.map { StyledLine($0) }
    }
}
