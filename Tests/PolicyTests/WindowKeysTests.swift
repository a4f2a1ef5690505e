import Policy
import Signals
import Testing

@Suite("Maintenance windows of a policy")
struct WindowKeysTests {
    private static let night = """
        windows:
          - name: night
            from: "22:00"
            to: "04:30"
            then: observe

        """

    private func windows(_ texts: String...) throws -> [MaintenanceWindow] {
        try PolicyLoader.load(texts: texts.enumerated().map { ("\($0.offset + 1).yaml", $0.element) }).windows
    }

    @Test("a window of the fewest keys is on every day and for every VM")
    func fewest() throws {
        #expect(try windows(Self.night) == [MaintenanceWindow(name: "night", from: 1_320, to: 270, effect: .observe)])
    }

    @Test("every key reaches the window; a UUID is kept in its canonical form")
    func everyKey() throws {
        let text =
            Self.night + """
                    enabled: yes
                    days: [sun, mon]
                    vms: [db-1, 6F9619FF-8B86-D011-B42D-00CF4FC964FF]
                    tenants: [infra]
                    classes: [batch, "night jobs"]
                  - {name: cut, from: 0:00, to: "24:00", then: release}

                """
        var expected = MaintenanceWindow(name: "night", from: 1_320, to: 270, effect: .observe)
        expected.days = [.sunday, .monday]
        expected.vms = ["db-1", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"]
        expected.tenants = ["infra"]
        expected.classes = ["batch", "night jobs"]
        let whole = MaintenanceWindow(name: "cut", from: 0, to: 1_440, effect: .release)
        #expect(try windows(text) == [expected, whole])
    }

    @Test("a time without quotes is the one that was written, not a number of base sixty")
    func unquoted() throws {
        for (written, minute) in [("22:00", 1_320), ("06:30", 390), ("6:30", 390), ("00:00", 0), ("23:59", 1_439)] {
            for text in [written, "\"\(written)\"", "'\(written)'"] {
                let flow = "windows: [{name: w, from: \(text), to: 12:01, then: observe}]\n"
                let block = "windows:\n  - name: w\n    to: 12:01\n    from: \(text)\n    then: observe\n"
                for form in [flow, block] {
                    let found = try windows(form)
                    #expect(found.map(\.from) == [minute] && found.map(\.to) == [721], "\(form)")
                }
            }
        }
    }

    @Test(
        "times at the edge of the day are accepted, just beyond refused",
        arguments: [
            ("from", "00:00", "-1:00"), ("from", "23:59", "24:00"), ("to", "24:00", "24:01"), ("to", "23:59", "23:60"),
            ("from", "9:05", "9:5"), ("from", "09:05", "009:05"),
        ]
    )
    func edges(_ key: String, _ inside: String, _ outside: String) {
        func problems(_ value: String) -> [PolicyProblem] {
            let other = key == "from" ? "to" : "from"
            return PolicyFixtures.problems(
                "windows:\n  - name: w\n    \(key): \"\(value)\"\n    \(other): \"12:00\"\n    then: observe\n"
            )
        }
        #expect(problems(inside) == [])
        #expect(problems(outside).map(\.key) == ["windows.w.\(key)"])
    }

    @Test("a suggestion is never hours away from what was meant")
    func suggestions() {
        func suggestion(_ value: String) -> String?? {
            PolicyFixtures.problems("windows: [{name: w, from: '\(value)', to: '12:00', then: observe}]\n").first?
                .suggestion
        }
        for value in ["22.00", "22h00", "22:00Z", "22:00 UTC", "22:00:00"] {
            #expect(suggestion(value) == "22:00", "\(value)")
        }
        for value in ["22:00+01:00", "10:00 pm", "10pm", "2200", "1320", "22:00:30", "25.00", "later"] {
            #expect(suggestion(value) == .some(nil), "\(value)")
        }
    }

    @Test("a later file changes one key of a window, takes a choice back with 'none', and switches it off and on")
    func overrides() throws {
        let first = Self.night + "    days: [sat]\n    tenants: [a]\n    vms: [v]\n    classes: [c]\n"
        let later = try windows(first, "windows:\n  - name: night\n    to: \"05:00\"\n    days: none\n")
        #expect(later.map(\.to) == [300])
        #expect(later.map(\.from) == [1_320])
        #expect(later.first?.days == Set(MaintenanceWindow.Day.allCases))
        #expect(later.first?.tenants == ["a"])
        let free = "windows:\n  - {name: night, vms: none, tenants: none, classes: none}\n"
        let all = try #require(try windows(first, free).first)
        #expect(all.vms.isEmpty && all.tenants.isEmpty && all.classes.isEmpty && all.days == [.saturday])
        let off = "windows:\n  - name: night\n    enabled: no\n"
        #expect(try windows(first, off) == [])
        #expect(try windows(first, off, "windows: [{name: night, enabled: yes}]\n").map(\.name) == ["night"])
    }

    @Test("a window that is switched off is still checked, and one of a file that cannot be read is not faulted")
    func checked() {
        #expect(PolicyFixtures.problems(Self.night + "    enabled: no\n    days: [x]\n").count == 1)
        let texts = [("1.yaml", "\tbroken"), ("2.yaml", "windows:\n  - name: night\n    days: [sat]\n")]
        #expect(PolicyFixtures.problems(texts).map(\.file) == ["1.yaml"])
    }

    @Test("no more windows are read than a file may hold")
    func many() {
        func text(_ count: Int) -> String {
            "windows:\n"
                + (1...count).map { "  - {name: w\($0), from: '1:00', to: '2:00', then: observe}\n" }.joined()
        }
        #expect(PolicyFixtures.problems(text(100)) == [])
        #expect(PolicyFixtures.problems(text(101)).map(\.message) == ["more than 100 windows in one file"])
    }
}
