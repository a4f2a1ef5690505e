/// The cgroup trees that are mounted, from `/proc/self/mountinfo` (`proc(5)`).
public struct MountTable: Sendable, Equatable {
    /// One mounted cgroup tree.
    public struct Tree: Sendable, Equatable {
        /// The controllers of a v1 tree, several where they share one mount; empty for v2.
        public var controllers: [String]
        /// Whether it is the v2 tree.
        public var isUnified: Bool
        /// The group that the mount point shows.
        public var root: String
        /// Where it is mounted.
        public var mountPoint: String
    }

    /// The trees in the order of the table.
    public var trees: [Tree] = []
    /// Where the resource control file system is mounted; `nil` where it is not.
    public var resctrl: String?
    /// How the resource control file system is mounted, such as `cdp` or `mba_MBps`.
    public var resctrlOptions: Set<String> = []

    /// Reads the table of the calling process; empty where it cannot be read.
    ///
    /// - Parameter roots: Where procfs is.
    public init(roots: HostRoots) {
        self.init(HostDirectory.text(of: roots.proc + "/self/mountinfo") ?? "", roots: roots)
    }

    /// Reads a table; lines that make no sense are left out.
    ///
    /// - Parameters:
    ///   - text: The text of the table.
    ///   - roots: Through which its mount points are reached.
    public init(_ text: String, roots: HostRoots) {
        for line in text.split(separator: "\n") {
            // 31 23 0:28 root mount-point options [optional fields …] - type source super-options
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { continue }
            let root = Self.unescaped(fields[3])
            let mountPoint = roots.reached(Self.unescaped(fields[4]))
            switch fields[dash + 1] {
            case "cgroup2":
                trees.append(Tree(controllers: [], isUnified: true, root: root, mountPoint: mountPoint))
            case "cgroup":
                let options = fields[dash + 3].split(separator: ",").map(String.init)
                trees.append(Tree(controllers: options, isUnified: false, root: root, mountPoint: mountPoint))
            case "resctrl":
                resctrl = mountPoint
                resctrlOptions = Set(fields[dash + 3].split(separator: ",").map(String.init))
            default: continue
            }
        }
    }

    /// Undoes the escapes of blanks, newlines and backslashes (`\040`, `\012`, `\134`).
    static func unescaped(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count,
                let code = UInt8(String(decoding: bytes[(index + 1)...(index + 3)], as: UTF8.self), radix: 8)
            {
                result.append(code)
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
