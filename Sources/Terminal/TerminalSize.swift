import Glibc

/// The size of a terminal, in character cells.
public struct TerminalSize: Equatable, Sendable {
    /// Columns.
    public var columns: Int
    /// Lines.
    public var lines: Int

    /// A size.
    ///
    /// - Parameters:
    ///   - columns: Columns.
    ///   - lines: Lines.
    public init(columns: Int = 100, lines: Int = 30) {
        self.columns = columns
        self.lines = lines
    }

    /// The size of the terminal on standard output now (`ioctl_tty(2)`, `TIOCGWINSZ`); 100 by 30 where it cannot be told.
    public static var now: TerminalSize {
        var size = winsize()
        // SAFETY: TIOCGWINSZ writes one winsize.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalSize()
        }
        return TerminalSize(columns: Int(size.ws_col), lines: Int(size.ws_row))
    }
}
