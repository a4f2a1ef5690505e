/// The element in a domain's metadata that holds Quell's mark: its text, and nothing else.
enum MarkElement {
    /// The namespace.
    static let namespace = "urn:quell:hold:1"
    /// The prefix.
    static let prefix = "quell-hold"
    /// The largest text in bytes.
    static let textLimit = 64 << 10
    /// The largest element in bytes: every byte of a text may be written as a reference of six.
    static let sizeLimit = 6 * textLimit + 1_024

    /// The name of the element.
    static let name = "hold"

    /// The element of a text; `nil` where it is too long or XML cannot write it.
    static func xml(_ text: String) -> String? {
        guard text.utf8.count <= textLimit, let escaped = XMLText.escaped(text) else { return nil }
        return "<\(name)>\(escaped)</\(name)>"
    }

    /// The text of an element.
    ///
    /// - Parameter xml: The element as libvirt gives it, without its namespace.
    /// - Returns: The text; `nil` where it is no such element, or too long.
    static func text(_ xml: [UInt8]) -> String? {
        do throws(XMLScanner.Problem) {
            var scanner = try XMLScanner(xml)
            guard case .start(let element) = try scanner.next(), element.name == name else { return nil }
            var text = ""
            while true {
                switch try scanner.next() {
                case .start: return nil
                case .text(let piece): text += piece
                case .end: break
                case .finish: return text.utf8.count <= textLimit ? text : nil
                }
            }
        } catch {
            return nil
        }
    }
}
