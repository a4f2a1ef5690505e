import ArgumentParser
import Foundation
import QuellRuntime

/// `quell detect`.
struct DetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Score series of readings in files, as the daemon's detector would have while they happened.",
        discussion: """
            A file holds comma-separated values under a header: 'timestamp', as YYYY-mm-dd HH:MM:SS[.ffffff] or as a \
            number of seconds, and 'value', empty where a reading is missing. A score a row comes out, 0 to 1; 0.5 and \
            above is an event. Each row is scored from the rows before it alone, under the one configuration.
            """
    )

    @Option(help: "A file to score; may be given several times.")
    var series: [String] = []

    @Option(help: "Where the scores of one file go; standard output where it is not given.")
    var out: String?

    @Option(help: "A directory; every .csv file below it is scored.")
    var root: String?

    @Option(help: "Where the scores of the files below --root go, under the same names.")
    var outRoot: String?

    @Option(help: "The column of the values.")
    var column: String?

    func validate() throws {
        guard series.isEmpty != (root == nil) else {
            throw ValidationError("Give either --series FILE or --root DIR with --out-root DIR.")
        }
        guard (root == nil) == (outRoot == nil) else {
            throw ValidationError("--root and --out-root belong together.")
        }
        guard out == nil || series.count == 1 else {
            throw ValidationError("--out takes the scores of exactly one --series.")
        }
    }

    func run() throws {
        do throws(SeriesRun.Problem) {
            if let root, let outRoot {
                let count = try SeriesRun.tree(root, to: outRoot, column: column)
                print("\(count) series scored.")
            }
            for path in series {
                let scores = try SeriesRun.scores(path: path, column: column)
                if let out {
                    try SeriesRun.write(scores, to: out)
                } else {
                    FileHandle.standardOutput.write(Data(scores.utf8))
                }
            }
        } catch {
            FileHandle.standardError.write(Data((error.description + "\n").utf8))
            throw ExitCode(1)
        }
    }
}
