import Synchronization

/// Keeps the texts that a demo prints.
final class Collector: Sendable {
    private let state = Mutex<[String]>([])

    /// Adds a text.
    func add(_ text: String) {
        state.withLock { $0.append(text) }
    }

    /// All texts, in order.
    var texts: [String] { state.withLock { $0 } }
}
