import Signals
import Testing

@Suite("Signal")
struct SignalTests {
    @Test("Every signal has a name of its own and is found by it")
    func namesAreUnique() {
        #expect(Set(Signal.allCases.map(\.name)).count == Signal.count)
        for signal in Signal.allCases { #expect(Signal(name: signal.name) == signal) }
    }

    @Test("An unknown name is no signal", arguments: ["", "cpu", "CPU.USAGE", "cpu.usage "])
    func unknown(name: String) {
        #expect(Signal(name: name) == nil)
    }

    @Test("Raw values are the columns 0 to count − 1")
    func columns() {
        #expect(Signal.allCases.map { Int($0.rawValue) } == Array(0..<Signal.count))
    }

    @Test("Signals of the host and of the agent are of host scope, all others of a VM")
    func scopes() {
        for signal in Signal.allCases {
            let ofHost = signal.name.hasPrefix("host.") || signal.name.hasPrefix("agent.")
            #expect((signal.scope == .host) == ofHost)
            #expect(!signal.summary.isEmpty)
        }
    }
}

@Suite("Unit")
struct UnitTests {
    @Test(
        "Values are written with three significant digits and a unit that people read",
        arguments: [
            (Unit.secondsPerSecond, 0.0624, "62.4 ms/s"), (.secondsPerSecond, 0, "0 ms/s"), (.ratio, 0.256, "25.6%"),
            (.ratio, 1, "100%"), (.cores, 1.5, "1.5 cores"), (.bytes, 1_023, "1023 B"), (.bytes, 1_024, "1 KiB"),
            (.bytesPerSecond, 209_715_200, "200 MiB/s"), (.bytes, -2_048, "-2 KiB"), (.perSecond, 12_345, "12345 /s"),
            (.seconds, 0.0042, "4.2 ms"), (.seconds, 90, "90 s"), (.count, 7, "7"), (.watts, 99.95, "100 W"),
            (.cyclesPerInstruction, 1.234, "1.23 CPI"), (.hertz, 50, "50 Hz"),
        ]
    )
    func text(unit: Unit, value: Double, text: String) {
        #expect(unit.text(value) == text)
    }

    @Test(
        "Values that are no numbers are written, not crashed on",
        arguments: [Double.nan, .infinity, -.infinity, 1e300]
    )
    func extremes(value: Double) {
        for unit in Unit.allCases { #expect(!unit.text(value).isEmpty) }
    }
}
