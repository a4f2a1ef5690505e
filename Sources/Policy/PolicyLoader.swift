/// Reads threshold files and makes a policy of them, or says of every file all that is wrong.
///
/// Files are taken in order. A rule or ladder of a later file adds its keys to the one of the same name in an earlier
/// file and replaces those that both give; `none` takes a condition, a selector or a ladder back, and `enabled: no`
/// switches a rule off. Settings are replaced key by key; `protect` adds up.
public enum PolicyLoader {
    /// The policy of the files and directories at the given paths.
    ///
    /// - Parameter paths: Files, and directories of which every `*.yaml` and `*.yml` is taken, in the order of names.
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem of every file; nothing of a set with a problem takes effect.
    public static func load(paths: [String]) throws(PolicyErrors) -> PolicySet {
        var files: [String] = []
        var problems: [PolicyProblem] = []
        var sources: [(file: String, bytes: [UInt8])] = []
        if paths.isEmpty { problems.append(PolicyProblem(.start(of: "-"), "no threshold file is given")) }
        for path in paths {
            do throws(PolicyProblem) {
                for file in try PolicyFiles.expand(path) where !files.contains(file) {
                    files.append(file)
                    do throws(PolicyProblem) {
                        sources.append((file, try PolicyFiles.read(file)))
                    } catch {
                        problems.append(error)
                    }
                }
            } catch {
                files.append(path)
                problems.append(error)
            }
        }
        return try load(sources, files: files, problems: problems)
    }

    /// The policy of one text.
    ///
    /// - Parameters:
    ///   - text: The text, as a threshold file holds it.
    ///   - file: The name that problems give it.
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem.
    public static func load(text: String, file: String) throws(PolicyErrors) -> PolicySet {
        try load([(file, Array(text.utf8))], files: [file], problems: [])
    }

    /// The policy of several texts in order, as if each were a file.
    ///
    /// - Parameter texts: The texts, each with the name that problems give it.
    /// - Returns: The policy.
    /// - Throws: ``PolicyErrors`` with every problem.
    public static func load(texts: [(file: String, text: String)]) throws(PolicyErrors) -> PolicySet {
        try load(texts.map { ($0.file, Array($0.text.utf8)) }, files: texts.map(\.file), problems: [])
    }

    /// The policy of the bytes of several files.
    package static func load(
        _ sources: [(file: String, bytes: [UInt8])],
        files: [String],
        problems: [PolicyProblem]
    ) throws(PolicyErrors) -> PolicySet {
        var reader = PolicyReader()
        reader.problems = problems
        var isPartial = !problems.isEmpty
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
