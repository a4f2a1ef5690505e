import Yams

/// The YAML library, with its failures as located problems.
enum DocumentParser {
    /// The one document of a text that ``TextGuard`` has let through.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: The file's name, for problems.
    /// - Returns: The root of its tree.
    /// - Throws: What keeps it from being YAML.
    static func root(of text: String, file: String) throws(PolicyProblem) -> Node {
        do {
            // The basic resolver keeps every word a text: 'yes' and '1_0' mean themselves, and comparing keys is cheap.
            let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
            if let node = try parser.singleRoot() { return node }
        } catch let error as YamlError {
            throw problem(error, in: text, file: file)
        } catch {
            throw PolicyProblem(.start(of: file), "not YAML: \(error)")
        }
        throw PolicyProblem(.start(of: file), SourceText.emptiness)
    }

    private static func problem(_ error: YamlError, in text: String, file: String) -> PolicyProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return located(problem, context, mark, file: file)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let first = context.mark
            let place = secondPlace(of: key, after: first, in: text, file: file)
            return PolicyProblem(
                place,
                key: key,
                "the key is given twice, first on line \(first.line); keep one of them"
            )
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
            return PolicyProblem(.start(of: file), "not YAML: \(problem)")
        case .no, .memory, .dataCouldNotBeDecoded:
            return PolicyProblem(.start(of: file), "not YAML: the file could not be read as YAML")
        }
    }

    /// The library's complaint, in words that help where it is a common one.
    private static func located(
        _ problem: String,
        _ context: YamlError.Context?,
        _ mark: Mark,
        file: String
    ) -> PolicyProblem {
        // What is missing at the end of brackets is noticed long after; the opening bracket is what helps.
        let mark = problem.hasPrefix("did not find expected ','") ? context?.mark ?? mark : mark
        let place = Place(file: file, line: max(1, mark.line), column: max(1, mark.column))
        let hint =
            switch problem {
            case "mapping values are not allowed in this context":
                "; write one 'key: value' a line, and a text with ': ' in it within quotes"
            case "did not find expected key", "did not find expected '-' indicator", "could not find expected ':'":
                "; check that the line is indented like its neighbours and written 'key: value'"
            case "did not find expected ',' or ']'": "; separate with ',' and close the list with ']'"
            case "did not find expected ',' or '}'": "; separate with ',' and close it with '}'"
            default: ""
            }
        let during = context.map { " (\($0.text))" } ?? ""
        return PolicyProblem(place, "not YAML: \(problem)\(during)\(hint)")
    }

    /// Where a key stands for the second time: the next line on which it begins in the same column, else the first.
    private static func secondPlace(of key: String, after first: Mark, in text: String, file: String) -> Place {
        var place = Place(file: file, line: max(1, first.line), column: max(1, first.column))
        let indent = first.column - 1
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let rest = line.drop { $0 == " " || $0 == "-" }
            guard line.count - rest.count == indent else { continue }
            let bare = rest.drop { $0 == "\"" || $0 == "'" }
            if bare.hasPrefix(key), bare.dropFirst(key.count).contains(":") {
                place.line = index + 1
                break
            }
        }
        return place
    }
}
