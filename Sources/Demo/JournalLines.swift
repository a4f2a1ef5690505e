import QuellRuntime
import Reporting
import Synchronization

/// The alerts of the demo as the lines that an operator would read in the journal, kept for the picture.
final class JournalLines: AlertReceiver, Sendable {
    private struct State {
        var lines: [String] = []
        var unread = 0
        var second = 0.0
    }

    private let state = Mutex(State())

    /// Takes an alert as a line, with the second of the script before it.
    func send(_ alert: Alert) {
        state.withLock { state in
            let second = Int(state.second)
            let clock = "\(second / 60):" + (second % 60 < 10 ? "0" : "") + "\(second % 60)"
            state.lines.append("\(clock)  \(alert.text)")
            state.unread += 1
        }
    }

    /// Notes the second of the script that lines to come belong to.
    func setSecond(_ second: Double) {
        state.withLock { $0.second = second }
    }

    /// The last lines, oldest first.
    func last(_ count: Int) -> [String] {
        state.withLock { Array($0.lines.suffix(count)) }
    }

    /// The lines that came since the last call.
    func takeUnread() -> [String] {
        state.withLock { state in
            defer { state.unread = 0 }
            return Array(state.lines.suffix(state.unread))
        }
    }
}
