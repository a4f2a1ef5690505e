import Foundation
import Proving

/// What came of episodes, for people and for the evidence.
enum MatrixTexts {
    /// One episode as a line.
    ///
    /// - Parameter result: What came of it.
    /// - Returns: The line.
    static func line(_ result: EpisodeWatch.Result) -> String {
        var parts = ["told \(time(result.verdict))"]
        if result.truth.answer != .nothing { parts.append("guilty named \(time(result.named))") }
        if result.held != nil || result.truth.answer == .hold {
            parts += ["held \(time(result.held))", "victims relieved \(time(result.relief))"]
        }
        parts.append("as before \(time(result.letGo)) after the end")
        return "  \(result.episode.rawValue) \(result.round): \(parts.joined(separator: ", "))"
    }

    /// What was right or wrong about one episode.
    ///
    /// - Parameter result: What came of it.
    /// - Returns: The words.
    static func verdict(_ result: EpisodeWatch.Result) -> String {
        if !result.innocents.isEmpty { return "wrongly held: \(result.innocents.joined(separator: ", "))" }
        switch result.truth.answer {
        case .hold where result.decisions.isEmpty: return "nobody was held though \(result.episode.summary)"
        case .tell where result.named == nil: return "nobody was named though \(result.episode.summary)"
        case .hold, .tell: return "answered rightly"
        case .nothing: return "nobody was held"
        }
    }

    /// The table of the evidence: a row for each episode.
    ///
    /// - Parameters:
    ///   - results: What came of each, of all rounds.
    ///   - command: The command that plays them.
    /// - Returns: The table.
    static func table(_ results: [EpisodeWatch.Result], command: String) -> EvidenceTable {
        var table = EvidenceTable(
            title: "Episodes on real guests, each with a known truth",
            command: command,
            columns: [
                "episode", "must be", "right", "told", "named", "held", "relieved", "as before", "wrongly held",
                "wrongly named",
            ]
        )
        for episode in Episode.allCases {
            let rows = results.filter { $0.episode == episode }
            if rows.isEmpty { continue }
            table.rows.append([
                "\(episode.rawValue): \(episode.summary)", answer(episode.answer),
                "\(rows.count { $0.isRight }) of \(rows.count)", median(rows, \.verdict), median(rows, \.named),
                median(rows, \.held), median(rows, \.relief), median(rows, \.letGo),
                "\(rows.reduce(0) { $0 + $1.wronglyHeld.count })", "\(rows.reduce(0) { $0 + $1.wronglyNamed.count })",
            ])
        }
        let score = Score(results.flatMap(\.decisions), against: results.map(\.truth))
        let told = results.filter { $0.truth.answer == .tell }
        let held = results.filter { $0.truth.answer == .hold }.compactMap(\.held)
        table.notes = [
            "Times are medians in seconds from the onset, and from the end of the noise for \"as before\".",
            "Holds: \(score.right) right, \(score.wrong) wrong, precision \(share(score.precision)), recall "
                + "\(share(score.recall)) of \(score.noisy) noisy episodes.",
            "Misbehaviour told of the guilty: \(told.count { $0.named != nil }) of \(told.count).",
            "Onset to a limit in force in the kernel: median \(time(Score.rank(0.5, of: held))), 99 of 100 within "
                + "\(time(Score.rank(0.99, of: held))), \(held.count) episodes.",
            "Peaceful episodes: \(score.peaceful), false holds in them \(score.wrongInPeace), quarantines 0 by policy.",
        ]
        return table
    }

    private static func answer(_ answer: Truth.Answer) -> String {
        switch answer {
        case .hold: "held"
        case .tell: "told"
        case .nothing: "left alone"
        }
    }

    private static func median(
        _ rows: [EpisodeWatch.Result],
        _ path: KeyPath<EpisodeWatch.Result, Double?>
    ) -> String {
        Score.rank(0.5, of: rows.compactMap { $0[keyPath: path] }).map { Report.number($0) } ?? "–"
    }

    private static func share(_ value: Double?) -> String { value.map { Report.number($0) } ?? "–" }

    private static func time(_ seconds: Double?) -> String { seconds.map { Report.number($0) + " s" } ?? "never" }
}
