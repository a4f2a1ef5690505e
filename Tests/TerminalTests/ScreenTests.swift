import Signals
import Terminal
import Testing

@Suite("Screen")
struct ScreenTests {
    private let size = TerminalSize(columns: 20, lines: 4)

    @Test("The first picture clears the terminal and shows every line, cut at the edges")
    func first() {
        var screen = Screen(colour: true)
        var paper = PaperTerminal(size)
        let lines = ["alpha", "a line that is longer than the terminal", "", "δ", "below the bottom"].map {
            StyledLine($0)
        }
        paper.take(screen.update(lines, size: size))
        #expect(paper.text(0) == "alpha" + String(repeating: " ", count: 15))
        #expect(paper.text(1) == "a line that is longe")
        #expect(paper.text(3).hasPrefix("δ "))
        #expect(paper.unknown.isEmpty)
    }

    @Test("The same picture sends nothing, one changed digit sends that digit alone")
    func changes() {
        var screen = Screen(colour: true)
        _ = screen.update([StyledLine("cpu 41 %"), StyledLine("memory")], size: size)
        #expect(screen.update([StyledLine("cpu 41 %"), StyledLine("memory")], size: size).isEmpty)
        #expect(screen.update([StyledLine("cpu 42 %"), StyledLine("memory")], size: size) == "\u{1b}[1;6H2")
        #expect(screen.update([StyledLine("cpu 42 %"), StyledLine("mem")], size: size) == "\u{1b}[2;4H\u{1b}[K")
    }

    @Test("Another size, and a screen that was forgotten, are sent whole")
    func whole() {
        var screen = Screen(colour: true)
        let lines = [StyledLine("one")]
        _ = screen.update(lines, size: size)
        #expect(screen.update(lines, size: TerminalSize(columns: 21, lines: 4)).contains("one"))
        screen.forget()
        #expect(screen.update(lines, size: TerminalSize(columns: 21, lines: 4)).contains("one"))
    }

    @Test("Without colour nothing but the cursor's line is set off")
    func plain() {
        var screen = Screen(colour: false)
        let output = screen.update([StyledLine("a", .red), StyledLine("b", [.bold, .reverse])], size: size)
        #expect(!output.contains("31"))
        #expect(!output.contains("\u{1b}[0;1m"))
        #expect(output.contains("\u{1b}[0;7mb"))
    }

    @Test("Whatever was shown before, the terminal then shows what it would if it were drawn anew")
    func random() {
        var generator = SplitMix64(seed: 11)
        let letters: [Character] = ["a", "b", " ", " ", "é", "日", "█", "7"]
        let styles: [Style] = [.plain, .plain, .bold, .red, [.reverse, .yellow]]
        var screen = Screen(colour: true)
        var paper = PaperTerminal(size)
        var lines = Array(repeating: StyledLine(), count: 4)
        for _ in 0..<2_000 {
            let index = Int(generator.next() % 4)
            var line = StyledLine()
            for _ in 0..<(generator.next() % 6) {
                let text = (0..<(generator.next() % 7)).map { _ in letters[Int(generator.next() % 8)] }
                line.append(String(text), styles[Int(generator.next() % 5)])
            }
            lines[index] = line
            paper.take(screen.update(lines, size: size))
            var fresh = Screen(colour: true)
            var expected = PaperTerminal(size)
            expected.take(fresh.update(lines, size: size))
            #expect(paper.lines == expected.lines)
            #expect(paper.unknown.isEmpty)
        }
    }
}
