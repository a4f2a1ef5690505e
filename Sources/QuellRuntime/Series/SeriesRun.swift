import Detection
import Foundation

/// `quell detect`: scores series in files, each in one pass, as the daemon would have while it happened.
public enum SeriesRun {
    /// What could not be scored.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// The file, with the line where one is to blame, and what is wrong with it.
        public let description: String
    }

    /// Scores one file.
    ///
    /// - Parameters:
    ///   - path: The file: comma-separated values, see `SeriesParser`.
    ///   - column: The column of the values; nil for `value`.
    /// - Returns: `timestamp,anomaly_score`, a row for each row read, timestamps as they were written.
    /// - Throws: ``Problem`` that names file and line.
    public static func scores(path: String, column: String? = nil) throws(Problem) -> String {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw Problem(description: "\(path): the file cannot be read: \(error.localizedDescription)")
        }
        do throws(SeriesError) {
            return scored(bytes, try SeriesParser.rows(bytes, column: column))
        } catch {
            throw Problem(description: "\(path):\(error)")
        }
    }

    /// Scores every `.csv` file below a directory into a like-named file below another.
    ///
    /// - Parameters:
    ///   - root: The directory.
    ///   - outRoot: Where the scores go; made where it is missing.
    ///   - column: The column of the values; nil for `value`.
    /// - Returns: How many files were scored.
    /// - Throws: ``Problem`` at the first file that cannot be scored.
    public static func tree(_ root: String, to outRoot: String, column: String? = nil) throws(Problem) -> Int {
        guard (try? FileManager.default.contentsOfDirectory(atPath: root)) != nil,
            let walk = FileManager.default.enumerator(atPath: root)
        else {
            throw Problem(description: "\(root): not a directory that can be read")
        }
        let names = walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".csv") }.sorted()
        guard !names.isEmpty else {
            throw Problem(description: "\(root): no file below it ends in .csv")
        }
        for name in names {
            try write(scores(path: root + "/" + name, column: column), to: outRoot + "/" + name)
        }
        return names.count
    }

    /// Writes scores, whole or not at all.
    ///
    /// - Parameters:
    ///   - text: The scores.
    ///   - path: The file; its directory is made where it is missing.
    /// - Throws: ``Problem`` that names the file.
    public static func write(_ text: String, to path: String) throws(Problem) {
        do {
            let file = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file, options: .atomic)
        } catch {
            throw Problem(description: "\(path): the file cannot be written: \(error.localizedDescription)")
        }
    }

    /// The scores of rows, in one pass.
    private static func scored(_ bytes: [UInt8], _ rows: [SeriesRow]) -> String {
        var scorer = StreamScorer()
        var text = "timestamp,anomaly_score\n"
        for row in rows {
            let score = scorer.score(row.value, at: row.time).score
            text += String(decoding: bytes[row.timestamp], as: UTF8.self) + ",\(score)\n"
        }
        return text
    }
}
