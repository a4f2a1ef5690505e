/// A volume of a storage pool, as libvirt describes it (`virStorageVolGetXMLDesc`).
public struct StorageVolume: Sendable, Hashable {
    /// The pool that has it.
    public var pool: String
    /// Its name in the pool.
    public var name: String
    /// Where it is; a path on this host where it begins with `/`.
    public var path: String
    /// Its format, such as `raw` or `qcow2`; `nil` where libvirt tells none.
    public var format: String?
    /// What it is made from: it is an overlay, and holds only what differs.
    public var backing: String?
    /// The format of that; `nil` where libvirt tells none.
    public var backingFormat: String?

    /// A volume.
    ///
    /// - Parameters:
    ///   - pool: The pool that has it.
    ///   - name: Its name in the pool.
    ///   - path: Where it is.
    ///   - format: Its format.
    ///   - backing: What it is made from.
    ///   - backingFormat: The format of that.
    public init(
        pool: String,
        name: String,
        path: String,
        format: String? = nil,
        backing: String? = nil,
        backingFormat: String? = nil
    ) {
        self.pool = pool
        self.name = name
        self.path = path
        self.format = format
        self.backing = backing
        self.backingFormat = backingFormat
    }

    /// The largest XML that is read, in bytes.
    public static let sizeLimit = 1 << 16

    /// Reads a volume's XML.
    ///
    /// What it is made from is what a tenant's image says of itself.
    ///
    /// - Parameters:
    ///   - xml: The XML as libvirt gives it.
    ///   - pool: The pool that has it.
    /// - Throws: ``LibvirtError`` of the kind ``LibvirtError/Code/malformed``, with the place of the mistake.
    public init(xml: [UInt8], pool: String) throws(LibvirtError) {
        let context = CallContext("volume XML")
        guard xml.count <= Self.sizeLimit else {
            throw context.failure(.malformed, "it exceeds \(Self.sizeLimit) bytes")
        }
        do throws(XMLScanner.Problem) {
            self = try Self.scan(xml, pool)
        } catch {
            throw context.failure(error)
        }
    }

    private static func scan(_ xml: [UInt8], _ pool: String) throws(XMLScanner.Problem) -> StorageVolume {
        var scanner = try XMLScanner(xml)
        var volume = StorageVolume(pool: pool, name: "", path: "")
        var path: [String] = []
        var text = ""
        while true {
            switch try scanner.next() {
            case .start(let element):
                path.append(element.fullName)
                if path.count == 1, path != ["volume"] { throw scanner.problem("the root element is no <volume>") }
                text = ""
                switch path.dropFirst() {
                case ["target", "format"]: volume.format = element.attributes["type"]
                case ["backingStore", "format"]: volume.backingFormat = element.attributes["type"]
                default: break
                }
            case .text(let piece): text += piece
            case .end:
                switch path.dropFirst() {
                case ["name"]: volume.name = text
                case ["target", "path"]: volume.path = text
                case ["backingStore", "path"]: volume.backing = text
                default: break
                }
                text = ""
                path.removeLast()
            case .finish:
                guard !volume.name.isEmpty else { throw scanner.problem("it has no <name>") }
                guard !volume.path.isEmpty else { throw scanner.problem("it has no <path>") }
                return volume
            }
        }
    }
}

/// The storage pools and what is in those that are active.
public struct StorageListing: Sendable, Equatable {
    /// The volumes.
    public var volumes: [StorageVolume] = []
    /// Pools that are not active: libvirt does not know what is in them.
    public var inactive: [String] = []
    /// What could not be listed, and why, a line each.
    public var failures: [String] = []

    /// An empty list.
    public init() {}
}
