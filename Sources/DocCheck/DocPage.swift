/// A page of documentation whose commands can be run: what it shows of a shell, in the order in which it stands there.
///
/// A fenced block of the language `console` is a dialogue with a shell. A line that begins with `$ ` is a command, lines
/// that begin with `> ` right below it go on with it, and all others are what it prints (``DocMatch`` tells how they are
/// compared). All such blocks of a page are one session of one shell. Blocks of the language `console host` are a
/// session of their own, on a host with libvirt and a running daemon. Where a reader has to wait, a comment says for
/// what, on a line of its own before the block that needs it:
///
///     <!-- wait: 90 s until quell leases --run-dir run shows "labs-batch" -->
public struct DocPage: Equatable, Sendable {
    /// A command and what the page says it prints.
    public struct Command: Equatable, Sendable {
        /// The line of the page, from 1.
        public var line: Int
        /// What is typed; several lines where it goes on.
        public var text: String
        /// What is shown below it.
        public var output: [String]
    }

    /// Something that a reader waits for.
    public struct Pause: Equatable, Sendable {
        /// The line of the page, from 1.
        public var line: Int
        /// The longest wait in seconds, 1 to 120.
        public var limit: Int
        /// What is asked again and again.
        public var command: String
        /// What its answer must hold.
        public var text: String
    }

    /// One step of a session.
    public enum Step: Equatable, Sendable {
        /// A command is run.
        case run(Command)
        /// Time passes.
        case pause(Pause)
    }

    /// Which shell a block belongs to.
    public enum Place: Equatable, Sendable {
        /// One that needs no root and no libvirt.
        case anywhere
        /// Root's, on a host with libvirt and quelld.
        case host
    }

    /// The page's name for problems, such as `Docs/Policy.md`.
    public let name: String
    /// What is done anywhere.
    public private(set) var steps: [Step] = []
    /// What is done on a host.
    public private(set) var hostSteps: [Step] = []

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - name: Its name for problems.
    ///   - text: Its Markdown.
    /// - Throws: ``DocProblem`` where a block or a wait is not as it must be.
    public init(name: String, text: String) throws(DocProblem) {
        self.name = name
        var pauses: [Pause] = []
        for part in try MarkdownParts(name: name, text: text).parts {
            switch part {
            case .prose(let line, let text):
                guard text.hasPrefix("<!-- wait") else { continue }
                guard let pause = Pause(line: line, text: text) else {
                    throw DocProblem(
                        page: name,
                        line: line,
                        text: "not a wait; such as <!-- wait: 90 s until COMMAND shows \"TEXT\" --> with 1 to 120 s"
                    )
                }
                pauses.append(pause)
            case .block(let line, let language, let lines):
                guard let place = try Self.place(of: language, page: name, line: line) else { continue }
                let commands = try Self.commands(in: lines, page: name, from: line + 1)
                let new = pauses.map(Step.pause) + commands.map(Step.run)
                pauses = []
                switch place {
                case .anywhere: steps += new
                case .host: hostSteps += new
                }
            }
        }
        if let pause = pauses.first {
            throw DocProblem(page: name, line: pause.line, text: "no console block comes after this wait")
        }
    }

    private static func place(of language: String, page: String, line: Int) throws(DocProblem) -> Place? {
        switch language {
        case "console": return .anywhere
        case "console host": return .host
        case let other where other.hasPrefix("console"):
            throw DocProblem(page: page, line: line, text: "'\(other)'; accepted: console, console host")
        default: return nil
        }
    }

    private static func commands(in lines: [String], page: String, from first: Int) throws(DocProblem) -> [Command] {
        var commands: [Command] = []
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("$ ") {
                commands.append(Command(line: first + index, text: String(line.dropFirst(2)), output: []))
            } else if var last = commands.popLast() {
                if last.output.isEmpty, line == ">" || line.hasPrefix("> ") {
                    last.text += "\n" + line.dropFirst(2)
                } else {
                    last.output.append(line)
                }
                commands.append(last)
            } else {
                throw DocProblem(page: page, line: first + index, text: "a console block begins with '$ '")
            }
        }
        return commands
    }
}

extension DocPage.Pause {
    /// Reads the comment that tells a wait; `nil` where it is none.
    init?(line: Int, text: String) {
        let start = "<!-- wait: "
        let end = "\" -->"
        guard text.hasPrefix(start), text.hasSuffix(end) else { return nil }
        let inner = String(text.dropFirst(start.count).dropLast(end.count))
        guard let until = inner.firstRange(of: " s until "), let shows = inner.firstRange(of: " shows \"") else {
            return nil
        }
        guard until.upperBound < shows.lowerBound else { return nil }
        guard let limit = Int(inner[..<until.lowerBound]), (1...120).contains(limit) else { return nil }
        let shown = String(inner[shows.upperBound...])
        guard !shown.isEmpty, !shown.contains("\"") else { return nil }
        self.init(line: line, limit: limit, command: String(inner[until.upperBound..<shows.lowerBound]), text: shown)
    }
}
