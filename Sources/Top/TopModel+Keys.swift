import QuellRuntime
import Signals
public import Terminal

extension TopModel {
    /// The keys and what they do, as the help shows them.
    static let keys: [(key: String, does: String)] = [
        ("1 … 8", "columns: " + TopPage.allCases.map(\.rawValue).joined(separator: ", ")),
        ("← →  < >", "order by the column at the left or right"),
        ("t", "order by trouble: held and blamed first, then hurt"),
        ("n  o", "order by name, by tenant"),
        ("r", "turn the order round"),
        ("↑ ↓  PgUp PgDn  Home End", "move among the VMs"),
        ("Enter", "explain the VM under the cursor"),
        ("/", "show only VMs whose name, tenant, class or UUID contains a text; Enter keeps it, Esc drops it"),
        ("Space", "stop and go on"),
        ("^L", "draw anew"),
        ("h  ?", "this help"),
        ("q  ^C", "end"),
    ]

    /// Does what a key says.
    ///
    /// - Parameter key: The key.
    /// - Returns: What it asks of the session; `nil` where there is nothing more to do.
    public mutating func press(_ key: Key) -> Effect? {
        switch key {
        case .interrupt: return .quit
        case .suspend: return .suspend
        case .redraw: return .redraw
        default: break
        }
        switch pane {
        case .list: return pressInList(key)
        case .filter: pressInFilter(key)
        case .help: pane = .list
        case .explanation(let uuid, let text, let top): pressInText(key, of: uuid, text, top)
        }
        return nil
    }

    private mutating func pressInList(_ key: Key) -> Effect? {
        switch key {
        case .character("q"): return .quit
        case .character("h"), .character("?"): pane = .help
        case .character("t"): sort = .trouble
        case .character("n"): sort = .name
        case .character("o"): sort = .tenant
        case .character("r"): reversed.toggle()
        case .character(" "): paused.toggle()
        case .character("/"): pane = .filter
        case .left, .character("<"): stepSort(-1)
        case .right, .character(">"): stepSort(1)
        case .escape: filter = ""
        case .enter:
            guard let uuid = selectedRow(in: rows.map(\.uuid)) else { return nil }
            pane = .explanation(of: uuid, text: nil, top: 0)
            return .explain(uuid)
        case .character(let character):
            guard let next = TopPage(digit: character), next != page else { return nil }
            page = next
            if case .signal = sort { sort = .trouble }
            return .ask
        default: move(key)
        }
        return nil
    }

    /// The VM under the cursor; the first where none is chosen or the chosen one is not shown.
    func selectedRow(in uuids: [String]) -> String? {
        if let selected, uuids.contains(selected) { return selected }
        return uuids.first
    }

    private mutating func move(_ key: Key) {
        let uuids = rows.map(\.uuid)
        guard let current = selectedRow(in: uuids), let index = uuids.firstIndex(of: current) else { return }
        let target =
            switch key {
            case .up: index - 1
            case .down: index + 1
            case .pageUp: index - max(1, room - 1)
            case .pageDown: index + max(1, room - 1)
            case .home: 0
            case .end: uuids.count - 1
            default: index
            }
        selected = uuids[min(uuids.count - 1, max(0, target))]
    }

    private mutating func stepSort(_ step: Int) {
        let signals = page.signals
        guard case .signal(let signal) = sort, let index = signals.firstIndex(of: signal) else {
            if let signal = step > 0 ? signals.first : signals.last { sort = .signal(signal) }
            return
        }
        sort = .signal(signals[(index + step + signals.count) % signals.count])
    }

    private mutating func pressInFilter(_ key: Key) {
        switch key {
        case .enter: pane = .list
        case .escape:
            filter = ""
            pane = .list
        case .backspace: _ = filter.popLast()
        case .character(let character) where filter.count < 64: filter.append(character)
        default: break
        }
    }

    private mutating func pressInText(_ key: Key, of uuid: String, _ text: [String]?, _ top: Int) {
        let last = max(0, (text?.count ?? 0) - 1)
        let page = max(1, room - 1)
        let moved: Int
        switch key {
        case .up: moved = top - 1
        case .down: moved = top + 1
        case .pageUp: moved = top - page
        case .pageDown, .character(" "): moved = top + page
        case .home: moved = 0
        case .end: moved = last
        default:
            pane = .list
            return
        }
        pane = .explanation(of: uuid, text: text, top: min(last, max(0, moved)))
    }
}
