import ArgumentParser
import Foundation
import Policy
import QuellRuntime

/// `quell check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check threshold files; every problem is told at its file, line and column.",
        discussion: "Exits with 0 where the files are good and with 1 where they are not."
    )

    @Argument(
        help: "Threshold files, or directories of them, later ones over earlier ones.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var paths: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print the JSON Schema of threshold files, for editors, and check nothing.")
    var schema = false

    @Flag(help: .hidden)
    var reference = false

    func validate() throws {
        guard paths.isEmpty == (schema || reference) else {
            throw ValidationError(paths.isEmpty ? "Name a threshold file." : "Name no file with --schema.")
        }
    }

    func run() throws {
        if schema { return print(PolicySchema.file, terminator: "") }
        if reference { return print(PolicyReference.markdown, terminator: "") }
        do {
            let policy = try PolicyLoader.load(paths: paths)
            let report = CheckReport(policy)
            print(json ? try report.json : report.description)
        } catch let errors as PolicyErrors {
            if json {
                print(try CheckReport(errors).json)
            } else {
                FileHandle.standardError.write(Data((errors.description + "\n").utf8))
            }
            throw ExitCode(1)
        }
    }
}
