import Exposition
import Signals

extension Signal {
    /// The metric under which its readings are told: `quell_vm_` or `quell_`, its name, and its base unit.
    var metric: MetricFamily {
        let unit = unit.metricName
        var words = name.split(whereSeparator: { $0 == "." || $0 == "_" }).map(String.init)
        switch scope {
        case .vm: words = ["quell", "vm"] + (words.first == "vm" ? words.dropFirst() : words[...])
        case .host: words.insert("quell", at: 0)
        }
        if let unit {
            // What is counted, as in `disk.read_bytes`, is part of the unit.
            if let counted = unit.split(separator: "_").first, let last = words.last, last == counted {
                words.removeLast()
            }
            words.append(unit)
        }
        let help = (summary.first?.uppercased() ?? "") + summary.dropFirst()
        return MetricFamily(words.joined(separator: "_"), .gauge, unit: unit, help + ".")
    }
}

extension Unit {
    /// How metrics name it; `nil` for a plain count.
    var metricName: String? {
        switch self {
        case .cores: "cores"
        case .secondsPerSecond: "seconds_per_second"
        case .ratio: "ratio"
        case .bytes: "bytes"
        case .bytesPerSecond: "bytes_per_second"
        case .perSecond: "per_second"
        case .seconds: "seconds"
        case .count: nil
        case .cyclesPerInstruction: "cycles_per_instruction"
        case .watts: "watts"
        case .hertz: "hertz"
        }
    }
}
