import Foundation
import Proving

extension Scene {
    /// Some episodes of the matrix, once each, the daemon acting.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func briefMatrix(_ report: inout Report) throws(BedError) {
        let results = try MatrixRun.play(.init(episodes: Episode.brief, rounds: 1, acts: true), on: self, &report)
        for note in MatrixTexts.table(results, command: "Integration matrix").notes { say("  \(note)") }
    }

    /// Episodes of the matrix, recorded.
    ///
    /// - Parameters:
    ///   - episodes: Which.
    ///   - rounds: How often each is played.
    ///   - acts: Whether the daemon holds anybody.
    ///   - report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func wholeMatrix(
        _ episodes: [Episode],
        rounds: Int,
        acts: Bool,
        _ report: inout Report
    ) throws(BedError) {
        let traces =
            ProcessInfo.processInfo.environment["QUELL_TRACES"]
            ?? FileManager.default.currentDirectoryPath + "/.build/matrix"
        let name = acts ? "proving" : "unheld"
        let plan = MatrixRun.Plan(
            episodes: episodes,
            rounds: rounds,
            acts: acts,
            place: traces + "/" + name
        )
        let results = try MatrixRun.play(plan, on: self, &report)
        let table = MatrixTexts.table(results, command: "make proving")
        for note in table.notes { say("  \(note)") }
        try Evidence.leave(table, as: acts ? "matrix" : "matrix-unheld")
    }
}
