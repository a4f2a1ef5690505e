/// One thing that is wrong in a threshold file: where, what, and what would be accepted.
public struct PolicyProblem: Error, Equatable, Sendable {
    /// The file as it was named to the loader.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in Unicode scalars, from 1.
    public var column: Int
    /// The key it concerns, from the top, such as `rules.cpu-starved.above`; empty where it concerns the whole file.
    public var key: String
    /// The value as it was written, cut at 60 characters; empty where there is none.
    public var value: String
    /// What is wrong and what would be accepted.
    public var message: String
    /// The known name that is nearest to the one written; `nil` where none is near.
    public var suggestion: String?

    /// A problem.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - line: The line, from 1.
    ///   - column: The column, from 1.
    ///   - key: The key it concerns, from the top.
    ///   - value: The value as it was written.
    ///   - message: What is wrong and what would be accepted.
    ///   - suggestion: The known name that is nearest to the one written.
    public init(
        file: String,
        line: Int,
        column: Int,
        key: String = "",
        value: String = "",
        message: String,
        suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.value = Self.shortened(value)
        self.message = message
        self.suggestion = suggestion
    }

    /// A problem at a place.
    init(_ place: Place, key: String = "", value: String = "", _ message: String, suggestion: String? = nil) {
        self.init(
            file: place.file,
            line: place.line,
            column: place.column,
            key: key,
            value: value,
            message: message,
            suggestion: suggestion
        )
    }

    /// A text cut at 60 characters, with line breaks and control characters shown as `�`.
    static func shortened(_ text: String) -> String {
        var short = ""
        var left = 60
        for scalar in text.unicodeScalars {
            if left == 0 { return short + "…" }
            short.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
            left -= 1
        }
        return short
    }
}

extension PolicyProblem: CustomStringConvertible {
    /// The problem on one line.
    ///
    /// It reads `file:line:column: key: message; did you mean 'suggestion'?`, without the parts that there are not.
    public var description: String {
        let subject = key.isEmpty ? "" : key + ": "
        let hint = suggestion.map { "; did you mean '\($0)'?" } ?? ""
        return "\(file):\(line):\(column): \(subject)\(message)\(hint)"
    }
}

/// All that is wrong in a set of threshold files, by file in the order given, then by position.
public struct PolicyErrors: Error, Equatable, Sendable {
    /// The problems, at least one.
    public let problems: [PolicyProblem]

    /// Sorts problems by file and position.
    ///
    /// - Parameters:
    ///   - problems: The problems in any order.
    ///   - files: The files in the order in which they were read.
    init(_ problems: [PolicyProblem], files: [String]) {
        var ranks: [String: Int] = [:]
        for (rank, file) in files.enumerated() where ranks[file] == nil { ranks[file] = rank }
        self.problems = problems.sorted {
            (ranks[$0.file] ?? files.count, $0.line, $0.column, $0.key, $0.message)
                < (ranks[$1.file] ?? files.count, $1.line, $1.column, $1.key, $1.message)
        }
    }
}

extension PolicyErrors: CustomStringConvertible {
    /// One problem a line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
