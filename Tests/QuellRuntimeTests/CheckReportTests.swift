import Foundation
import Policy
import QuellRuntime
import Testing

@Suite("CheckReport")
struct CheckReportTests {
    private func report(_ text: String) throws -> CheckReport {
        CheckReport(try PolicyLoader.load(texts: [("f.yaml", text)]))
    }

    private static let rule =
        "rules:\n  - {name: r, signal: io.pressure.full, role: victim, above: 200 ms/s, ladder: l}\n"

    @Test("It shows what each ladder does to whom")
    func ladders() throws {
        let text =
            Self.rule + """
                limits: {quarantined-vms: 2, suspended-vms: 1}
                quarantine: {cpus: 3, links: isolate}
                ladders:
                  l:
                    contention: disk
                    steps: [60%, 35%, quarantine, suspend]
                    suspend-for: 20 s
                    start: [batch 35%]
                    ceiling: [gold 60%]

                """
        #expect(
            try report(text).description == """
                good: dry-run, 1 rules, 1 ladders
                ladder l: over disk, 60% → 35% → quarantine → suspend for 20 s; class batch begins at 35%; \
                class gold ends at 60%; for r
                quarantine: CPUs 3, links isolate, 20% of each vCPU's time
                limits: 2 VMs held, 2 of them in quarantine or suspended, 1 suspended
                """
        )
    }

    @Test("It shows when each window is open, and for whom")
    func windows() throws {
        let text = """
            memory-high: yes
            windows:
              - {name: nights, from: 22:00, to: 06:05, then: observe}
              - {name: cut, days: [sun, sat], from: 00:00, to: 24:00, then: release, tenants: [b, a], classes: [c]}
            """
        let found = try report(text)
        #expect(found.windows == ["nights", "cut"])
        #expect(
            found.details == [
                "window nights: daily 22:00 to 06:05 UTC, observe",
                "window cut: sat, sun 00:00 to 24:00 UTC, release; for tenants a, b; classes c",
                "limits: 2 VMs held, 1 of them in quarantine or suspended, 0 suspended", "memory-high: may be set",
            ]
        )
        #expect(found.description.hasPrefix("good: dry-run, 0 rules, 0 ladders, 2 windows\n"))
    }

    @Test("It notes what has no effect: a ladder of no rule, a step that the limits keep from being taken")
    func notes() throws {
        let ladder = "ladders:\n  l: {contention: disk, steps: [60%, quarantine, suspend]}\n"
        #expect(try report(ladder).notes.first == "no rule uses ladder l")
        #expect(
            try report(Self.rule + ladder).notes == ["ladder l stops before 'suspend': limits.suspended-vms is 0"]
        )
        let free = "limits: {quarantined-vms: 1, suspended-vms: 1}\n"
        #expect(try report(Self.rule + ladder + free).notes == [])
        let none = "limits: {quarantined-vms: 0, suspended-vms: 1}\n"
        let found = try report(Self.rule + ladder + none)
        #expect(
            found.notes == [
                "ladder l stops before 'quarantine': limits.quarantined-vms is 0",
                "ladder l stops before 'suspend': limits.quarantined-vms is 0",
            ]
        )
        #expect(found.description.hasSuffix("\nnote: " + found.notes[1]))
    }

    @Test("The shipped policy has nothing in it that has no effect")
    func shipped() throws {
        let found = try report(PolicySource.shipped)
        #expect(found.good && found.notes == [] && found.ladders.count == 4)
    }

    @Test("As JSON it can be read back, and bad files say nothing of what they would do")
    func json() throws {
        let good = try report(Self.rule + "ladders: {l: {contention: disk}}\n")
        #expect(try JSONDecoder().decode(CheckReport.self, from: Data(good.json.utf8)) == good)
        do throws(PolicyErrors) {
            _ = try PolicyLoader.load(text: "mode: brave\n", file: "f.yaml")
            Issue.record("a mode that there is not was taken")
        } catch {
            let bad = CheckReport(error)
            #expect(!bad.good && bad.details.isEmpty && bad.notes.isEmpty && bad.problems.count == 1)
        }
    }
}
