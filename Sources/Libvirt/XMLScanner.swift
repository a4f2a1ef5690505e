/// Reads an XML document piece by piece, without a tree, for input that somebody may have made to do harm.
///
/// It knows elements, attributes, namespaces, text, CDATA, comments, processing instructions, numeric references and
/// the five entities that XML itself has. A document type is refused, so nothing is ever expanded or fetched. What is
/// no UTF-8, nested too deeply, or not well-formed is refused too. Every step takes time and memory in proportion to
/// the bytes read. (FoundationXML is not used: it repairs what is broken, and traps on some of it.)
struct XMLScanner {
    /// Elements within elements that are read.
    static let depthLimit = 256
    /// Attributes of one element, and prefixes known at one place, that are read.
    static let attributeLimit = 256

    /// The beginning of an element.
    struct Element: Equatable {
        /// The name without its prefix; with it where the prefix is unknown.
        var name: String
        /// The namespace, if it is in one.
        var namespace: String?
        /// The attributes, by name with prefix; those that declare namespaces are left out.
        var attributes: [String: String]

        /// The name, written `{namespace}name` in a namespace: one that no element of libvirt's own can have.
        var fullName: String { namespace.map { "{\($0)}\(name)" } ?? name }
    }

    /// A piece of the document.
    enum Piece: Equatable {
        /// An element begins.
        case start(Element)
        /// The innermost open element ends.
        case end
        /// Text within an element; one text may come in several pieces.
        case text(String)
        /// The document is over.
        case finish
    }

    /// Why a document is refused.
    struct Problem: Error, Equatable {
        /// The line, from 1.
        var line: Int
        /// The reason.
        var reason: String
    }

    private let bytes: [UInt8]
    /// Where the last piece begins: the byte of its `<`, or of its first character.
    private(set) var start = 0
    /// Where it ends: the byte after its `>`, or after its last character.
    private(set) var position = 0
    private var open: [(name: String, prefixes: Int)] = []
    private var prefixes: [(name: String, namespace: String)] = []
    private var endsAtOnce = false
    private var hasRoot = false

    /// Begins to read a document.
    init(_ bytes: [UInt8]) throws(Problem) {
        self.bytes = bytes
        if String(validating: bytes, as: UTF8.self) == nil { throw problem("it is no UTF-8") }
    }

    /// The next piece.
    mutating func next() throws(Problem) -> Piece {
        start = position
        if endsAtOnce {
            endsAtOnce = false
            close()
            return .end
        }
        while let byte = peek() {
            start = position
            if byte != UInt8(ascii: "<") {
                let text = try text(until: UInt8(ascii: "<"), atEnd: true)
                if !open.isEmpty { return .text(text) }
                if !text.allSatisfy({ $0.isWhitespace }) { throw problem("text stands outside the root element") }
            } else if skip("<!--") {
                try skipComment()
            } else if skip("<![CDATA[") {
                if open.isEmpty { throw problem("text stands outside the root element") }
                return .text(try plain(until: "]]>"))
            } else if skip("<?") {
                _ = try plain(until: "?>")
            } else if skip("<!") {
                throw problem("it declares a document type")
            } else if skip("</") {
                let name = try name()
                skipSpace()
                guard skip(">"), open.last?.name == name else { throw problem("</\(name)> closes nothing") }
                close()
                return .end
            } else {
                position += 1
                return .start(try element())
            }
        }
        guard hasRoot, open.isEmpty else { throw problem("it ends too early") }
        return .finish
    }

    /// A problem at this place.
    func problem(_ reason: String) -> Problem {
        Problem(line: 1 + bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") }, reason: reason)
    }
}

extension XMLScanner {
    /// Reads an element's beginning after its `<`.
    private mutating func element() throws(Problem) -> Element {
        guard !(hasRoot && open.isEmpty) else { throw problem("something follows the root element") }
        guard open.count < Self.depthLimit else { throw problem("elements are nested too deeply") }
        hasRoot = true
        let qualified = try name()
        let outerPrefixes = prefixes.count
        var attributes: [String: String] = [:]
        var seen: Set<String> = []
        while true {
            let spaced = skipSpace()
            if skip(">") { break }
            if skip("/>") {
                endsAtOnce = true
                break
            }
            guard spaced else { throw problem("an attribute of <\(qualified)> is not well-formed") }
            let key = try name()
            let value = try attributeValue()
            guard seen.insert(key).inserted else { throw problem("an attribute stands twice in <\(qualified)>") }
            guard seen.count <= Self.attributeLimit else { throw problem("<\(qualified)> has too many attributes") }
            if key == "xmlns" {
                prefixes.append(("", value))
            } else if key.hasPrefix("xmlns:") {
                prefixes.append((String(key.dropFirst(6)), value))
            } else {
                attributes[key] = value
            }
        }
        guard prefixes.count <= Self.attributeLimit else { throw problem("there are too many namespaces") }
        open.append((qualified, outerPrefixes))
        let parts = qualified.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let prefix = parts.count == 2 ? parts[0] : ""
        let namespace = prefixes.last { $0.name == prefix }?.namespace
        let isKnown = parts.count == 2 && namespace != nil
        return Element(
            name: isKnown ? String(parts[1]) : qualified,
            namespace: namespace.flatMap { $0.isEmpty ? nil : $0 },
            attributes: attributes
        )
    }

