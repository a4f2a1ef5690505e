/// A position in a threshold file; lines and columns count from 1, columns in Unicode scalars.
struct Place: Hashable, Sendable {
    /// The file as it was named to the loader.
    var file: String
    /// The line, from 1.
    var line: Int
    /// The column, from 1.
    var column: Int

    /// The beginning of a file.
    static func start(of file: String) -> Place { Place(file: file, line: 1, column: 1) }
}

/// One word or text of a threshold file and where it stands.
struct Word: Hashable, Sendable {
    /// The text without its quotes.
    var text: String
    /// Where it begins.
    var place: Place
}

/// The value of a key in a threshold file.
enum Field: Equatable, Sendable {
    /// One word.
    case word(Word)
    /// A list of words and where it begins.
    case list([Word], Place)
    /// Something else, which has been reported already.
    case unreadable
}
