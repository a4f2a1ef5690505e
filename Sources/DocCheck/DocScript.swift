/// A session of a page as a script for bash, and what came of it.
///
/// After each step the script prints a mark with the step's number and exit status, which no command prints itself.
public struct DocScript: Sendable {
    /// The page's name for problems.
    public let page: String
    /// What is done.
    public let steps: [DocPage.Step]

    /// A session.
    ///
    /// - Parameters:
    ///   - page: The page's name for problems.
    ///   - steps: What is done.
    public init(page: String, steps: [DocPage.Step]) {
        self.page = page
        self.steps = steps
    }

    /// The commands among the steps.
    public var commands: [DocPage.Command] {
        steps.compactMap { step in
            switch step {
            case .run(let command): command
            case .pause: nil
            }
        }
    }

    /// The script.
    ///
    /// What it starts in the background ends with it.
    public var text: String {
        var text = """
            exec 2>&1
            trap 'kill $(jobs -p) 2>/dev/null' EXIT
            mark() { local status=$?; printf '\\036%d %d\\n' "$1" "$status"; return "$status"; }
            pause() {
                local end=$((SECONDS + $1))
                until eval "$2" | grep -qF -e "$3"; do
                    ((SECONDS < end)) || return 1
                    sleep 0.5
                done
            }

            """
        for (index, step) in steps.enumerated() {
            switch step {
            case .run(let command): text += command.text + "\n"
            case .pause(let pause):
                text += "pause \(pause.limit) \(Self.quoted(pause.command)) \(Self.quoted(pause.text)) 2>/dev/null\n"
            }
            text += "mark \(index)\n"
        }
        return text
    }

    /// What is not as the page says.
    ///
    /// A command that fails must be followed by `echo $?`, so that readers see it, too.
    ///
    /// - Parameter transcript: All that the script printed.
    /// - Returns: The problems, at most one a step; after a step that did not end there are none.
    public func problems(in transcript: String) -> [DocProblem] {
        var problems: [DocProblem] = []
        var rest = transcript[...]
        for (index, step) in steps.enumerated() {
            let parts = rest.split(separator: "\u{1e}", maxSplits: 1, omittingEmptySubsequences: false)
            let end = parts.count == 2 ? parts[1].firstIndex(of: "\n") : nil
            guard let end, let status = Self.status(parts[1][..<end], of: index) else {
                problems.append(problem(step, "did not end; printed so far: \(Self.excerpt(rest))"))
                return problems
            }
            let printed = parts[0]
            rest = parts[1][parts[1].index(after: end)...]
            switch step {
            case .pause(let pause):
                if status != 0 { problems.append(problem(step, "'\(pause.text)' was not seen in \(pause.limit) s")) }
            case .run(let command):
                if let problem = self.problem(command, printed, status, next: index + 1) { problems.append(problem) }
            }
        }
        return problems
    }

    private func problem(
        _ command: DocPage.Command,
        _ printed: Substring,
        _ status: Int,
        next: Int
    ) -> DocProblem? {
        let lines = printed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let difference = DocMatch.difference(shown: command.output, printed: lines) {
            let count = command.text.split(separator: "\n", omittingEmptySubsequences: false).count
            let shown = difference.shown < command.output.count ? "'\(command.output[difference.shown])'" : "no more"
            let came = difference.printed.map { "'\($0)'" } ?? "no more"
            let line = command.line + count + difference.shown
            return DocProblem(page: page, line: line, text: "shown: \(shown); printed: \(came)")
        }
        guard status != 0, !(next < steps.count && Self.tellsStatus(steps[next])) else { return nil }
        return DocProblem(page: page, line: command.line, text: "ended with \(status), and no 'echo $?' shows it")
    }

    private func problem(_ step: DocPage.Step, _ text: String) -> DocProblem {
        switch step {
        case .run(let command): DocProblem(page: page, line: command.line, text: text)
        case .pause(let pause): DocProblem(page: page, line: pause.line, text: text)
        }
    }

    private static func tellsStatus(_ step: DocPage.Step) -> Bool {
        switch step {
        case .run(let command): command.text == "echo $?"
        case .pause: false
        }
    }

    private static func status(_ mark: Substring, of index: Int) -> Int? {
        let numbers = mark.split(separator: " ").compactMap { Int($0) }
        return numbers.count == 2 && numbers[0] == index ? numbers[1] : nil
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static func excerpt(_ text: Substring) -> String {
        let end = String(text.suffix(300)).trimmed
        return end.isEmpty ? "nothing" : "'\(end)'"
    }
}
