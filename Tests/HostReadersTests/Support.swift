import Foundation
import HostReaders
import TestSupport

/// The committed fixture trees.
enum Fixtures {
    /// The directory that holds them.
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    /// The roots of one tree.
    static func roots(_ tree: String) -> HostRoots { HostRoots(tree: directory + "/" + tree) }

    /// The bytes of one malformed file.
    static func malformed(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/malformed/" + name)))
    }
}

/// A directory that is gone when the test is over.
final class Scratch {
    let path = FileManager.default.temporaryDirectory.path + "/quell-" + UUID().uuidString

    init(copying tree: String? = nil) throws {
        if let tree {
            try FileManager.default.copyItem(atPath: Fixtures.directory + "/" + tree, toPath: path)
        } else {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var roots: HostRoots { HostRoots(tree: path) }

    /// Writes a file, and its directory where it is missing.
    func write(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }
}

/// Runs a parser over text.
func parse<Value>(_ text: String, _ parser: (Span<UInt8>) throws(Malformed) -> Value) throws(Malformed) -> Value {
    let bytes = Array(text.utf8)
    return try parser(bytes.span)
}

/// Runs a parser over text; `nil` where it refuses.
func attempt<Value>(_ text: String, _ parser: (Span<UInt8>) throws(Malformed) -> Value) -> Value? {
    try? parse(text, parser)
}

/// Writes a file in place, so that descriptors that are open on it see the new text.
func rewrite(_ path: String, _ text: String) -> Bool {
    guard let handle = FileHandle(forWritingAtPath: path) else { return false }
    defer { try? handle.close() }
    do {
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        return true
    } catch {
        return false
    }
}

extension Fixtures {
    /// The datagrams of one recording.
    static func netlink(_ name: String) throws -> [[UInt8]] {
        NetlinkBytes.datagrams([UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/netlink/" + name))))
    }
}
