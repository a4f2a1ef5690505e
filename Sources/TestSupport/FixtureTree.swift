internal import Foundation

/// A tree of files that stands in for a host's, made by a test and gone with it.
public final class FixtureTree {
    /// The directory that stands in for `/`.
    public let path = FileManager.default.temporaryDirectory.path + "/quell-tree-" + UUID().uuidString

    /// An empty tree.
    public init() {}

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with the directories above it.
    ///
    /// - Parameters:
    ///   - text: What it holds.
    ///   - file: Its path below the tree.
    public func write(_ text: String, to file: String) {
        try? Data(text.utf8).write(to: made(file))
    }

    /// Makes a symbolic link, with the directories above it.
    ///
    /// - Parameters:
    ///   - target: What it says.
    ///   - file: Its path below the tree.
    public func link(_ target: String, to file: String) {
        let url = made(file)
        try? FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    /// Removes a file or a directory.
    ///
    /// - Parameter file: Its path below the tree.
    public func remove(_ file: String) { try? FileManager.default.removeItem(atPath: path + "/" + file) }

    /// A file whose directory is there.
    private func made(_ file: String) -> URL {
        let url = URL(fileURLWithPath: path + "/" + file)
        try? FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return url
    }
}
