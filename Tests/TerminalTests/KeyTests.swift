import Signals
import Terminal
import Testing

@Suite("Keys")
struct KeyTests {
    private func keys(_ text: String) -> [Key] {
        var decoder = KeyDecoder()
        return decoder.feed(text.utf8) + decoder.settle()
    }

    @Test("Characters, control characters and both kinds of cursor sequences")
    func known() {
        #expect(keys("qä") == [.character("q"), .character("ä")])
        #expect(keys("\u{3}\u{1a}\u{c}\r\t\u{7f}") == [.interrupt, .suspend, .redraw, .enter, .tab, .backspace])
        #expect(keys("\u{1b}[A\u{1b}OB\u{1b}[C\u{1b}[D") == [.up, .down, .right, .left])
        #expect(keys("\u{1b}[5~\u{1b}[6~\u{1b}[H\u{1b}[4~\u{1b}[1;5C") == [.pageUp, .pageDown, .home, .end, .right])
    }

    @Test("A sequence may come byte by byte")
    func pieces() {
        var decoder = KeyDecoder()
        #expect(decoder.feed([0x1b]).isEmpty)
        #expect(decoder.isUndecided)
        #expect(decoder.feed([0x5b]).isEmpty)
        #expect(decoder.feed([0x41]) == [.up])
        #expect(!decoder.isUndecided)
        #expect(decoder.feed([0xc3]).isEmpty)
        #expect(decoder.feed([0xa4]) == [.character("ä")])
    }

    @Test("A lone escape is the escape key once nothing follows, and comes before another key")
    func escape() {
        #expect(keys("\u{1b}") == [.escape])
        #expect(keys("\u{1b}q") == [.escape, .character("q")])
    }

    @Test("What is not known, not UTF-8 or without end is dropped, and keys after it count")
    func noise() {
        var decoder = KeyDecoder()
        #expect(decoder.feed([0x1b, 0x5b, 0x39, 0x39, 0x7e, 0x78]) == [.character("x")])
        #expect(decoder.feed([0xff, 0xc3, 0x41, 0x80, 0x79]) == [.character("A"), .character("y")])
        #expect(decoder.feed([0x1b, 0x5b] + Array(repeating: 0x30, count: 40)).isEmpty)
        #expect(decoder.feed([0x7a]) == [.character("z")])
        var generator = SplitMix64(seed: 5)
        for _ in 0..<20_000 { _ = decoder.feed([UInt8(truncatingIfNeeded: generator.next())]) }
        _ = decoder.settle()
        #expect(decoder.feed([0x71]) == [.character("q")])
    }
}
