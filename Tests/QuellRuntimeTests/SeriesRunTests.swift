import Foundation
import QuellRuntime
import Testing

@Suite("Scoring files of series")
struct SeriesRunTests {
    /// A directory that goes with the test.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "quell-series-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    /// A reading a minute: 0, 1, 2, 0, 1, 2, and 90 at row 350.
    private let series: String = {
        let rows = (0..<400).map { row in
            let clock = [row / 60, row % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
            return "2024-01-01 \(clock):00,\(row == 350 ? 90 : row % 3)"
        }
        return "timestamp,value\n" + rows.joined(separator: "\n") + "\n"
    }()

    @Test("a score a row comes out, timestamps as they were, and the spike is the first event")
    func rows() throws {
        try withDirectory { directory in
            try SeriesRun.write(series, to: directory + "/in/a.csv")
            let text = try SeriesRun.scores(path: directory + "/in/a.csv")
            let lines = text.split(separator: "\n")
            #expect(lines.count == 401 && lines[0] == "timestamp,anomaly_score")
            let scores = lines.dropFirst().map { Double($0.split(separator: ",")[1]) ?? -1 }
            #expect(scores.firstIndex { $0 >= 0.5 } == 350)
            #expect(lines[351].hasPrefix("2024-01-01 05:50:00,"))
        }
    }

    @Test("a row's score depends on the rows before it alone")
    func causal() throws {
        try withDirectory { directory in
            let lines = series.split(separator: "\n")
            try SeriesRun.write(lines.prefix(380).joined(separator: "\n"), to: directory + "/half.csv")
            try SeriesRun.write(series, to: directory + "/whole.csv")
            let whole = try SeriesRun.scores(path: directory + "/whole.csv")
            #expect(try whole.hasPrefix(SeriesRun.scores(path: directory + "/half.csv")))
        }
    }

    @Test("every file of a tree is scored under its own name, and others are left alone")
    func tree() throws {
        try withDirectory { directory in
            for name in ["a.csv", "x/b.csv", "x/y/c.csv", "x/notes.txt"] {
                try SeriesRun.write(series, to: directory + "/in/" + name)
            }
            #expect(try SeriesRun.tree(directory + "/in", to: directory + "/out") == 3)
            for name in ["a.csv", "x/b.csv", "x/y/c.csv"] {
                #expect(FileManager.default.fileExists(atPath: directory + "/out/" + name))
            }
            #expect(!FileManager.default.fileExists(atPath: directory + "/out/x/notes.txt"))
        }
    }

    @Test("errors name file and line, a missing file, and a tree without series")
    func errors() throws {
        try withDirectory { directory in
            let path = directory + "/a.csv"
            try SeriesRun.write("timestamp,value\n1,2\n2,abc\n", to: path)
            #expect { try SeriesRun.scores(path: path) } throws: { "\($0)".hasPrefix(path + ":3: the value is 'abc'") }
            #expect { try SeriesRun.scores(path: directory + "/none.csv") } throws: {
                "\($0)".hasPrefix(directory + "/none.csv: the file cannot be read")
            }
            try FileManager.default.createDirectory(atPath: directory + "/empty", withIntermediateDirectories: true)
            #expect { try SeriesRun.tree(directory + "/empty", to: directory) } throws: {
                "\($0)".contains("ends in .csv")
            }
            #expect { try SeriesRun.tree(directory + "/none", to: directory) } throws: {
                "\($0)".contains("not a directory")
            }
        }
    }
}
