import Foundation
import Sampling
import Signals

/// What `quell doctor` found.
public struct DoctorReport: Codable, Sendable, Equatable {
    /// One thing that Quell would like to observe or do.
    public struct Line: Codable, Sendable, Equatable {
        /// The signal's name, or the name of an action.
        public var name: String
        /// `available`, `degraded` or `not available`.
        public var state: String
        /// Why it is not available in full.
        public var why: String?
        /// Where it comes from, or would come from.
        public var source: String
        /// What to change.
        public var remedy: String?
    }

    /// Whose rights a look at the host was taken with: a daemon in its sandbox sees less than root in a shell.
    public enum Viewpoint: String, Codable, Sendable, CaseIterable {
        /// The running daemon's.
        case daemon
        /// Those of the command that was run, since no daemon answered or none was to be asked.
        case command
    }

    /// What the host is.
    public var host: String
    /// Whose rights the look was taken with.
    public var viewpoint: Viewpoint
    /// Every signal, once.
    public var signals: [Line]
    /// What can be done to a VM.
    public var enforcement: [Line]

    /// A report.
    ///
    /// - Parameters:
    ///   - capabilities: Every signal, once.
    ///   - enforcement: What can be done to a VM.
    ///   - host: What the host is.
    ///   - viewpoint: Whose rights the look was taken with.
    init(_ capabilities: [Capability], enforcement: [Line], host: String, viewpoint: Viewpoint) {
        self.host = host
        self.viewpoint = viewpoint
        self.enforcement = enforcement
        signals = capabilities.map { capability in
            var line = Line(
                name: capability.signal.name,
                state: "available",
                why: nil,
                source: capability.source,
                remedy: capability.remedy
            )
            switch capability.state {
            case .available: break
            case .degraded(let why):
                line.state = "degraded"
                line.why = why
            case .notAvailable(let why):
                line.state = "not available"
                line.why = why
            }
            return line
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

extension DoctorReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        let count = { (state: String) in signals.count { $0.state == state } }
        var rows = [["SIGNAL", "STATE", "SOURCE, AND WHY NOT"]]
        rows += signals.map(Self.row)
        let actions = enforcement.map(Self.row)
        return """
            \(TextTable.text(rows + [["", "", ""], ["ACTION", "STATE", "THROUGH"]] + actions))

            \(host); \(signals.count) signals: \(count("available")) available, \(count("degraded")) degraded, \
            \(count("not available")) not available
            \(viewpoint == .daemon ? "as quelld sees it" : "as this command sees it; quelld was not asked")
            """
    }

    private static func row(_ line: Line) -> [String] {
        var text = line.source
        if let why = line.why { text += ": " + why }
        if let remedy = line.remedy { text += "; to change it: " + remedy }
        return [line.name, line.state, text]
    }
}
