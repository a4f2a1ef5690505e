import Foundation

/// Which directories tell of changes of threshold files, and of which of their entries.
///
/// A directory of threshold files is watched whole; of any other only what leads to one: the named file, the directory's own
/// name in its parent, what a link points at. Where something on the way is not there, the nearest directory above it that
/// is tells when it comes.
struct WatchedPlaces: Equatable {
    /// Directories that are watched at most.
    static let most = 64

    /// What counts within a directory.
    enum Interest: Equatable {
        case everything
        case names(Set<String>)

        /// Whether an entry counts.
        func includes(_ name: String) -> Bool {
            switch self {
            case .everything: true
            case .names(let names): names.contains(name)
            }
        }
    }

    /// What counts in each directory, by its path with links resolved.
    private(set) var directories: [String: Interest] = [:]
    /// Directories that are not watched for there being too many.
    private(set) var leftOut = 0

    /// The places of threshold files and of directories of them, as they are now.
    ///
    /// - Parameter paths: Paths as they were named.
    init(_ paths: [String]) {
        for path in paths { add(path) }
    }

    private mutating func add(_ path: String) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        follow(url.path)
        let target = url.resolvingSymlinksInPath()
        guard Self.isDirectory(target.path) else { return }
        watch(target.path, .everything)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: target.path)) ?? []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let entry = target.appendingPathComponent(name).path
            if Self.link(entry) != nil { follow(entry) }
        }
    }

    /// Watches for the entry at a path, and for what it points at where it is a link, from link to link.
    private mutating func follow(_ path: String) {
        var path = path
        // As many links in a row as the kernel follows.
        for _ in 0..<40 {
            let url = URL(fileURLWithPath: path)
            var (directory, name) = (url.deletingLastPathComponent(), url.lastPathComponent)
            while !Self.isDirectory(directory.resolvingSymlinksInPath().path), directory.path != "/" {
                name = directory.lastPathComponent
                directory = directory.deletingLastPathComponent()
            }
            let real = directory.resolvingSymlinksInPath().path
            watch(real, .names([name]))
            guard let target = Self.link(path) else { return }
            path =
                target.hasPrefix("/")
                ? target : URL(fileURLWithPath: real).appendingPathComponent(target).standardizedFileURL.path
        }
    }

    private mutating func watch(_ directory: String, _ interest: Interest) {
        switch (directories[directory], interest) {
        case (nil, _):
            guard directories.count < Self.most else {
                leftOut += 1
                return
            }
            directories[directory] = interest
        case (.everything, _): break
        case (.names, .everything): directories[directory] = .everything
        case (.names(let known), .names(let more)): directories[directory] = .names(known.union(more))
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = ObjCBool(false)
        // SAFETY: the call writes the one flag.
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// What the link at a path points at; `nil` for what is no link.
    private static func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }
}
