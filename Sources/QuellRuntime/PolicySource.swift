import Foundation
public import Policy

/// What threshold files hold.
public struct PolicyContent: Equatable, Sendable {
    /// The files.
    public var files: PolicyText
    /// Whether it is the shipped policy, for there being no files.
    public var isShipped: Bool
}

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

    /// The paths at which changes count.
    public var watchedPaths: [String] { named.isEmpty ? [directory] : named }

    /// Reads the files; what cannot be read is among what they hold.
    ///
    /// - Returns: What they hold.
    public func read() -> PolicyContent {
        if !named.isEmpty { return PolicyContent(files: PolicyLoader.read(paths: named), isShipped: false) }
        if directoryHasFiles { return PolicyContent(files: PolicyLoader.read(paths: [directory]), isShipped: false) }
        return PolicyContent(files: PolicyText(Self.shipped, file: "default.yaml"), isShipped: true)
    }

    /// Reads and compiles the policy.
    ///
    /// - Returns: The policy.
    /// - Throws: `PolicyErrors` with every problem of every file, each at its `file:line:column`.
    public func load() throws(PolicyErrors) -> PolicySet { try read().files.policy() }

    private var directoryHasFiles: Bool {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return false }
        return names.contains { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
    }
}
