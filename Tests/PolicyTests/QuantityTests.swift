import Signals
import Testing

@testable import Policy

@Suite("Quantities with units")
struct QuantityTests {
    @Test(
        "a number with its unit is read in base units",
        arguments: [
            ("60 ms/s", .timePerSecond, 0.06), ("60ms/s", .timePerSecond, 0.06), ("250 us/s", .timePerSecond, 0.00025),
            ("250 µs/s", .timePerSecond, 0.00025), ("1 s/s", .timePerSecond, 1), ("20%", .timePerSecond, 0.2),
            ("35%", .share, 0.35), ("35 %", .share, 0.35), ("0.5%", .share, 0.005),
            ("4096", .count, 4_096), ("1e3", .count, 1_000), ("+3", .count, 3), ("-3", .count, -3),
            ("200 MiB", .size, 209_715_200), ("1.5 GiB", .size, 1_610_612_736), ("1 kB", .size, 1_000),
            ("2 TB", .size, 2e12), ("7 B", .size, 7), ("200 MiB/s", .dataRate, 209_715_200),
            ("8 Mbit/s", .dataRate, 1e6), ("5000 /s", .rate, 5_000), ("5000/s", .rate, 5_000), ("20 k/s", .rate, 2e4),
            ("30 /min", .rate, 0.5), ("36 /h", .rate, 0.01), ("500 ms", .duration, 0.5), ("3 s", .duration, 3),
            ("10 min", .duration, 600), ("2 h", .duration, 7_200), ("1 d", .duration, 86_400),
            ("2.5 cores", .cores, 2.5), ("1 core", .cores, 1), ("3 CPI", .cyclesPerInstruction, 3),
            ("150 W", .power, 150), ("2 kW", .power, 2_000), ("2.4 GHz", .frequency, 2.4e9),
            ("4 sigma", .deviation, 4), ("4σ", .deviation, 4),
        ] as [(String, Dimension, Double)]
    )
    func read(_ text: String, _ kind: Dimension, _ value: Double) throws {
        #expect(try Quantity.value(of: text, as: kind, for: "it") == value)
    }

    @Test("every kind reads its own example and every one of its units", arguments: Dimension.allCases)
    func ownUnits(_ kind: Dimension) throws {
        #expect(try Quantity.value(of: kind.example, as: kind, for: "it") > 0)
        for unit in kind.unitNames { #expect(try Quantity.value(of: "3 \(unit)", as: kind, for: "it") > 0) }
    }

    @Test("no kind reads the units of another, and the refusal says what the number is", arguments: Dimension.allCases)
    func otherUnits(_ kind: Dimension) {
        for other in Dimension.allCases where !kind.accepts(other) && other != .count {
            let refusal = #expect(throws: Quantity.Refusal.self) {
                try Quantity.value(of: other.example, as: kind, for: "it")
            }
            #expect(
                refusal?.message
                    == "'\(other.example)' is \(other.noun); it wants \(kind.noun), such as \(kind.example)"
            )
        }
    }

    @Test(
        "what is no number with a unit is refused",
        arguments: [
            "", " ", "ms/s", "fast", ".5 ms/s", "5. ms/s", "1.2.3 ms/s", "--5 ms/s", "5 5 ms/s", "0x10 ms/s",
            "1_000 ms/s",
            "1,5 ms/s", "nan ms/s", "inf", "infinity ms/s", "1e999 ms/s", "-1e999 ms/s", "1e17 TiB", "٣ ms/s",
            "5 ms/s/s",
            "5 MS/S", "50", "½ ms/s", "1e ms/s", "5 ms / s",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: Quantity.Refusal.self) { try Quantity.value(of: text, as: .timePerSecond, for: "it") }
    }

    @Test("what a unit writes is read back to three digits, over all units and twenty-four orders of magnitude")
    func roundTrip() throws {
        var random = SplitMix64(seed: 0x51_75_65_6c_6c)
        for unit in Unit.allCases {
            for _ in 0..<2_000 {
                let exponent = Double.random(in: -6...17, using: &random)
                let sign = Bool.random(using: &random) ? 1.0 : -1.0
                var value = sign
                for _ in 0..<Int(abs(exponent)) { value *= exponent > 0 ? 10 : 0.1 }
                value *= Double.random(in: 1..<10, using: &random)
                guard abs(value) <= Quantity.largest else { continue }
                let text = unit.text(value)
                let back = try Quantity.value(of: text, as: Dimension(unit), for: "it")
                // The text has three digits, or four decimal places of the unit it is written in (of 1/1000 at most).
                #expect(abs(back - value) <= abs(value) * 0.006 + 0.0001, "\(unit) \(value) \(text) \(back)")
                #expect(unit.text(back) == text, "\(unit) \(value) \(text) \(back)")
            }
        }
    }

    @Test("a unit of wrong case or with a slip is told the right one")
    func suggestions() {
        for (text, kind, unit) in [
            ("4 gib", Dimension.size, "GiB"), ("4 MS", .duration, "ms"), ("3 sigmas", .deviation, "sigma"),
            ("2 coers", .cores, "cores"), ("2 mhz", .frequency, "MHz"),
        ] {
            let refusal = #expect(throws: Quantity.Refusal.self) {
                try Quantity.value(of: text, as: kind, for: "it")
            }
            #expect(refusal?.suggestion == unit, "\(text)")
        }
    }
}
