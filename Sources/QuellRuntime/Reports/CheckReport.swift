import Foundation
public import Policy
import Signals

/// What `quell check` found.
public struct CheckReport: Codable, Sendable, Equatable {
    /// One problem of a threshold file.
    public struct Problem: Codable, Sendable, Equatable {
        /// The file.
        public var file: String
        /// The line, from 1.
        public var line: Int
        /// The column, from 1.
        public var column: Int
        /// The key.
        public var key: String
        /// The value.
        public var value: String
        /// What is wrong and what would be accepted.
        public var message: String
        /// The nearest known name.
        public var suggestion: String?
    }

    /// Whether the files are good.
    public var good: Bool
    /// `dry-run` or `enforce`; empty where the files are not good.
    public var mode: String
    /// Rules by name, in order.
    public var rules: [String]
    /// Ladders by name.
    public var ladders: [String]
    /// Maintenance windows by name, in order.
    public var windows: [String]
    /// What the ladders and windows do, the quarantine and the limits, a line each.
    public var details: [String]
    /// What the files say that has no effect as it is, a line each.
    public var notes: [String]
    /// Everything that is wrong.
    public var problems: [Problem]

    /// The report of good files.
    ///
    /// - Parameter policy: What they say.
    public init(_ policy: PolicySet) {
        good = true
        mode = policy.mode.rawValue
        rules = policy.rules.map(\.name)
        ladders = policy.ladders.keys.sorted()
        windows = policy.windows.map(\.name)
        details = Self.details(of: policy)
        notes = Self.notes(on: policy)
        problems = []
    }

    /// The report of bad files.
    ///
    /// - Parameter errors: What is wrong.
    public init(_ errors: PolicyErrors) {
        good = false
        mode = ""
        rules = []
        ladders = []
        windows = []
        details = []
        notes = []
        problems = errors.problems.map {
            Problem(
                file: $0.file,
                line: $0.line,
                column: $0.column,
                key: $0.key,
                value: $0.value,
                message: $0.message,
                suggestion: $0.suggestion
            )
        }
    }

    /// The report as JSON.
    public var json: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}

extension CheckReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        guard good else {
            return problems.map { "\($0.file):\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n")
        }
        var first = "good: \(mode), \(rules.count) rules, \(ladders.count) ladders"
        if !windows.isEmpty { first += ", \(windows.count) windows" }
        return ([first] + details + notes.map { "note: " + $0 }).joined(separator: "\n")
    }
}
