import QuellRuntime
import Signals
import Terminal
import Testing

@testable import Top

@Suite("quell top: keys and order")
struct TopModelTests {
    private var model = TopModel()

    init() {
        var report = TopReport.of([("a", 0.5), ("b", 1.5), ("c", nil), ("d", 1), ("e", 0.1)])
        report.vms[3].hurt = [.cpu]
        report.vms[4].blamedFor = ["d"]
        model.note(report)
    }

    private var order: String { model.rows.map(\.name).joined() }

    @Test("Those in trouble come first, then those that use most; those without a reading last")
    func trouble() {
        #expect(order == "edbac")
    }

    @Test("A hold counts as trouble, and so does what a VM does to itself, after what others do")
    mutating func ranks() {
        var report = TopReport.of([("a", 1), ("b", 2), ("c", 3), ("d", 4)])
        report.vms[0].hurt = [.disk]
        report.vms[1].selfInflicted = [.memory]
        report.holds = [TopReport.hold("c")]
        model.note(report)
        #expect(order == "cabd")
    }

    @Test("Keys order by name, tenant and each column, and turn the order round")
    mutating func sorting() {
        #expect(model.press(.character("n")) == nil)
        #expect(order == "abcde")
        _ = model.press(.character("r"))
        #expect(order == "edcba")
        _ = model.press(.character("r"))
        _ = model.press(.right)
        #expect(model.sort == .signal(.cpuUsage))
        #expect(order == "bdaec")
        _ = model.press(.left)
        #expect(model.sort == .signal(.vmAnomaly))
        _ = model.press(.character(">"))
        #expect(model.sort == .signal(.cpuUsage))
        _ = model.press(.character("o"))
        #expect(model.sort == .tenant && order == "abcde")
        _ = model.press(.character("t"))
        #expect(order == "edbac")
    }

    @Test("Digits choose columns and ask for them; a column of another page is no longer ordered by")
    mutating func pages() {
        _ = model.press(.right)
        #expect(model.press(.character("5")) == .ask)
        #expect(model.page == .disk && model.sort == .trouble)
        #expect(model.wanted == TopPage.disk.signals)
        #expect(model.press(.character("5")) == nil)
        #expect(model.press(.character("9")) == nil)
        #expect(model.press(.character("0")) == nil)
        #expect(model.page == .disk)
    }

    @Test("A filter is typed, mended, kept and dropped; what is typed is no command")
    mutating func filter() {
        _ = model.press(.character("/"))
        for character in "tenant-bq" { _ = model.press(.character(character)) }
        #expect(model.rows.isEmpty)
        _ = model.press(.backspace)
        #expect(order == "b")
        _ = model.press(.enter)
        #expect(model.pane == .list && order == "b")
        _ = model.press(.escape)
        #expect(order == "edbac")
        _ = model.press(.character("/"))
        _ = model.press(.character("b"))
        _ = model.press(.escape)
        #expect(model.pane == .list && model.filter.isEmpty)
    }

    @Test("The cursor keeps to its VM when the order changes, and stays within the list")
    mutating func cursor() {
        _ = model.press(.down)
        #expect(model.selected == "uuid-d")
        _ = model.press(.character("n"))
        #expect(model.selectedRow(in: model.rows.map(\.uuid)) == "uuid-d")
        _ = model.press(.end)
        _ = model.press(.down)
        #expect(model.selected == "uuid-e")
        _ = model.press(.home)
        _ = model.press(.up)
        #expect(model.selected == "uuid-a")
        _ = model.press(.pageDown)
        #expect(model.selected == "uuid-e")
        model.note(TopReport.of([("x", 1)]))
        #expect(model.selectedRow(in: model.rows.map(\.uuid)) == "uuid-x")
    }

    @Test("Enter explains the VM under the cursor; what comes for another is dropped")
    mutating func explanation() {
        #expect(model.press(.enter) == .explain("uuid-e"))
        model.note(explanation: "other", of: "uuid-a")
        #expect(model.pane == .explanation(of: "uuid-e", text: nil, top: 0))
        model.note(explanation: "one\ntwo\nthree", of: "uuid-e")
        _ = model.press(.down)
        #expect(model.pane == .explanation(of: "uuid-e", text: ["one", "two", "three"], top: 1))
        _ = model.press(.end)
        _ = model.press(.down)
        #expect(model.pane == .explanation(of: "uuid-e", text: ["one", "two", "three"], top: 2))
        #expect(model.press(.character("q")) == nil)
        #expect(model.pane == .list)
        model.note(explanation: "late", of: "uuid-e")
        #expect(model.pane == .list)
    }

    @Test("An empty list has nothing to move in or to explain")
    mutating func empty() {
        model.note(TopReport.of([]))
        for key in [Key.up, .down, .pageDown, .end] { #expect(model.press(key) == nil) }
        #expect(model.press(.enter) == nil)
        #expect(model.pane == .list)
    }

    @Test("While it is stopped no report is taken up, and problems are")
    mutating func paused() {
        _ = model.press(.character(" "))
        model.note(TopReport.of([("z", 1)]))
        #expect(order == "edbac")
        model.note(problem: "gone")
        #expect(model.problem == "gone")
        _ = model.press(.character(" "))
        model.note(TopReport.of([("z", 1)]))
        #expect(order == "z" && model.problem == nil)
    }

    @Test("Ending, suspending and drawing anew work in every pane")
    mutating func always() {
        for opener in [Key.character("/"), .character("h"), .enter, .character(" ")] {
            _ = model.press(opener)
            #expect(model.press(.interrupt) == .quit)
            #expect(model.press(.suspend) == .suspend)
            #expect(model.press(.redraw) == .redraw)
            _ = model.press(.escape)
        }
        #expect(model.press(.character("q")) == .quit)
    }

    @Test("The past of a VM grows by a value a tick, keeps gaps, and is forgotten with the VM and the column")
    mutating func history() {
        model.note(TopReport.of([("a", 0.7), ("b", nil)], tick: 2))
        model.note(TopReport.of([("a", 0.7), ("b", nil)], tick: 2))
        #expect(model.history.values("uuid-a", .cpuUsage) == [0.5, 0.7])
        #expect(model.history.values("uuid-b", .cpuUsage) == [1.5, nil])
        #expect(model.history.values("uuid-c", .cpuUsage).isEmpty)
        #expect(model.history.largest(.cpuUsage) == 1.5)
        for tick in UInt64(3)..<100 { model.note(TopReport.of([("a", Double(tick))], tick: tick)) }
        #expect(model.history.values("uuid-a", .cpuUsage).count == TopHistory.length)
        #expect(model.history.values("uuid-a", .cpuUsage).last == 99)
        _ = model.press(.character("5"))
        model.note(TopReport.of([("a", 1)], tick: 100))
        #expect(model.history.values("uuid-a", .cpuUsage).isEmpty)
    }
}
