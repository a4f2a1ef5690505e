import Foundation
import Policy
import Signals
import Testing

/// Files of the repository and short ways to load texts.
enum PolicyFixtures {
    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The shipped policy.
    static var defaultPath: String { root.appendingPathComponent("Thresholds/default.yaml").path }

    /// The directory of malformed files.
    static var malformed: URL { root.appendingPathComponent("Tests/PolicyTests/Malformed") }

    /// The problems of a text; empty where it loads.
    static func problems(_ text: String) -> [PolicyProblem] { problems([("test.yaml", text)]) }

    /// The problems of several texts; empty where they load.
    static func problems(_ texts: [(file: String, text: String)]) -> [PolicyProblem] {
        do throws(PolicyErrors) {
            _ = try PolicyLoader.load(texts: texts)
            return []
        } catch {
            return error.problems
        }
    }

    /// The problems of paths; empty where they load.
    static func problems(paths: [String]) -> [PolicyProblem] {
        do throws(PolicyErrors) {
            _ = try PolicyLoader.load(paths: paths)
            return []
        } catch {
            return error.problems
        }
    }

    /// A text of one victim rule named `r` on `cpu.run_delay` with further lines.
    static func rule(_ lines: String...) -> String {
        var text = "rules:\n  - name: r\n"
        let keys = lines.compactMap { $0.split(separator: ":").first }
        for line in ["signal: cpu.run_delay", "role: victim"]
        where !keys.contains(where: { line.hasPrefix($0 + ":") }) {
            text += "    \(line)\n"
        }
        return text + lines.map { "    \($0)\n" }.joined()
    }
}
