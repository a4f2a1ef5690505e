internal import Foundation

/// Scenario traces, and what traces cost.
@main
enum TraceBench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().first) {
        case ("traces", let directory?): try ScenarioFiles.write(to: directory)
        case ("replay", nil): try TraceCost.run()
        default:
            print("usage: TraceBench traces DIR | replay")
            exit(64)
        }
    }
}
