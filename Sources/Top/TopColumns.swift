import QuellRuntime
import Signals
import Systemd
import Terminal

/// How wide the columns are, and which signals there is room for.
struct TopColumns: Equatable {
    /// Columns of a value, a blank before it included.
    static let value = 10

    /// Columns of the name, the tenant, the state and the sparkline.
    var name: Int
    var tenant: Int
    var state: Int
    var spark: Int
    /// The signals that are shown, from left to right.
    var signals: [Signal]

    /// The columns of a page.
    ///
    /// - Parameters:
    ///   - page: The page.
    ///   - sort: What the rows are ordered by; where that is a signal, it is among those shown.
    ///   - width: Columns of the terminal; `.max` for all of everything.
    ///   - names: The rows that are shown.
    init(page: TopPage, sort: TopModel.Sort, width: Int, names: [TopReport.Row]) {
        let isWide = width >= 120
        let longest = names.map { TextWidth.columns(of: PlainText.line($0.name, limit: 64)) }.max() ?? 0
        let longestTenant = names.map { TextWidth.columns(of: PlainText.line($0.tenant, limit: 32)) }.max() ?? 0
        name = min(max(8, longest), width == .max ? 64 : isWide ? 28 : 16)
        tenant = min(max(6, longestTenant), width == .max ? 32 : isWide ? 14 : 8)
        state = width == .max ? 28 : isWide ? 22 : 14
        spark = isWide ? 20 : 8
        signals = page.signals
        if case .signal(let signal) = sort, !signals.contains(signal) { signals.append(signal) }
        guard width != .max else { return }
        let room = max(1, (width - (name + tenant + state + spark + 4)) / Self.value)
        guard signals.count > room else { return }
        var first = 0
        if case .signal(let signal) = sort, let index = signals.firstIndex(of: signal) {
            first = max(0, index - room + 1)
        }
        signals = Array(signals[first..<(first + room)])
    }
}

/// What a VM's state is called and how it looks.
struct TopState: Equatable {
    /// The words.
    var text: String
    /// How they look.
    var style: Style

    /// The state of a VM.
    ///
    /// - Parameters:
    ///   - row: The VM.
    ///   - holds: Those that it is held by.
    init(_ row: TopReport.Row, holds: [TopReport.Hold]) {
        var parts: [String] = []
        style = .plain
        if let hold = holds.first(where: { !$0.dryRun }) ?? holds.first {
            let end = hold.remaining.map { " " + Self.clock($0) } ?? ""
            parts.append((hold.dryRun ? "would " : "HELD ") + hold.step + end)
        }
        if !row.blamedFor.isEmpty { parts.append("BLAMED") }
        if !parts.isEmpty { style = [.bold, .red] }
        if let contention = row.hurt.first {
            parts.append("HURT " + contention.rawValue)
            if style == .plain { style = [.bold, .yellow] }
        } else if let contention = row.selfInflicted.first {
            parts.append("self " + contention.rawValue)
        }
        if !row.running { parts.append("paused") }
        text = parts.joined(separator: " ")
    }

    /// Seconds as minutes and seconds.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 359_999)).rounded())
        let rest = whole % 60
        return "\(whole / 60):" + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
