import Signals
import Testing

@testable import Enforcement

/// The process dies at every step of every action for every kind of order; the next daemon puts everything back.
@Suite("Crash matrix")
struct CrashMatrixTests {
    /// Tells stories with a death at every step of each.
    private func dieEverywhere(_ stories: [Story], atLeast runs: Int) async throws {
        let report = try await Story.sideBySide(stories) { story, index in
            try await story.everywhere { step, _ in .death(step: step, turn: step + index) }
        }
        report.check(atLeast: runs)
    }

    @Test("A crash at any step of a hold that is made, changed, reset and let go leaves nothing")
    func steps() async throws { try await dieEverywhere(OrderKind.all.map(Story.steps), atLeast: 800) }

    @Test("A crash at any step of a hold whose term ends leaves nothing")
    func terms() async throws { try await dieEverywhere(OrderKind.all.map(Story.term), atLeast: 600) }

    @Test("A crash at any step of a hold that a person or the kill switch ends leaves nothing")
    func ends() async throws { try await dieEverywhere(OrderKind.all.map(Story.ends), atLeast: 800) }

    @Test("A crash at any step of two holds of one VM leaves nothing")
    func overlaps() async throws {
        let kinds = OrderKind.all.filter { ["cpu", "disk", "network"].contains($0.testDescription) }
        try await dieEverywhere(kinds.map(Story.overlap), atLeast: 200)
    }

    @Test("A crash at any step of a recovery leaves nothing")
    func recovery() async throws { try await dieEverywhere(OrderKind.all.map(Story.recovery), atLeast: 300) }

    @Test("A crash at any step of taking up what came here held leaves nothing")
    func arrivals() async throws { try await dieEverywhere(OrderKind.all.map(Story.arrival), atLeast: 400) }

    @Test("A crash at any step of a hold of which a part is taken off leaves nothing")
    func parts() async throws {
        let parts = ["disk": "vda", "network": "vnet1", "isolate": "vnet0", "gpu": "0000:3b:00.0"]
        let stories = OrderKind.all.compactMap { kind in
            parts[kind.testDescription].map { Story.unplug(kind, $0) }
        }
        try await dieEverywhere(stories, atLeast: 200)
    }
}
