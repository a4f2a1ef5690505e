import HostReaders
import Signals
import Testing

@Suite("Values of resctrl")
struct MonitorValueTests {
    @Test("a number is bytes, and the kernel's words are told apart")
    func words() {
        #expect(attempt("903413760\n", MonitorValue.init) == .bytes(903_413_760))
        #expect(attempt("0\n", MonitorValue.init) == .bytes(0))
        #expect(attempt("18446744073709551615\n", MonitorValue.init) == .bytes(.max))
        #expect(attempt("Unavailable\n", MonitorValue.init) == .unavailable)
        #expect(attempt("Unassigned\n", MonitorValue.init) == .unassigned)
        #expect(attempt("Error\n", MonitorValue.init) == .error)
    }

    @Test(
        "anything else is malformed, never zero",
        arguments: ["cut", "word", "two", "overflow", "negative", "empty", "hostile"]
    )
    func malformed(name: String) throws {
        let bytes = try Fixtures.malformed("mon_data." + name)
        #expect(throws: Malformed.self) { try MonitorValue(bytes.span) }
    }

    @Test("damaged bytes never trap")
    func damaged() {
        var random = SplitMix64(seed: 17)
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = Array("Unavailable\n903413760\nError\n".utf8)
            bytes.removeFirst(Int(random.next() % UInt64(bytes.count)))
            for _ in 0..<Int(random.next() % 3) where !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if (try? MonitorValue(bytes.span)) != nil { taken += 1 }
            _ = try? CPUList(bytes.span)
            _ = try? PerfReadout(bytes.span)
        }
        #expect(taken > 0)
    }
}
