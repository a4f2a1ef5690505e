import Foundation
public import Policy

/// Where the policy comes from: the files that were named, else the standard directory, else the shipped policy.
public struct PolicySource: Sendable, CustomStringConvertible {
    private let named: [String]
    private let directory: String

    /// The files of a command line.
    ///
    /// - Parameters:
    ///   - named: Files and directories that were named; empty for none.
    ///   - directory: The directory to look into when none are named.
    public init(named: [String], directory: String = DaemonConfiguration.policyDirectory) {
        self.named = named
        self.directory = directory
    }

    /// The shipped policy: what `Thresholds/default.yaml` says, carried within the binary.
    public static var shipped: String { String(decoding: PackageResources.default_yaml, as: UTF8.self) }

    /// Where the policy comes from, for people.
    public var description: String {
        if !named.isEmpty { return named.joined(separator: ", ") }
        return directoryHasFiles ? directory : "the shipped policy"
    }

    /// Reads and compiles the policy.
    ///
    /// - Returns: The policy.
    /// - Throws: `PolicyErrors` with every problem of every file, each at its `file:line:column`.
    public func load() throws(PolicyErrors) -> PolicySet {
        if !named.isEmpty { return try PolicyLoader.load(paths: named) }
        if directoryHasFiles { return try PolicyLoader.load(paths: [directory]) }
        return try PolicyLoader.load(text: Self.shipped, file: "default.yaml")
    }

    /// How many files the policy is read from; the shipped one counts as one.
    public var fileCount: Int {
        let counts = named.map { Self.files(in: $0) ?? 1 }
        if !counts.isEmpty { return counts.reduce(0, +) }
        return max(1, Self.files(in: directory) ?? 0)
    }

    private var directoryHasFiles: Bool { (Self.files(in: directory) ?? 0) > 0 }

    /// How many threshold files a directory holds; `nil` for what is no directory.
    private static func files(in directory: String) -> Int? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return nil }
        return names.count { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
    }
}