    private mutating func attributeValue() throws(Problem) -> String {
        skipSpace()
        guard skip("=") else { throw problem("an attribute has no value") }
        skipSpace()
        guard let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw problem("an attribute's value has no quotes")
        }
        position += 1
        let value = try text(until: quote, atEnd: false)
        position += 1
        return value
    }

    /// Forgets the innermost element with the prefixes that it declared.
    private mutating func close() {
        guard let element = open.popLast() else { return }
        prefixes.removeSubrange(min(element.prefixes, prefixes.count)...)
    }

    /// Reads text up to a byte, which stays; `atEnd` lets the document end it too, as text between elements may.
    private mutating func text(until end: UInt8, atEnd: Bool) throws(Problem) -> String {
        var text: [UInt8] = []
        while let byte = peek() {
            if byte == end { return String(decoding: text, as: UTF8.self) }
            position += 1
            switch byte {
            case UInt8(ascii: "&"): text += Array(String(try reference()).utf8)
            case UInt8(ascii: "<"): throw problem("an attribute's value holds '<'")
            // Within an attribute line breaks count as spaces.
            case 0x09, 0x0A, 0x0D: text.append(atEnd ? byte : 0x20)
            case 0..<0x20: throw problem("it holds a control character")
            default: text.append(byte)
            }
        }
        guard atEnd else { throw problem("it ends too early") }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads what follows `&`.
    private mutating func reference() throws(Problem) -> Unicode.Scalar {
        var name: [UInt8] = []
        // The longest is `#1114111`.
        while let byte = peek(), byte != UInt8(ascii: ";"), name.count < 9 {
            name.append(byte)
            position += 1
        }
        guard skip(";") else { throw problem("a reference does not end") }
        let text = String(decoding: name, as: UTF8.self)
        let scalar: Unicode.Scalar?
        switch text {
        case "amp": scalar = "&"
        case "lt": scalar = "<"
        case "gt": scalar = ">"
        case "quot": scalar = "\""
        case "apos": scalar = "'"
        default:
            let number =
                text.hasPrefix("#x")
                ? UInt32(text.dropFirst(2), radix: 16)
                : text.hasPrefix("#") ? UInt32(text.dropFirst()) : nil
            scalar = number.flatMap { Unicode.Scalar($0) }
        }
        guard let scalar, scalar.value >= 0x20 || [0x09, 0x0A, 0x0D].contains(scalar.value) else {
            throw problem("'&\(text);' is no character")
        }
        return scalar
    }

    private mutating func skipComment() throws(Problem) {
        _ = try plain(until: "--")
        guard skip(">") else { throw problem("a comment holds '--'") }
    }

    /// Reads bytes as they are up to a mark, which is passed over.
    private mutating func plain(until end: String) throws(Problem) -> String {
        let start = position
        while let byte = peek() {
            let stop = position
            if skip(end) { return String(decoding: bytes[start..<stop], as: UTF8.self) }
            guard byte >= 0x20 || [0x09, 0x0A, 0x0D].contains(byte) else {
                throw problem("it holds a control character")
            }
            position += 1
        }
        throw problem("it ends too early")
    }

    private mutating func name() throws(Problem) -> String {
        let start = position
        while let byte = peek(), Self.isNameByte(byte, first: position == start) { position += 1 }
        guard position > start else { throw problem("a name is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Whether a byte may stand in a name; beyond ASCII every character may, which is more than XML allows.
    private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...:
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): !first
        default: false
        }
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
        return position > start
    }

    private mutating func skip(_ token: String) -> Bool {
        guard bytes[position...].starts(with: token.utf8) else { return false }
        position += token.utf8.count
        return true
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }
}
