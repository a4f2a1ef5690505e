import Exposition
import Testing

@testable import QuellRuntime

/// A text of metrics, taken apart as strictly as a scraper would.
struct MetricsText {
    /// One sample.
    struct Sample: Equatable {
        /// Its name.
        var name: String
        /// Its labels, as they are meant.
        var labels: [String: String]
        /// Its value.
        var value: Double
    }

    /// The samples in order.
    var samples: [Sample] = []
    /// What type each name in a comment has.
    var types: [String: String] = [:]

    /// Takes a text apart; whatever is wrong with it is an issue of the test.
    init(_ bytes: [UInt8], _ format: ExpositionFormat) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.popLast() == "", "the text ends in a newline")
        if format == .openMetrics { #expect(lines.popLast() == "# EOF") }
        var family = ""
        var seen: Set<String> = []
        for line in lines {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                family = String(words[2])
                #expect(types[family] == nil, "\(family) comes twice")
                types[family] = String(words[3])
            } else if !line.hasPrefix("#") {
                let sample = try #require(Self.sample(line), "\(line)")
                #expect(sample.name.hasPrefix(family), "\(line) belongs to \(family)")
                let key = line.prefix(upTo: line.lastIndex(of: " ") ?? line.endIndex)
                #expect(seen.insert(String(key)).inserted, "\(key) comes twice")
                samples.append(sample)
            }
        }
    }

    /// The samples of a name.
    func of(_ name: String) -> [Sample] { samples.filter { $0.name == name } }

    /// The value of the only sample of a name that has these labels among its own.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = of(name).filter { sample in labels.allSatisfy { sample.labels[$0.key] == $0.value } }
        return found.count == 1 ? found[0].value : nil
    }

    private static func sample(_ line: Substring) -> Sample? {
        var rest = line
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = name.first, !first.isNumber else { return nil }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                if !labels.isEmpty {
                    guard rest.first == "," else { return nil }
                    rest = rest.dropFirst()
                }
                let label = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                guard !label.isEmpty, labels[String(label)] == nil, rest.dropFirst(label.count).hasPrefix("=\"") else {
                    return nil
                }
                rest = rest.dropFirst(label.count + 2)
                guard let value = quoted(&rest) else { return nil }
                labels[String(label)] = value
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()) else { return nil }
        return Sample(name: String(name), labels: labels, value: value)
    }

    /// The text up to the closing quote, which is taken too.
    private static func quoted(_ rest: inout Substring) -> String? {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                switch rest.popFirst() {
                case "\\": value += "\\"
                case "\"": value += "\""
                case "n": value += "\n"
                default: return nil
                }
            default: value.append(character)
            }
        }
        return nil
    }
}
