import Foundation
import Signals
import Systemd

/// What `quell turnover` found.
public struct TurnoverReport: Codable, Sendable, Equatable {
    /// Something of a VM that is still on the host.
    public struct Leftover: Codable, Sendable, Equatable {
        /// What kind of thing it is, such as `nvram`.
        public var kind: String
        /// Which one: a path, a process, a device.
        public var what: String
        /// The command that removes it.
        public var remedy: String
    }

    /// Something that could not be looked at.
    public struct Gap: Codable, Sendable, Equatable {
        /// What kind of thing it is.
        public var kind: String
        /// Why not.
        public var why: String
    }

    /// A volume of the VM.
    public struct Volume: Codable, Sendable, Equatable {
        /// The disk's name in the description; the pool and the volume's name where libvirt knows the VM no more.
        public var target: String
        /// What is behind it.
        public var source: String
        /// What came of wiping it; `nil` where that was not asked for.
        public var wiped: String?
    }

    /// What came of it all.
    public enum Verdict: String, Codable, Sendable, CaseIterable {
        /// All was looked at, and nothing is left.
        case clean
        /// Something is left.
        case leftBehind = "left behind"
        /// Nothing was found, but not all could be looked at.
        case notKnown = "not known"
    }

    /// The VM's UUID, where it is known.
    public var uuid: String?
    /// The VM's name, where it is known.
    public var name: String?
    /// What came of it all.
    public var verdict: Verdict
    /// What is left.
    public var leftovers: [Leftover]
    /// What could not be looked at.
    public var notKnown: [Gap]
    /// Its volumes: those of its disks, which are listed and not judged, where it is still defined.
    public var volumes: [Volume]
    /// Log files about it; mentioned, not judged.
    public var logs: [String]
    /// Who signed it off; `nil` where nobody did.
    public var signedBy: String?

    /// The report of a VM.
    ///
    /// - Parameters:
    ///   - subject: The VM.
    ///   - leftovers: What is left.
    ///   - gaps: What could not be looked at.
    ///   - volumes: Its volumes.
    ///   - logs: Log files about it.
    init(_ subject: TurnoverSubject, leftovers: [Leftover], gaps: [Gap], volumes: [Volume] = [], logs: [String]) {
        uuid = subject.uuid?.description
        name = subject.name
        verdict = !leftovers.isEmpty ? .leftBehind : gaps.isEmpty ? .clean : .notKnown
        self.leftovers = leftovers
        notKnown = gaps
        self.logs = logs
        self.volumes = volumes
    }

    /// The exit code of the command: 0 where nothing is left, 1 where something is, 2 where it is not known.
    public var exitCode: Int32 {
        switch verdict {
        case .clean: 0
        case .leftBehind: 1
        case .notKnown: 2
        }
    }

    /// The report as JSON.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

extension TurnoverReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        var blocks: [String] = []
        if !leftovers.isEmpty {
            let rows = leftovers.map { [$0.kind, $0.what, $0.remedy] }
            blocks.append(TextTable.text([["LEFT BEHIND", "WHAT", "TO REMOVE IT"]] + rows))
        }
        if !notKnown.isEmpty {
            blocks.append(TextTable.text([["NOT KNOWN", "WHY"]] + notKnown.map { [$0.kind, $0.why] }))
        }
        if !volumes.isEmpty {
            let rows = volumes.map { [$0.target, $0.source, $0.wiped ?? "not wiped"] }
            blocks.append(TextTable.text([["DISK", "VOLUME", "STATE"]] + rows))
        }
        if !logs.isEmpty {
            blocks.append(TextTable.text([["LOGS, WHICH ARE NOT JUDGED"]] + logs.map { [$0] }))
        }
        let who = [name.map { PlainText.name($0) }, uuid.map { PlainText.line($0) }].compactMap(\.self)
        var last = "\(who.joined(separator: ", ")): \(verdict.rawValue)"
        if let signedBy { last += "; signed off by \(PlainText.line(signedBy))" }
        return (blocks + [last]).joined(separator: "\n\n")
    }
}
