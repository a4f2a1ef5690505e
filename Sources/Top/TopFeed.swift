import Dispatch
import Foundation
import QuellRuntime
import Signals
import Synchronization

/// Asks the daemon on a thread of its own, so that keys work while it does not answer.
final class TopFeed: Sendable {
    /// What was heard.
    enum News: Sendable {
        case report(TopReport)
        case problem(String)
        case explanation(String, of: String)
    }

    private struct State {
        var wanted: [Signal]
        var explain: String?
        var news: [News] = []
    }

    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let daemon: TopSession.Daemon
    private let interval: Double

    init(_ daemon: TopSession.Daemon, wanted: [Signal], interval: Double) {
        self.daemon = daemon
        self.interval = interval
        state = Mutex(State(wanted: wanted))
    }

    /// Asks from now on, until the process ends.
    func start() {
        let thread = Thread { [self] in
            while true {
                look()
                _ = wake.wait(timeout: .now() + interval)
            }
        }
        thread.name = "quell-top"
        thread.start()
    }

    /// Asks for other signals, at once.
    func want(_ signals: [Signal]) {
        state.withLock { $0.wanted = signals }
        wake.signal()
    }

    /// Asks why a VM is as it is, at once.
    func explain(_ uuid: String) {
        state.withLock { $0.explain = uuid }
        wake.signal()
    }

    /// What was heard since the last call.
    func take() -> [News] {
        state.withLock { state in
            defer { state.news = [] }
            return state.news
        }
    }

    private func look() {
        let (wanted, explained) = state.withLock { state in
            defer { state.explain = nil }
            return (state.wanted, state.explain)
        }
        var heard: [News] = []
        if let explained { heard.append(.explanation(daemon.explain(explained), of: explained)) }
        switch daemon.report(wanted) {
        case .success(let report): heard.append(.report(report))
        case .failure(let problem): heard.append(.problem(problem.text))
        }
        state.withLock { state in
            // A report that nobody took up is no longer news.
            state.news.removeAll { if case .explanation = $0 { false } else { true } }
            state.news += heard
        }
    }
}
