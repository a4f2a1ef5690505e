import Foundation

/// Holds by hand.
extension Quelld {
    /// A hold as `quell leases` tells it.
    struct HoldRow: Decodable {
        /// One thing that was changed.
        struct Change: Decodable {
            /// What.
            var knob: String
        }

        /// The VM's name.
        var name: String
        /// How far it is held.
        var step: String
        /// Everything that was changed.
        var changes: [Change]
    }

    /// The words of a command that holds a guest for five minutes.
    ///
    /// - Parameters:
    ///   - guest: The guest.
    ///   - step: How far, such as `35%` or `quarantine`.
    ///   - contention: What over.
    /// - Returns: The program and its arguments.
    func holdCommand(_ guest: Guest, _ step: String, over contention: String = "cpu") -> [String] {
        [binaries + "/quell", "hold", guest.uuid, "--step", step, "--over", contention, "--run-dir", runDirectory]
    }

    /// The words of a command that lets a guest go.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: The program and its arguments.
    func releaseCommand(_ guest: Guest) -> [String] {
        [binaries + "/quell", "release", guest.uuid, "--run-dir", runDirectory]
    }

    /// Holds a guest.
    ///
    /// - Parameters:
    ///   - guest: The guest.
    ///   - step: How far.
    ///   - contention: What over.
    /// - Returns: What `quell hold` said.
    /// - Throws: ``BedError`` if it cannot be run.
    func hold(_ guest: Guest, _ step: String, over contention: String = "cpu") throws(BedError) -> Shell.Output {
        try Shell.attempt(holdCommand(guest, step, over: contention), limit: 90)
    }

    /// Lets a guest go.
    ///
    /// - Parameter guest: The guest.
    /// - Returns: What `quell release` said.
    /// - Throws: ``BedError`` if it cannot be run.
    func release(_ guest: Guest) throws(BedError) -> Shell.Output {
        try Shell.attempt(releaseCommand(guest), limit: 90)
    }

    /// What it holds, by its own account.
    ///
    /// - Returns: The holds.
    /// - Throws: ``BedError`` if it does not say.
    func holdRows() throws(BedError) -> [HoldRow] {
        let answer = try quell(["leases", "--run-dir", runDirectory, "--json"])
        guard answer.status == 0, let rows = try? JSONDecoder().decode([HoldRow].self, from: Data(answer.text.utf8))
        else { throw .failed(command: "quell leases --json", status: answer.status, errors: answer.errors) }
        return rows
    }
}
