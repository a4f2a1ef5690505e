import Foundation

/// Audits and turnovers.
extension Quelld {
    /// What `quell audit --json` says.
    struct Audit: Decodable {
        /// What is meant: a VM, or the host where it has no UUID.
        struct Subject: Decodable {
            /// The VM's UUID.
            var uuid: String?
        }

        /// Something that was found.
        struct Finding: Decodable {
            /// What kind it is.
            var id: String
            /// How urgent it is.
            var severity: String
            /// The host or the VM.
            var subject: Subject
            /// Which one.
            var part: String?
            /// What was seen.
            var evidence: String
            /// What to do.
            var remedy: String
        }

        /// Everything that was found.
        var findings: [Finding]

        /// A finding; `nil` where it is not there.
        ///
        /// - Parameters:
        ///   - id: What kind it is.
        ///   - uuid: The VM's UUID; `nil` for the host.
        /// - Returns: The finding.
        func finding(_ id: String, of uuid: String?) -> Finding? {
            findings.first { $0.id == id && $0.subject.uuid == uuid }
        }
    }

    /// What `quell turnover --json` says.
    struct Turned: Decodable {
        /// Something that is left.
        struct Leftover: Decodable {
            /// What kind it is.
            var kind: String
            /// Which one.
            var what: String
            /// The command that removes it.
            var remedy: String
        }

        /// Something that is not known.
        struct Gap: Decodable {
            /// What kind it is.
            var kind: String
            /// Why not.
            var why: String
        }

        /// A volume.
        struct Volume: Decodable {
            /// Where it is.
            var source: String
            /// What came of overwriting it.
            var wiped: String?
        }

        /// What came of it all.
        var verdict: String
        /// What is left.
        var leftovers: [Leftover]
        /// What is not known.
        var notKnown: [Gap]
        /// The volumes.
        var volumes: [Volume]

        /// The kinds of all that is left.
        var kinds: Set<String> { Set(leftovers.map(\.kind)) }
    }

    /// Asks the daemon for an audit.
    ///
    /// - Returns: What was found.
    /// - Throws: ``BedError`` where it does not say.
    func audit() throws(BedError) -> Audit {
        let answer = try quell(["audit", "--run-dir", runDirectory, "--json"])
        guard (0...2).contains(answer.status),
            let audit = try? JSONDecoder().decode(Audit.self, from: Data(answer.text.utf8))
        else { throw .failed(command: "quell audit --json", status: answer.status, errors: answer.errors) }
        return audit
    }

    /// Asks what is left of a VM.
    ///
    /// - Parameter arguments: The VM, and what else is asked.
    /// - Returns: The exit status with what was found; with why nothing was looked at where it was refused.
    /// - Throws: ``BedError`` where neither came.
    func turnover(_ arguments: [String]) throws(BedError) -> (status: Int32, found: Turned?, errors: String) {
        let places = ["--uri", bed.uri, "--run-dir", runDirectory, "--state-dir", stateDirectory, "--json"]
        let answer = try quell(["turnover"] + arguments + places)
        let found = try? JSONDecoder().decode(Turned.self, from: Data(answer.text.utf8))
        guard found != nil || !answer.errors.isEmpty else {
            throw .failed(command: "quell turnover", status: answer.status, errors: "it says nothing")
        }
        return (answer.status, found, answer.errors.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }
}
