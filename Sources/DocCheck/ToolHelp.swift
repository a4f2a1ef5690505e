/// What a command line tool accepts, by its own account: what ArgumentParser prints for `--experimental-dump-help`.
public struct ToolHelp: Decodable, Sendable {
    /// A command with its subcommands and arguments.
    struct Command: Decodable, Sendable {
        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    /// An option, a flag, or a value by its place.
    struct Argument: Decodable, Sendable {
        enum Kind: String, Decodable, Sendable { case positional, option, flag }
        struct Name: Decodable, Sendable {
            var kind: String
            var name: String
        }
        var kind: Kind
        var names: [Name]?
        var isRepeating: Bool
        var parsingStrategy: String

        /// Whether it goes by a name, as it is typed.
        func goes(by typed: String) -> Bool {
            names?.contains { ($0.kind == "short" ? "-" : "--") + $0.name == typed } == true
        }
    }

    /// The tool.
    let command: Command

    /// The tool's name.
    public var name: String { command.commandName }

    /// What is wrong with words that follow the tool's name.
    ///
    /// Values are not looked at, since most of those in prose stand for others (`quell explain VM`); nor is it told
    /// where one is missing.
    ///
    /// - Parameter words: The words.
    /// - Returns: What is wrong; `nil` where nothing is.
    public func problem(in words: [String]) -> String? {
        guard let first = words.first else { return nil }
        if first == "help" { return words.count > 1 ? problem(in: [words[1]]) : nil }
        if first.hasPrefix("-") {
            return command.arguments?.contains { $0.goes(by: first) } == true ? nil : "\(name) has no \(first)"
        }
        guard let known = command.subcommands?.first(where: { $0.commandName == first }) else {
            return "\(name) has no command \(first)"
        }
        return Self.problem(in: words.dropFirst(), of: known, named: name + " " + first)
    }

    private static func problem(in words: ArraySlice<String>, of command: Command, named name: String) -> String? {
        let arguments = command.arguments ?? []
        let places = arguments.filter { $0.kind == .positional }
        var rest = words
        var values = 0
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                values += 1
                continue
            }
            guard let argument = arguments.first(where: { $0.goes(by: word) }) else { return "\(name) has no \(word)" }
            guard argument.kind == .option else { continue }
            guard let value = rest.popFirst(), !value.hasPrefix("-") else {
                return "\(word) of \(name) lacks its value"
            }
            while argument.parsingStrategy == "upToNextOption", let next = rest.first, !next.hasPrefix("-") {
                rest.removeFirst()
            }
        }
        if values > places.count, !places.contains(where: \.isRepeating) {
            return "\(name) takes \(places.count) values, not \(values)"
        }
        return nil
    }
}
