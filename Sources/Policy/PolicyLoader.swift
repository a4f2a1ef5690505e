/// What threshold files hold, before anything is made of it.
public struct PolicyText: Equatable, Sendable {
    /// The files, in order.
    private var files: [String] = []
    /// What was read of those that could be.
    private var sources: [Source] = []
    /// Why the others could not be.
    private var problems: [PolicyProblem] = []

    private struct Source: Equatable, Sendable {
        var file: String
        var bytes: [UInt8]
    }

    /// The bytes of files.
    ///
    /// - Parameter sources: The bytes, each with the name that problems give them.
    init(_ sources: [(file: String, bytes: [UInt8])] = []) {
        files = sources.map(\.file)
        self.sources = sources.map { Source(file: $0.file, bytes: $0.bytes) }
    }

    /// One text, as if it were a file.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: The name that problems give it.
    public init(_ text: String, file: String) {
        self.init([(file, Array(text.utf8))])
    }

    /// How many files there are.
    public var count: Int { files.count }

    /// Reads what a path stands for, but for what was read already.
    fileprivate mutating func read(_ path: String) {
        do throws(PolicyProblem) {
            for file in try PolicyFiles.expand(path) where !files.contains(file) {
                files.append(file)
                do throws(PolicyProblem) {
                    sources.append(Source(file: file, bytes: try PolicyFiles.read(file)))
                } catch {
                    problems.append(error)
                }
            }
        } catch {
            files.append(path)
            problems.append(error)
        }
    }

    /// The policy that the files mean.
    ///
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem of every file; nothing of a set with a problem takes effect.
    public func policy() throws(PolicyErrors) -> PolicySet {
        var reader = PolicyReader()
        reader.problems = problems
        if files.isEmpty { reader.problems.append(PolicyProblem(.start(of: "-"), "no threshold file is given")) }
        var isPartial = !reader.problems.isEmpty
        for source in sources {
            do throws(PolicyProblem) {
                let text = try SourceText.decode(source.bytes, file: source.file)
                let found = TextGuard.problems(in: text, file: source.file)
                guard found.isEmpty else {
                    reader.problems += found
                    isPartial = true
                    continue
                }
                reader.read(try DocumentParser.root(of: text, file: source.file), file: source.file)
            } catch {
                reader.problems.append(error)
                isPartial = true
            }
        }
        var compiler = PolicyCompiler(problems: reader.problems, isPartial: isPartial)
        let policy = compiler.compile(reader.draft)
        guard compiler.problems.isEmpty else { throw PolicyErrors(compiler.problems, files: files) }
        return policy
    }
}

/// Reads threshold files and makes a policy of them, or says of every file all that is wrong.
///
/// Files are taken in order. A rule or ladder of a later file adds its keys to the one of the same name in an earlier
/// file and replaces those that both give; `none` takes a condition, a selector or a ladder back, and `enabled: no`
/// switches a rule off. Settings are replaced key by key; `protect` adds up.
public enum PolicyLoader {
    /// What the files and directories at the given paths hold.
    ///
    /// - Parameter paths: Files, and directories of which every `*.yaml` and `*.yml` is taken, in the order of names.
    /// - Returns: What they hold; what cannot be read is a problem of the policy made of it.
    public static func read(paths: [String]) -> PolicyText {
        var text = PolicyText()
        for path in paths { text.read(path) }
        return text
    }

    /// The policy of the files and directories at the given paths.
    ///
    /// - Parameter paths: Files, and directories of which every `*.yaml` and `*.yml` is taken, in the order of names.
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem of every file; nothing of a set with a problem takes effect.
    public static func load(paths: [String]) throws(PolicyErrors) -> PolicySet {
        try read(paths: paths).policy()
    }

    /// The policy of one text.
    ///
    /// - Parameters:
    ///   - text: The text, as a threshold file holds it.
    ///   - file: The name that problems give it.
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem.
    public static func load(text: String, file: String) throws(PolicyErrors) -> PolicySet {
        try PolicyText(text, file: file).policy()
    }

    /// The policy of several texts in order, as if each were a file.
    ///
    /// - Parameter texts: The texts, each with the name that problems give it.
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem.
    public static func load(texts: [(file: String, text: String)]) throws(PolicyErrors) -> PolicySet {
        try load(texts.map { ($0.file, Array($0.text.utf8)) })
    }

    /// The policy of the bytes of several files.
    package static func load(_ sources: [(file: String, bytes: [UInt8])]) throws(PolicyErrors) -> PolicySet {
        try PolicyText(sources).policy()
    }
}
