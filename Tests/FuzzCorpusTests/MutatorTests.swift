import HostReaders
import Testing

@testable import FuzzCorpus

@Suite("Made input")
struct MutatorTests {
    private let parser = FuzzParser("a", seeds: [Array("key 12\nother 13\n".utf8)], longest: 1_000) { _ in .taken }

    private func inputs(_ parser: FuzzParser, seed: UInt64, _ numbers: some Sequence<UInt64>) -> [[UInt8]] {
        var mutator = Mutator(parser, seed: seed)
        return numbers.map { number in
            mutator.make(number)
            return mutator.bytes
        }
    }

    @Test("an input depends on parser, seed and number alone, so that it can be made again by itself")
    func again() {
        let all = inputs(parser, seed: 5, 0..<2_000)
        for number in [0, 1, 77, 1_999] as [UInt64] {
            #expect(inputs(parser, seed: 5, [number]) == [all[Int(number)]])
        }
        #expect(inputs(parser, seed: 5, (0..<2_000).reversed()) == all.reversed())
        #expect(inputs(parser, seed: 6, 0..<2_000) != all)
        let other = FuzzParser("b", seeds: parser.seeds) { _ in .taken }
        #expect(inputs(other, seed: 5, 0..<2_000) != all)
    }

    @Test("inputs differ, some are real, empty or as long as may be, and none is longer by more than a byte")
    func variety() {
        let all = inputs(parser, seed: 1, 0..<20_000)
        #expect(Set(all).count > 8_000)
        #expect(all.contains(parser.seeds[0]))
        #expect(all.contains([]))
        #expect(all.contains { $0.contains(0x0D) } && all.contains { $0.contains(0) })
        #expect(all.contains { $0.count >= 1_000 } && all.allSatisfy { $0.count <= 1_001 })
    }

    @Test("a binary message gets integers at the edges of what fits")
    func binary() {
        let message = FuzzParser.binary("m", [[UInt8](repeating: 0x11, count: 32)]) { _ in .taken }
        let all = inputs(message, seed: 1, 0..<20_000)
        #expect(all.contains { $0.count == 32 && $0.contains(0xFF) && $0.contains(0x11) })
        #expect(all.contains { $0.count < 32 } && all.contains { $0.count > 32 })
    }

    @Test("a number is seen where it stands whole, with something behind it")
    func witness() {
        let bytes = Array("a12 0034\nb9:18446744073709551615 18446744073709551616 5".utf8)
        for number in [12, 34, 9, .max] as [UInt64] { #expect(Witness.holds(bytes, number), "\(number)") }
        for number in [1, 2, 3, 4, 0, 5, 1_844] as [UInt64] { #expect(!Witness.holds(bytes, number), "\(number)") }
    }

    @Test("a parser that lies is caught: a number that is not there, a place outside, lines without end")
    func lies() {
        let text = "12\n"
        let invented = FuzzParser.file("x", [text]) { _, seen throws(Malformed) in seen.number(13) }
        let outside = FuzzParser.file("x", [text]) { bytes, _ throws(Malformed) in
            throw Malformed(at: bytes.count + 1)
        }
        let endless = FuzzParser.lines("x", [text]) { _, seen in
            while seen.line() {}
            return nil
        }
        for parser in [invented, outside, endless] {
            guard case .broken = parser.feed(Array(text.utf8)) else {
                Issue.record("\(parser.name) got away with it")
                continue
            }
        }
        let honest = FuzzParser.file("x", [text]) { _, seen throws(Malformed) in seen.number(12_000, times: 1_000) }
        #expect(honest.feed(Array(text.utf8)) == .taken)
    }
}
