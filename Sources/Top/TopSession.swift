import Glibc
public import QuellRuntime
public import Signals
public import Terminal

/// `quell top` on a terminal: keys and reports in, pictures out.
public struct TopSession: Sendable {
    /// Why the daemon gave no report.
    public struct Problem: Error, Equatable, Sendable {
        /// The reason.
        public var text: String

        /// A reason.
        ///
        /// - Parameter text: The reason.
        public init(_ text: String) {
            self.text = text
        }
    }

    /// How the daemon is asked; the calls may block.
    public struct Daemon: Sendable {
        /// Gives a report with these signals.
        public var report: @Sendable ([Signal]) -> Result<TopReport, Problem>
        /// Gives the explanation of a VM by UUID, or says why there is none.
        public var explain: @Sendable (String) -> String

        /// A daemon.
        ///
        /// - Parameters:
        ///   - report: Gives a report with these signals.
        ///   - explain: Gives the explanation of a VM by UUID, or says why there is none.
        public init(
            report: @escaping @Sendable ([Signal]) -> Result<TopReport, Problem>,
            explain: @escaping @Sendable (String) -> String
        ) {
            self.report = report
            self.explain = explain
        }
    }

    /// The daemon.
    public var daemon: Daemon
    /// Seconds between reports.
    public var interval: Double
    /// What may be written to the terminal.
    public var kind: TerminalKind

    /// A session.
    ///
    /// - Parameters:
    ///   - daemon: The daemon.
    ///   - interval: Seconds between reports.
    ///   - kind: What may be written to the terminal.
    public init(daemon: Daemon, interval: Double, kind: TerminalKind) {
        self.daemon = daemon
        self.interval = interval
        self.kind = kind
    }

    /// Draws until the operator ends it, and gives the terminal back as it was.
    ///
    /// - Parameter model: How it begins.
    public func run(_ model: TopModel) {
        var model = model
        let feed = TopFeed(daemon, wanted: model.wanted, interval: interval)
        feed.start()
        let input = TerminalInput()
        let view = TopView(unicode: kind.hasUnicode)
        var screen = Screen(colour: kind.hasColour)
        let raw = RawMode()
        TerminalOutput.write(Screen.enter)
        defer { TerminalOutput.write(Screen.leave) }
        var drawn: TerminalSize?
        loop: while true {
            let size = TerminalSize.now
            if size != drawn {
                TerminalOutput.write(screen.update(view.lines(&model, size: size), size: size))
                drawn = size
            }
            guard case .keys(let keys) = input.wait(milliseconds: 100) else { break }
            let heard = feed.take()
            if !keys.isEmpty || !heard.isEmpty { drawn = nil }
            for key in keys {
                switch model.press(key) {
                case .quit: break loop
                case .redraw: screen.forget()
                case .ask: feed.want(model.wanted)
                case .explain(let uuid): feed.explain(uuid)
                case .suspend:
                    TerminalOutput.write(Screen.leave)
                    raw.pause()
                    kill(getpid(), SIGSTOP)
                    raw.resume()
                    TerminalOutput.write(Screen.enter)
                    screen.forget()
                case nil: break
                }
            }
            for news in heard {
                switch news {
                case .report(let report): model.note(report)
                case .problem(let problem): model.note(problem: problem)
                case .explanation(let text, let uuid): model.note(explanation: text, of: uuid)
                }
            }
        }
    }
}
