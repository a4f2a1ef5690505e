public import Signals

/// Everything on the host that a domain's description names as a place of data, to tell whether it has a volume.
public struct DomainStorage: Sendable, Equatable {
    /// A volume that is named by its pool.
    public struct Named: Sendable, Hashable {
        /// The pool.
        public var pool: String
        /// The volume.
        public var volume: String

        /// A volume.
        ///
        /// - Parameters:
        ///   - pool: The pool.
        ///   - volume: The volume.
        public init(pool: String, volume: String) {
            self.pool = pool
            self.volume = volume
        }
    }

    /// An image of which the description does not tell what it is made from.
    public enum OpenImage: Sendable, Hashable {
        /// A file or a device.
        case path(String)
        /// A volume of a pool.
        case volume(Named)
        /// Something else; its words.
        case other(String)
    }

    /// Its UUID.
    public var uuid: VMUUID
    /// Its name.
    public var name: String
    /// Every path that stands anywhere in its description but for its metadata.
    public var paths: Set<String> = []
    /// Directories that the guest reaches (`filesystem`), with all that is below them.
    public var directories: Set<String> = []
    /// Every volume that is named by its pool.
    public var volumes: Set<Named> = []
    /// Paths that its disks are made from (`backingStore`).
    public var bases: Set<String> = []
    /// The last image of each disk's chain where it is not told what that is made from, and its format lets it be made
    /// from something.
    public var open: Set<OpenImage> = []

    /// A domain of which only its names are known.
    ///
    /// - Parameters:
    ///   - uuid: Its UUID.
    ///   - name: Its name.
    public init(uuid: VMUUID, name: String) {
        self.uuid = uuid
        self.name = name
    }

    /// Reads a domain's XML.
    ///
    /// - Parameter xml: The XML as libvirt gives it.
    /// - Throws: ``LibvirtError`` of the kind ``LibvirtError/Code/malformed``, with the place of the mistake.
    public init(xml: [UInt8]) throws(LibvirtError) {
        let description = try DomainDescription(xml: xml)
        self.init(uuid: description.uuid, name: description.name)
        do throws(XMLScanner.Problem) {
            try scan(xml)
        } catch {
            throw CallContext("domain XML").failure(error)
        }
    }

    /// Takes in what another description of the same domain names: that of its next start.
    ///
    /// - Parameter other: The other one.
    public mutating func merge(_ other: DomainStorage) {
        paths.formUnion(other.paths)
        directories.formUnion(other.directories)
        volumes.formUnion(other.volumes)
        bases.formUnion(other.bases)
        open.formUnion(other.open)
    }

    private mutating func scan(_ xml: [UInt8]) throws(XMLScanner.Problem) {
        var scanner = try XMLScanner(xml)
        var path: [String] = []
        var disk = Chain()
        var text = ""
        while true {
            switch try scanner.next() {
            case .start(let element):
                path.append(element.fullName)
                text = ""
                guard path.dropFirst().first != "metadata" else { continue }
                note(element, at: path.dropFirst())
                if path == ["domain", "devices", "disk"] { disk = Chain() }
                if path.starts(with: ["domain", "devices", "disk"]) { disk.take(element, at: path.dropFirst(3)) }
            case .text(let piece): text += piece
            case .end:
                let word = text.trimmed
                if word.hasPrefix("/"), path.dropFirst().first != "metadata" { paths.insert(word) }
                if path == ["domain", "devices", "disk"], let image = disk.open { open.insert(image) }
                text = ""
                path.removeLast()
            case .finish: return
            }
        }
    }

    private mutating func note(_ element: XMLScanner.Element, at path: ArraySlice<String>) {
        let found = element.attributes.values.filter { $0.hasPrefix("/") }
        paths.formUnion(found)
        if path == ["devices", "filesystem", "source"] { directories.formUnion(found) }
        if path.contains("backingStore") { bases.formUnion(found) }
        if let pool = element.attributes["pool"], let volume = element.attributes["volume"] {
            volumes.insert(Named(pool: pool, volume: volume))
        }
    }

    /// The images of one disk, the one that is written first.
    private struct Chain {
        private var image: OpenImage?
        private var format: String?
        private var isWhole = false
        private var isCopied = false

        mutating func take(_ element: XMLScanner.Element, at path: ArraySlice<String>) {
            let names = path.drop { $0 == "backingStore" }
            switch (Array(names), path.count == names.count) {
            case ([], true): break
            case ([], false):
                // An empty one ends the chain; another one has a type.
                isWhole = element.attributes["type"] == nil
                if !isWhole { (image, format) = (nil, nil) }
            case (["driver"], true), (["format"], false): format = element.attributes["type"]
            case (["source"], _): image = Self.image(element.attributes)
            case (["mirror"], true): isCopied = true
            default: break
            }
        }

        /// The last image, where it may be made from something that is not told.
        var open: OpenImage? {
            // A copy that is under way may be made from anything.
            if isCopied { return .other("a copy of a disk that is under way") }
            return isWhole || format == "raw" ? nil : image
        }

        private static func image(_ attributes: [String: String]) -> OpenImage {
            if let pool = attributes["pool"], let volume = attributes["volume"] {
                return .volume(Named(pool: pool, volume: volume))
            }
            if let path = attributes["file"] ?? attributes["dev"] { return .path(path) }
            let words = attributes["name"] ?? attributes["dir"] ?? attributes["protocol"]
            return .other(words ?? "an image of another kind")
        }
    }
}

extension String {
    /// The text without the blanks around it.
    fileprivate var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}
