import DocCheck
import Foundation

extension Scene {
    /// Every command that a page shows with what it prints is run as it stands there; every command of `quell` that a page
    /// names must be one that `quell` takes.
    ///
    /// All pages are run at the same time, each in a directory of its own, since most of them wait for the noise of the
    /// scripted host. What needs a host comes after that, on the guests and with a daemon as it is after `make install`.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func documentation(_ report: inout Report) throws(BedError) {
        let binaries = try Quelld.binaries()
        let texts = try Self.pages()
        try checkUses(in: texts, binaries, &report)
        var pages: [DocPage] = []
        for (name, text) in texts {
            do throws(DocProblem) {
                pages.append(try DocPage(name: name, text: text))
            } catch {
                report.check(false, "\(error)")
            }
        }
        let start = Moment.now
        var sessions: [DocSession] = []
        for page in pages where !page.steps.isEmpty {
            let script = DocScript(page: page.name, steps: page.steps)
            sessions.append(try DocSession(script, in: directory(page.name), binaries: binaries))
        }
        for session in sessions { try session.finish(&report) }
        report.check(!sessions.isEmpty, "\(sessions.count) pages at the same time in \(Report.number(start.age)) s")
        try onHost(pages, binaries, &report)
    }

    /// The README and all pages below `Docs`, by their names.
    private static func pages() throws(BedError) -> [(name: String, text: String)] {
        var names = ["README.md", "CONTRIBUTING.md"]
        for path in FileManager.default.subpaths(atPath: "Docs") ?? [] where path.hasSuffix(".md") {
            names.append("Docs/" + path)
        }
        var pages: [(name: String, text: String)] = []
        for name in names.sorted() {
            guard let text = Files.text(name) else { throw .missing("no \(name): run it in the repository's root") }
            pages.append((name, text))
        }
        return pages
    }

    private func directory(_ page: String, host: Bool = false) -> String {
        let name = page.split(separator: "/").last?.split(separator: ".").first ?? "page"
        return bed.directory + (host ? "/host-" : "/doc-") + name
    }

    /// Holds what the pages name against what the tool says that it takes.
    private func checkUses(
        in pages: [(name: String, text: String)],
        _ binaries: String,
        _ report: inout Report
    ) throws(BedError) {
        let text = try Shell.run([binaries + "/quell", "--experimental-dump-help"])
        guard let help = try? JSONDecoder().decode(ToolHelp.self, from: Data(text.utf8)) else {
            throw .missing("what quell takes, by its own account: its help cannot be read")
        }
        var count = 0
        var problems: [DocProblem] = []
        for (name, text) in pages {
            do throws(DocProblem) {
                for use in try ToolUse.all(of: help.name, page: name, text: text) {
                    count += 1
                    guard let problem = help.problem(in: use.words) else { continue }
                    problems.append(DocProblem(page: name, line: use.line, text: problem))
                }
            } catch {
                problems.append(error)
            }
        }
        for problem in problems { say("  \(problem)") }
        report.check(
            problems.isEmpty && count > 0,
            "\(count) commands of quell on \(pages.count) pages, \(problems.count) of them not accepted by quell"
        )
    }

    /// Runs what needs a host, with a daemon that has the usual places and the shipped policy.
    private func onHost(_ pages: [DocPage], _ binaries: String, _ report: inout Report) throws(BedError) {
        let policy = "/etc/quell/thresholds.d"
        try Files.makeDirectory(policy)
        try Shell.run(["cp", "Thresholds/default.yaml", policy + "/00-default.yaml"])
        let daemon = try bed.launch([binaries + "/quelld", "--output", "journal"], log: "quelld-docs")
        try Wait.until("quelld watches the guests", limit: 30, step: 0.2) { () throws(BedError) in
            guard daemon.isRunning else { throw .missing("quelld ended with \(daemon.status)") }
            return try Shell.attempt([binaries + "/quell", "vms"]).text.contains(noisy.name)
        }
        for page in pages where !page.hostSteps.isEmpty {
            let script = DocScript(page: page.name, steps: page.hostSteps)
            let place = directory(page.name, host: true)
            let session = try DocSession(script, in: place, binaries: binaries, variables: ["VM=\(noisy.name)"])
            try session.finish(&report)
        }
        daemon.end(patience: 20)
        report.check(daemon.status == 0, "the daemon ends with \(daemon.status) at SIGTERM")
    }
}
