import Policy
import Signals

/// What the demo shows of a VM that is held.
struct HeldLine: Equatable, Sendable {
    /// The VM.
    var vm: VMIdentity
    /// The share of each vCPU that it may use.
    var cap: Double
    /// Seconds until its lease ends.
    var remaining: Double
}

/// Everything that one picture of the demo is drawn from.
struct DemoScene {
    /// The frame of the tick.
    var frame: Frame
    /// The second of the script.
    var second: Double
    /// The last second of the script.
    var end: Double
    /// Who is hurt in this tick.
    var hurt: Set<VMSlot>
    /// Who is blamed in this tick, and for whom.
    var blamed: [VMSlot: [String]]
    /// Who is held.
    var held: [HeldLine]
    /// The last lines of the journal, oldest first.
    var journal: [String]
}

/// Draws the demo as text, a picture a tick.
struct DemoView {
    /// Columns of the terminal, at least 60.
    var width: Int
    /// Whether colours and bold may be used.
    var colour: Bool

    private static let barWidth = 20

    /// The picture, line by line, none wider than the terminal.
    func lines(of scene: DemoScene) -> [String] {
        var lines = [header(scene), ""]
        lines.append(paint(.bold, "  VM            TENANT  CPU in use" + pad("", 27) + "WAITS FOR CPU  STATE"))
        for index in 0..<scene.frame.capacity {
            let slot = VMSlot(index)
            guard let record = scene.frame[record: slot] else { continue }
            lines.append(row(record, slot, scene))
        }
        lines.append("")
        lines.append(paint(.bold, "  What the journal says"))
        for entry in scene.journal { lines.append("  " + clip(entry, to: width - 2)) }
        return lines
    }

    private func header(_ scene: DemoScene) -> String {
        let asked = scene.frame[host: .hostRunQueue].value
        let second = pad(Unit.digits(scene.second.rounded()), 3, right: true)
        let text = "  Quell demo · second \(second) of \(Unit.digits(scene.end)) · \(scene.frame.hostCPUs) CPUs, "
        return paint(.bold, text + Unit.digits((asked * 10).rounded() / 10) + " cores asked for")
    }

    private func row(_ record: VMRecord, _ slot: VMSlot, _ scene: DemoScene) -> String {
        let usage = scene.frame[slot, .cpuUsage].trusted ?? 0
        let delay = scene.frame[slot, .cpuRunDelay].trusted ?? 0
        let held = scene.held.first { $0.vm == record.identity }
        let hurt = scene.hurt.contains(slot)
        let blamedFor = scene.blamed[slot]
        let bar = Self.bar(usage: usage, vcpus: record.vcpus, cap: held?.cap)
        let cores = pad("\(Self.oneDecimal(usage)) of \(record.vcpus)", 10)
        let waits = pad(Unit.secondsPerSecond.text(delay.rounded(toPlaces: 3)), 13)
        let style: Style = blamedFor != nil || held != nil ? .red : hurt ? .yellow : .plain
        var line = "  " + pad(record.name, 14) + pad(record.tenant.text, 8)
        line += paint(style, bar) + "  " + cores + "   " + waits + "  "
        let used = 2 + 14 + 8 + Self.barWidth + 2 + 10 + 3 + 13 + 2
        let state = clip(Self.state(hurt: hurt, blamedFor: blamedFor, held: held), to: max(0, width - used))
        return line + paint(style, state)
    }

    private static func state(hurt: Bool, blamedFor: [String]?, held: HeldLine?) -> String {
        var parts: [String] = []
        if let held {
            let seconds = Int(max(0, held.remaining).rounded())
            let clock = "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
            parts.append("HELD to \(Unit.ratio.text(held.cap)) · lease \(clock)")
        }
        if let blamedFor { parts.append("BLAMED for " + blamedFor.joined(separator: ", ")) }
        if hurt { parts.append("HURT") }
        return parts.joined(separator: " · ")
    }

    /// A bar of usage out of all vCPUs, with a mark where a cap stands.
    static func bar(usage: Double, vcpus: Int, cap: Double?) -> String {
        let full = Int((min(1, max(0, usage / Double(vcpus))) * Double(barWidth)).rounded())
        var cells = (0..<barWidth).map { $0 < full ? "█" : "░" }
        if let cap {
            let mark = min(barWidth - 1, Int(cap * Double(barWidth)))
            cells[mark] = "│"
        }
        return cells.joined()
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private enum Style: String {
        case plain = ""
        case bold = "\u{1b}[1m"
        case red = "\u{1b}[31m"
        case yellow = "\u{1b}[33m"
    }

    private func paint(_ style: Style, _ text: String) -> String {
        guard colour, style != .plain, !text.isEmpty else { return text }
        return style.rawValue + text + "\u{1b}[0m"
    }

    private func pad(_ text: String, _ columns: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, columns - text.count))
        return right ? space + text : text + space
    }

    private func clip(_ text: String, to columns: Int) -> String {
        text.count <= columns ? text : String(text.prefix(max(0, columns - 1))) + "…"
    }
}

extension Double {
    /// The number rounded to a count of decimal places.
    fileprivate func rounded(toPlaces places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
