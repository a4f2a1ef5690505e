import Glibc

/// What may be written to standard output, as its kind and the environment say.
public struct TerminalKind: Equatable, Sendable {
    /// Whether it is a terminal that a picture can be drawn on.
    public var isTerminal: Bool
    /// Whether colours and bold may be used: on a terminal, where `NO_COLOR` is not set.
    public var hasColour: Bool
    /// Whether it shows characters beyond ASCII, as the locale says.
    public var hasUnicode: Bool

    /// What may be written, by facts.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether standard output is a terminal (`isatty(3)`).
    ///   - environment: The value of a variable of the environment, by name.
    public init(isTerminal: Bool, environment: (String) -> String?) {
        func isSet(_ name: String) -> Bool { environment(name).map { !$0.isEmpty } ?? false }
        self.isTerminal = isTerminal && environment("TERM") != "dumb"
        hasColour = self.isTerminal && !isSet("NO_COLOR")
        // The first of these that is set and not empty rules (`locale(7)`).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].first(where: isSet).flatMap { environment($0) } ?? ""
        let charset = locale.uppercased()
        hasUnicode = charset.contains("UTF-8") || charset.contains("UTF8")
    }

    /// What may be written to standard output now.
    public static var now: TerminalKind {
        TerminalKind(isTerminal: isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) { name in
            // SAFETY: getenv returns a C string or null; it is copied at once, and nobody here changes the environment.
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
    }
}
