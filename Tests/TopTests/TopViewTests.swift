import QuellRuntime
import Signals
import Terminal
import Testing

@testable import Top

@Suite("quell top: pictures")
struct TopViewTests {
    private let view = TopView(unicode: true)
    private var model = TopModel()

    private func picture(_ columns: Int = 100, _ lines: Int = 24) -> [String] {
        var model = model
        return view.lines(&model, size: TerminalSize(columns: columns, lines: lines)).map(\.text)
    }

    private mutating func fill(_ count: Int = 40) {
        var report = TopReport.of((0..<count).map { ("vm\($0)", Double(count - $0) / 10) })
        report.vms[1].hurt = [.cpu, .disk]
        report.vms[2].blamedFor = ["vm1"]
        report.vms[4].selfInflicted = [.memory]
        report.vms[5].running = false
        report.holds = [TopReport.hold("vm3")]
        model.note(report)
    }

    @Test("Before the first report it says that it asks, or why there is none")
    mutating func nothingYet() {
        #expect(picture().contains { $0.contains("asking the daemon") })
        model.note(problem: "connection refused")
        #expect(picture().contains { $0.contains("connection refused") })
        model.note(TopReport.of([]))
        #expect(picture().contains { $0.contains("no VMs run here") })
    }

    @Test("Held, blamed, hurt, self-inflicted and paused stand in words, with what is held at the foot")
    mutating func states() throws {
        fill()
        let lines = picture()
        let line = { (name: String) in lines.first { $0.hasPrefix(name + " ") } ?? "" }
        #expect(line("vm3").contains("HELD 35% 4:58"))
        #expect(line("vm2").contains("BLAMED"))
        #expect(line("vm1").contains("HURT cpu"))
        #expect(line("vm4").contains("self memory") || line("vm4").contains("self memo"))
        #expect(line("vm5").contains("paused"))
        #expect(lines.contains { $0.contains("holds vm3 over cpu at 35% for b") && $0.contains("undo: quell release") })
        #expect(lines[0].contains("1 held"))
        let title = try #require(lines.first { $0.contains("STATE▾") })
        #expect(title.contains("delay"))
    }

    @Test("A dry run says what would be, and counts nobody as held")
    mutating func dryRun() {
        var report = TopReport.of([("a", 1)])
        report.holds = [TopReport.hold("a", dryRun: true)]
        model.note(report)
        let lines = picture(140)
        #expect(lines.contains { $0.contains("would 35%") })
        #expect(lines.contains { $0.hasPrefix("would hold a over cpu") && !$0.contains("undo") })
        #expect(lines[0].contains("0 held"))
    }

    @Test(
        "No picture has more lines or wider rows than the terminal",
        arguments: [(20, 3), (40, 8), (60, 10), (80, 24), (120, 50), (200, 60)]
    )
    mutating func sizes(columns: Int, lines: Int) {
        fill()
        for key in [Key.escape, .character("h"), .enter, .character("/")] {
            _ = model.press(key)
            let drawn = view.lines(&model, size: TerminalSize(columns: columns, lines: lines))
            #expect(drawn.count <= lines)
            _ = model.press(.escape)
        }
        guard columns >= 80 else { return }
        let rows = picture(columns, lines).filter { $0.hasPrefix("vm") }
        #expect(rows.count > 10)
        #expect(rows.allSatisfy { TextWidth.columns(of: $0) <= columns })
    }

    @Test("A column that is ordered by is shown on a narrow terminal, too")
    mutating func narrow() {
        fill()
        model.sort = .signal(.netTxBytes)
        #expect(picture(80).contains { $0.contains("tx▾") })
        #expect(!picture(80).contains { $0.contains("memory ") && $0.contains("tx▾") })
    }

    @Test("The cursor's page is shown, and all of it is reached")
    mutating func scrolling() {
        fill(100)
        model.sort = .name
        _ = view.lines(&model, size: TerminalSize(columns: 100, lines: 24))
        _ = model.press(.end)
        #expect(picture().contains { $0.hasPrefix("vm99 ") })
        #expect(!picture().contains { $0.hasPrefix("vm0 ") })
        _ = model.press(.home)
        #expect(picture().contains { $0.hasPrefix("vm0 ") })
    }

    @Test("Names from outside move nothing and fit their column")
    mutating func hostile() {
        model.note(TopReport.of([("evil\u{1b}[2J\nname", 1), ("日本語日本語日本語日本語", 2)]))
        let lines = picture()
        #expect(lines.allSatisfy { !$0.contains("\u{1b}") && !$0.contains("\n") })
        let titles = lines.firstIndex { $0.hasPrefix("VM") } ?? 0
        let widths = Set(lines[titles...(titles + 2)].map { TextWidth.columns(of: $0) })
        #expect(widths.count == 1)
    }

    @Test("Without Unicode every character is ASCII")
    mutating func ascii() {
        fill()
        var model = model
        for key in [Key.escape, .character("h")] {
            _ = model.press(key)
            let lines = TopView(unicode: false).lines(&model, size: TerminalSize())
            #expect(lines.allSatisfy { $0.text.allSatisfy(\.isASCII) })
        }
        #expect(TopView(unicode: false).plain(model).allSatisfy { $0.allSatisfy(\.isASCII) })
    }

    @Test("Plain output has every VM and every column")
    mutating func plain() {
        fill()
        let lines = view.plain(model)
        #expect(lines.count { $0.hasPrefix("vm") } == 40)
        #expect(lines.contains { $0.contains("rx") && $0.contains("tx") && $0.contains("anomaly") })
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test("What is wrong stands at the top: disarmed, no answer, libvirt away, stopped")
    mutating func warnings() {
        var report = TopReport.of([("a", 1)])
        report.status.disarmed = "root: drill"
        report.status.libvirt = false
        model.note(report)
        #expect(picture().contains { $0.contains("DISARMED until quell arm: root: drill") })
        #expect(picture().contains { $0.contains("libvirt does not answer") })
        model.note(problem: "no route")
        #expect(picture().contains { $0.contains("no newer report: no route") })
        _ = model.press(.character(" "))
        #expect(picture()[0].contains("STOPPED"))
    }

    @Test("Every signal has a heading of its own on its page, and a value that fits", arguments: TopPage.allCases)
    func headings(page: TopPage) {
        #expect(Set(page.signals.map(\.heading)).count == page.signals.count)
        for signal in page.signals {
            #expect(signal.heading.count < TopColumns.value)
            for value in [0, 0.000_123, 0.5, 12.3, 1_234, 98_765_432, 5e12, -0.000_4, 1e30, .nan] {
                #expect(signal.unit.short(value).count < TopColumns.value)
            }
        }
    }

    @Test("Short values leave out what the column says")
    func short() {
        #expect(Unit.cores.short(1.53) == "1.53")
        #expect(Unit.bytes.short(1_610_612_736) == "1.5G")
        #expect(Unit.bytes.short(12) == "12")
        #expect(Unit.bytesPerSecond.short(1_610_612) == "1.54M/s")
        #expect(Unit.bytesPerSecond.short(12) == "12/s")
        #expect(Unit.secondsPerSecond.short(0.062) == "62ms/s")
        #expect(Unit.ratio.short(0.5) == "50%")
        #expect(Unit.perSecond.short(1_234_567) == "1.23M/s")
    }
}
