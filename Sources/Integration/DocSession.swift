import DocCheck
import Foundation

/// A session of a page of documentation, run by a shell in a directory that looks like a clone of the repository.
struct DocSession {
    /// Seconds after which it is ended.
    private static let limit = 170
    /// What is done.
    let script: DocScript
    private let shell: Child
    private let transcript: String

    /// Begins it.
    ///
    /// - Parameters:
    ///   - script: What is done.
    ///   - directory: Where, and the shell's home; made here.
    ///   - binaries: Where the programs are.
    ///   - variables: More variables of the shell's, each as `NAME=value`.
    /// - Throws: ``BedError`` if the shell cannot be started.
    init(_ script: DocScript, in directory: String, binaries: String, variables: [String] = []) throws(BedError) {
        self.script = script
        transcript = directory + ".out"
        try Files.makeDirectory(directory)
        let root = FileManager.default.currentDirectoryPath
        for name in Files.names(in: root) where !name.hasPrefix(".") {
            try Shell.run(["ln", "-s", root + "/" + name, directory + "/" + name])
        }
        // What the pages have built is built already, and once is enough.
        let swift = directory + ".swift"
        let standIn = "#!/bin/sh\ncase \" $* \" in *' --show-bin-path '*) echo '\(binaries)' ;; esac\n"
        try Files.write(standIn, to: swift)
        try Shell.run(["chmod", "755", swift])
        try Files.write(script.text, to: directory + ".sh")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        let environment = [
            "HOME=\(directory)", "PATH=\(binaries):\(path)", "LC_ALL=C.UTF-8", "NO_COLOR=1", "SWIFT=\(swift)",
        ]
        // timeout puts the shell and all that it starts into a group of their own, and ends that.
        let shell = ["timeout", "--kill-after=5", "\(Self.limit)", "bash", "--noprofile", "--norc", directory + ".sh"]
        self.shell = try Child.start(
            ["env", "-i"] + environment + variables + shell,
            output: transcript,
            in: directory
        )
    }

    /// Waits for its end.
    ///
    /// - Parameter report: Takes the verdict on the page.
    /// - Throws: ``BedError`` if the shell does not end.
    func finish(_ report: inout Report) throws(BedError) {
        try Wait.until("\(script.page) ends", limit: Double(Self.limit + 20)) { !shell.isRunning }
        let problems = script.problems(in: Files.text(transcript) ?? "")
        for problem in problems { say("  \(problem)") }
        let result = problems.isEmpty ? "as shown" : "\(problems.count) not as shown"
        report.check(
            problems.isEmpty && !script.commands.isEmpty,
            "\(script.page): \(script.commands.count) commands, \(result)"
        )
    }
}
