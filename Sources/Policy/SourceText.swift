/// The first stage: bytes become text, or a located problem.
enum SourceText {
    /// The largest file that is read, in bytes.
    static let largest = 1 << 20
    /// What is told of a file without content.
    static let emptiness = "the file is empty; it must hold at least one key, such as 'rules:'"

    /// What the bytes of a threshold file say.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - file: The file's name, for problems.
    /// - Returns: The text.
    /// - Throws: A problem where it is too large, empty, not UTF-8 or begins with a byte order mark.
    static func decode(_ bytes: [UInt8], file: String) throws(PolicyProblem) -> String {
        let start = Place.start(of: file)
        guard bytes.count <= largest else {
            throw PolicyProblem(start, "the file is larger than 1 MiB, the most that is read")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw PolicyProblem(start, "the file is UTF-16; save it as UTF-8")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw PolicyProblem(start, "the file begins with a byte order mark; save it as UTF-8 without one")
        }
        var decoder = UTF8()
        var input = bytes.makeIterator()
        var place = start
        var text = String.UnicodeScalarView()
        reading: while true {
            switch decoder.decode(&input) {
            case .scalarValue(let scalar):
                text.append(scalar)
                if scalar == "\n" {
                    place.line += 1
                    place.column = 1
                } else {
                    place.column += 1
                }
            case .emptyInput:
                break reading
            case .error:
                throw PolicyProblem(place, "a byte here is not UTF-8; save the file as UTF-8")
            }
        }
        return String(text)
    }
}
