import Foundation
import Policy
import Proving
import QuellRuntime
import Reporting
import Signals
import Traces

/// Judges Quell and rules of other systems on one recorded trace whose truth is known.
struct TraceJudge {
    /// Why a trace cannot be judged.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private let truths: [Truth]
    private let traces: [[UInt8]]
    private let policy: PolicySet

    /// Reads what a run left: `matrix.trace` with those before it, `truth.json` and the threshold files.
    ///
    /// - Parameter place: The directory.
    /// - Throws: What is missing or damaged.
    init(_ place: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: place)
        truths = try JSONDecoder().decode([Truth].self, from: try Self.bytes(place + "/truth.json"))
        // The newest has no number.
        let parts = names.filter { $0.hasPrefix("matrix.trace.") }
            .compactMap { name in Int(name.dropFirst("matrix.trace.".count)).map { (name, $0) } }
            .sorted { $0.1 > $1.1 }.map(\.0)
        traces = try (parts + ["matrix.trace"]).map { [UInt8](try Self.bytes(place + "/" + $0)) }
        policy = try PolicyLoader.load(
            paths: names.filter { $0.hasSuffix(".yaml") }.sorted().map { place + "/" + $0 }
        )
    }

    /// What Quell and every other rule made of it.
    ///
    /// - Returns: A score each, by title.
    /// - Throws: ``Problem`` where no frame can be read.
    func scores() throws -> [(title: String, score: Score)] {
        var rules = Peers.all
        var decisions: [[Decision]] = rules.map { _ in [] }
        var quell: [Decision] = []
        var frames = 0
        var now = 0.0
        var replay = Replay(policy: policy) { event in
            guard event.kind == MessageID.wouldThrottle.name, let vm = event.fields[AlertField.vmUUID.rawValue] else {
                return
            }
            quell.append(Decision(vm: vm, second: event.second))
        }
        var start: Double?
        for trace in traces {
            var reader = TraceReader(trace)
            while let item = Self.next(of: &reader) {
                guard item == .frame else { continue }
                let frame = reader.frame
                frames += 1
                now = frame.time.seconds
                if start == nil { start = now }
                for index in rules.indices {
                    for slot in rules[index].judge(frame) {
                        guard let vm = frame.records[slot.index]?.identity.uuid.description else { continue }
                        decisions[index].append(Decision(vm: vm, second: now))
                    }
                }
            }
            replay.run(trace)
        }
        guard frames > 0, let start else { throw Problem(description: "no frame could be read") }
        let own = quell.map { Decision(vm: $0.vm, second: $0.second + start) }
        return [("Quell", Score(own, against: truths))]
            + zip(rules, decisions).map { ($0.title, Score($1, against: truths)) }
    }

    /// The scores as a table.
    ///
    /// - Returns: The table.
    /// - Throws: ``Problem`` where no frame can be read.
    func table() throws -> EvidenceTable {
        var table = EvidenceTable(
            title: "Quell and rules of other systems on the same recorded frames",
            command: "make proving",
            columns: [
                "rule", "right holds", "wrong holds", "in peace", "precision", "noisy", "answered", "recall", "median",
                "99 of 100 within",
            ]
        )
        table.date = Date().formatted(.iso8601.year().month().day())
        table.host = "frames recorded by `Integration unheld`"
        for (title, score) in try scores() {
            table.rows.append([
                title, "\(score.right)", "\(score.wrong)", "\(score.wrongInPeace)", number(score.precision),
                "\(score.noisy)", "\(score.answered)", number(score.recall), number(score.delay(0.5)),
                number(score.delay(0.99)),
            ])
        }
        return table
    }

    private func number(_ value: Double?) -> String {
        value.map { "\(($0 * 100).rounded() / 100)" } ?? "–"
    }

    /// The next item; one that is damaged is passed over.
    private static func next(of reader: inout TraceReader) -> TraceReader.Item? {
        while true {
            do throws(TraceProblem) {
                return try reader.next()
            } catch {
                continue
            }
        }
    }

    private static func bytes(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problem(description: "\(path) cannot be read")
        }
        return data
    }
}
