import QuellRuntime
import Signals
import Systemd
public import Terminal

/// Draws a ``TopModel``.
public struct TopView: Sendable {
    /// Whether characters beyond ASCII may be used.
    public var unicode: Bool

    /// A view.
    ///
    /// - Parameter unicode: Whether characters beyond ASCII may be used.
    public init(unicode: Bool) {
        self.unicode = unicode
    }

    /// The picture, from the top line down.
    ///
    /// - Parameters:
    ///   - model: What is drawn; it learns how many rows there was room for.
    ///   - size: The size of the terminal.
    /// - Returns: The lines, at most as many as the terminal has.
    public func lines(_ model: inout TopModel, size: TerminalSize) -> [StyledLine] {
        var lines = head(model, size)
        switch model.pane {
        case .help: lines += help
        case .explanation(let uuid, let text, let top):
            model.room = max(1, size.lines - lines.count - 2)
            lines += explanation(uuid, text, top, model, columns: size.columns)
            lines = Array(lines.prefix(size.lines - 1))
            while lines.count < size.lines - 1 { lines.append(StyledLine()) }
            lines.append(StyledLine("arrows and PgUp, PgDn scroll; any other key goes back", .dim))
        case .list, .filter:
            let rows = model.rows
            let foot = foot(model, rows)
            model.room = max(1, size.lines - lines.count - 1 - foot.count)
            lines += list(model, rows, size)
            while lines.count < size.lines - foot.count { lines.append(StyledLine()) }
            lines = lines.prefix(max(0, size.lines - foot.count)) + foot
        }
        lines = Array(lines.prefix(size.lines))
        return unicode ? lines : lines.map(Self.ascii)
    }

    /// The whole table as plain lines, for standard output that is no terminal.
    ///
    /// - Parameter model: What is drawn.
    /// - Returns: The lines.
    public func plain(_ model: TopModel) -> [String] {
        let columns = TopColumns(page: model.page, sort: model.sort, width: .max, names: model.report?.vms ?? [])
        var lines = head(model, TerminalSize(columns: 200))
        lines.append(heading(columns, model))
        let holds = model.holdsByVM
        let top = model.history.largest(model.sparkSignal)
        lines += model.rows.map { row($0, columns, model, holds[$0.uuid] ?? [], sparkTop: top) }
        lines += (model.report?.holds ?? []).map(Self.hold)
        return (unicode ? lines : lines.map(Self.ascii)).map { line in
            var text = line.text
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    private func list(_ model: TopModel, _ rows: [TopReport.Row], _ size: TerminalSize) -> [StyledLine] {
        let columns = TopColumns(page: model.page, sort: model.sort, width: size.columns, names: rows)
        let selected = model.selectedRow(in: rows.map(\.uuid))
        let cursor = rows.firstIndex { $0.uuid == selected } ?? 0
        // The cursor's page, so that the list stands still while the cursor moves in it.
        let top = min(max(0, rows.count - model.room), cursor / model.room * model.room)
        let holds = model.holdsByVM
        let sparkTop = model.history.largest(model.sparkSignal)
        var lines = [heading(columns, model)]
        for item in rows.dropFirst(top).prefix(model.room) {
            var line = row(item, columns, model, holds[item.uuid] ?? [], sparkTop: sparkTop)
            if item.uuid == selected { line.overlay(.reverse) }
            lines.append(line)
        }
        if rows.isEmpty {
            let why = model.report == nil ? "" : model.filter.isEmpty ? "no VMs run here" : "no VM matches the filter"
            lines.append(StyledLine("  " + why, .dim))
        }
        return lines
    }

    private func heading(_ columns: TopColumns, _ model: TopModel) -> StyledLine {
        let arrow = { (isSorted: Bool) in isSorted ? (model.reversed ? "▴" : "▾") : "" }
        var line = StyledLine()
        line.append(TextWidth.fit("VM" + arrow(model.sort == .name), columns.name) + " ", .bold)
        line.append(TextWidth.fit("TENANT" + arrow(model.sort == .tenant), columns.tenant) + " ", .bold)
        line.append(TextWidth.fit("STATE" + arrow(model.sort == .trouble), columns.state) + " ", .bold)
        line.append(TextWidth.fit(model.sparkSignal.heading, columns.spark) + " ", .dim)
        for signal in columns.signals {
            let isSorted = model.sort == .signal(signal)
            let text = signal.heading + arrow(isSorted)
            line.append(TextWidth.fit(text, TopColumns.value, right: true), isSorted ? [.bold, .reverse] : .bold)
        }
        return line
    }

    private func row(
        _ row: TopReport.Row,
        _ columns: TopColumns,
        _ model: TopModel,
        _ holds: [TopReport.Hold],
        sparkTop: Double
    ) -> StyledLine {
        let state = TopState(row, holds: holds)
        var line = StyledLine()
        line.append(TextWidth.fit(PlainText.line(row.name, limit: 64), columns.name) + " ", state.style)
        line.append(TextWidth.fit(PlainText.line(row.tenant, limit: 32), columns.tenant) + " ")
        line.append(TextWidth.fit(state.text, columns.state) + " ", state.style)
        let values = model.history.values(row.uuid, model.sparkSignal)
        line.append(Sparkline.text(values, columns: columns.spark, top: sparkTop, unicode: unicode) + " ")
        for signal in columns.signals {
            let text = row.values[signal.name].map { signal.unit.short($0) } ?? "–"
            let isStale = row.stale.contains(signal.name) || row.values[signal.name] == nil
            line.append(TextWidth.fit(text, TopColumns.value, right: true), isStale ? .dim : .plain)
        }
        return line
    }

    /// The line with every character beyond ASCII replaced.
    private static func ascii(_ line: StyledLine) -> StyledLine {
        var plain = StyledLine()
        for piece in line.pieces {
            plain.append(String(piece.text.map { $0.isASCII ? $0 : substitute(for: $0) }), piece.style)
        }
        return plain
    }

    private static func substitute(for character: Character) -> Character {
        switch character {
        case "–", "·", "…": character == "…" ? "~" : "-"
        case "▾", "↓": "v"
        case "▴", "↑": "^"
        case "←": "<"
        case "→": ">"
        default: "?"
        }
    }
}
