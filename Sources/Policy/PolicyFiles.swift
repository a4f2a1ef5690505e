import Foundation

/// Threshold files on the file system.
enum PolicyFiles {
    /// The files that a path stands for: itself, or the `*.yaml` and `*.yml` of a directory in the order of names.
    ///
    /// - Parameter path: A file or a directory.
    /// - Returns: The files.
    /// - Throws: A problem where the directory cannot be listed or holds none.
    static func expand(_ path: String) throws(PolicyProblem) -> [String] {
        guard (try? type(of: path)) == .typeDirectory else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw PolicyProblem(.start(of: path), "the directory cannot be listed: \(reason(error))")
        }
        let chosen = names.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
        guard !chosen.isEmpty else {
            throw PolicyProblem(.start(of: path), "the directory holds no *.yaml or *.yml file")
        }
        let base = path.hasSuffix("/") ? path : path + "/"
        return chosen.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { base + $0 }
    }

    /// The bytes of a file, at most one more than is accepted.
    ///
    /// Anything but a regular file is refused before it is opened: a pipe would block, a device might never end.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its bytes.
    /// - Throws: A problem where it is not there, not a file or cannot be read.
    static func read(_ path: String) throws(PolicyProblem) -> [UInt8] {
        let start = Place.start(of: path)
        do {
            let type = try type(of: path)
            guard type != .typeSymbolicLink else { throw PolicyProblem(start, "it is a link that leads to no file") }
            guard type == .typeRegular else {
                throw PolicyProblem(start, "it is not a file; give a file, or a directory that holds files")
            }
            guard try !isWritableByAll(path) else {
                throw PolicyProblem(start, "everybody may write it, and so decide who is held: run chmod o-w on it")
            }
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            var bytes: [UInt8] = []
            while bytes.count <= SourceText.largest,
                let chunk = try handle.read(upToCount: SourceText.largest + 1 - bytes.count), !chunk.isEmpty
            {
                bytes += chunk
            }
            return bytes
        } catch let problem as PolicyProblem {
            throw problem
        } catch {
            throw PolicyProblem(start, "the file cannot be read: \(reason(error))")
        }
    }

    /// What a path leads to, links followed.
    private static func type(of path: String) throws -> FileAttributeType? {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return try FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
    }

    /// Whether the mode of what a path leads to lets everybody write it.
    private static func isWritableByAll(_ path: String) throws -> Bool {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
        return (mode ?? 0) & 0o002 != 0
    }

    /// An error of Foundation in few words.
    private static func reason(_ error: any Error) -> String {
        guard let cocoa = error as? CocoaError else { return "\(error)" }
        switch cocoa.code {
        case .fileNoSuchFile, .fileReadNoSuchFile: return "there is no such file"
        case .fileReadNoPermission: return "permission denied"
        default: return cocoa.localizedDescription
        }
    }
}
