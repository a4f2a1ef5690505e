import Signals
import Testing

@testable import Policy

@Suite("The nearest known name")
struct NearestNameTests {
    private let names = Signal.allCases.map(\.name)

    @Test(
        "a slip finds the name",
        arguments: [
            ("cpu.run_dealy", "cpu.run_delay"), ("cpu.rundelay", "cpu.run_delay"), ("CPU.RUN_DELAY", "cpu.run_delay"),
            ("cpu-run-delay", "cpu.run_delay"), ("net.drop", "net.drops"), ("mem.presure.full", "mem.pressure.full"),
            ("disk.write_byte", "disk.write_bytes"), ("perf.ipc", "perf.cpi"),
        ]
    )
    func slips(_ written: String, _ meant: String) {
        #expect(NearestName.of(written, among: names) == meant)
    }

    @Test("what is near to nothing finds nothing", arguments: ["", "x", "latency", "quite another thing"])
    func nothing(_ written: String) {
        #expect(NearestName.of(written, among: names) == nil)
    }

    @Test("of two equally near names the first is taken, and a third of the letters may differ")
    func boundary() {
        #expect(NearestName.of("abx", among: ["aby", "abz"]) == "aby")
        #expect(NearestName.of("abcxyz", among: ["abcdez"]) == "abcdez")
        #expect(NearestName.of("abwxyz", among: ["abcdez"]) == nil)
    }

    @Test("an endless word is not compared")
    func endless() {
        #expect(NearestName.of(String(repeating: "a", count: 100_000), among: names) == nil)
    }
}
