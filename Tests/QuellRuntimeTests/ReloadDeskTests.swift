import Policy
import Testing

@testable import QuellRuntime

@Suite("ReloadDesk")
struct ReloadDeskTests {
    private func content(_ text: String, isShipped: Bool = false) -> PolicyContent {
        PolicyContent(files: PolicyText(text, file: "50-site.yaml"), isShipped: isShipped)
    }

    /// A desk that says of each content the mode that is put in force, or what is refused.
    private final class Desk {
        private var desk: ReloadDesk

        init(_ content: PolicyContent) { desk = ReloadDesk(content) }

        func take(_ content: PolicyContent, isAsked: Bool) -> String {
            switch desk.take(content, isAsked: isAsked) {
            case .same: "same"
            case .adopt(let policy): policy.mode.rawValue
            case .refuse(let problems): problems.joined(separator: "; ")
            }
        }
    }

    @Test("Each content is told once: good, bad, and good again")
    func once() {
        let desk = Desk(content("mode: dry-run"))
        #expect(desk.take(content("mode: dry-run"), isAsked: false) == "same")
        #expect(desk.take(content("mode: enforce"), isAsked: false) == "enforce")
        #expect(desk.take(content("mode: enforce"), isAsked: false) == "same")
        let bad = "50-site.yaml:1:7: mode: 'brave': accepted: dry-run, enforce"
        #expect(desk.take(content("mode: brave"), isAsked: false) == bad)
        for _ in 0..<100 { #expect(desk.take(content("mode: brave"), isAsked: false) == "same") }
        #expect(desk.take(content("mode: enforce"), isAsked: false) == "enforce")
    }

    @Test("SIGHUP tells again what it finds, and what follows on it is not told a second time")
    func asked() {
        let desk = Desk(content("mode: dry-run"))
        #expect(desk.take(content("mode: dry-run"), isAsked: true) == "dry-run")
        #expect(desk.take(content("mode: brave"), isAsked: true).contains("1:7"))
        #expect(desk.take(content("mode: brave"), isAsked: true).contains("1:7"))
        #expect(desk.take(content("mode: brave"), isAsked: false) == "same")
    }

    @Test("Files that vanish do not bring the shipped policy back, but on SIGHUP they do")
    func vanished() {
        let shipped = content(PolicySource.shipped, isShipped: true)
        let desk = Desk(content("mode: enforce"))
        #expect(desk.take(shipped, isAsked: false).contains("SIGHUP takes the shipped policy"))
        #expect(desk.take(shipped, isAsked: false) == "same")
        #expect(desk.take(content("mode: enforce"), isAsked: false) == "enforce")
        #expect(desk.take(shipped, isAsked: true) == "dry-run")
        let fresh = Desk(shipped)
        #expect(fresh.take(content("mode: enforce"), isAsked: false) == "enforce")
    }
}
