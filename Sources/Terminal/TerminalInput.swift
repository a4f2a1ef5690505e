import Glibc
import Synchronization

/// The keys of the terminal on standard input, and whether somebody wants this process to end.
public final class TerminalInput: Sendable {
    /// What came of waiting.
    public enum Event: Equatable, Sendable {
        /// Keys, none where the time was over.
        case keys([Key])
        /// The terminal is gone, or a signal says to end.
        case end
    }

    private let decoder = Mutex(KeyDecoder())
    /// Whether a signal came that ends the process; set by its handler, where an atomic store is all that is done.
    private static let isEnded = Atomic(false)

    /// An input that takes over the signals SIGTERM, SIGHUP and SIGINT for the rest of the process, so that whoever draws
    /// can give the terminal back first.
    public init() {
        // Made before a handler needs it.
        Self.isEnded.store(false, ordering: .relaxed)
        for number in [SIGTERM, SIGHUP, SIGINT] {
            signal(number) { _ in TerminalInput.isEnded.store(true, ordering: .relaxed) }
        }
    }

    /// Waits for keys.
    ///
    /// - Parameter milliseconds: How long to wait at most.
    /// - Returns: The keys that were pressed.
    public func wait(milliseconds: Int32) -> Event {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        // SAFETY: poll reads and writes one pollfd.
        let ready = unsafe poll(&descriptor, 1, milliseconds)
        if Self.isEnded.load(ordering: .relaxed) { return .end }
        // Nothing followed an escape: it is the key.
        guard ready > 0 else { return .keys(decoder.withLock { $0.settle() }) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let room = bytes.count
        // SAFETY: at most `room` bytes are written into `bytes`.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, room) }
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return .keys([]) }
        guard count > 0 else { return .end }
        return .keys(decoder.withLock { $0.feed(bytes[..<count]) })
    }
}

/// Standard output as a terminal takes it.
public enum TerminalOutput {
    /// Writes all of a text; what the terminal does not take is lost.
    ///
    /// - Parameter text: The text.
    public static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            // SAFETY: the range sent..<count lies within `bytes`.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }
}
