import Glibc

/// A terminal whose keys arrive one by one and unechoed, given back as it was when this goes away (`termios(3)`).
///
/// Interrupt and suspend arrive as keys too, so that whoever draws can put the terminal in order first.
public struct RawMode: ~Copyable {
    /// How it was; `nil` where standard input is no terminal.
    private let before: termios?

    /// The terminal on standard input, from now on raw.
    public init() {
        var now = termios()
        // SAFETY: tcgetattr writes one termios.
        before = unsafe tcgetattr(STDIN_FILENO, &now) == 0 ? now : nil
        resume()
    }

    /// Gives the terminal back as it was, for a while.
    public func pause() {
        guard var before else { return }
        // SAFETY: tcsetattr reads one termios.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
    }

    /// Makes it raw again.
    public func resume() {
        guard var now = before else { return }
        now.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | ISTRIP | BRKINT)
        now.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        // SAFETY: tcsetattr reads one termios.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &now)
    }

    deinit {
        pause()
    }
}
