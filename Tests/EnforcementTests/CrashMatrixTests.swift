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
    func steps() async throws { try await dieEverywhere(OrderKind.all.map(Story.steps), atLeast: 1_000) }

    @Test("A crash at any step of a hold whose term ends leaves nothing")
    func terms() async throws { try await dieEverywhere(OrderKind.all.map(Story.term), atLeast: 500) }

    @Test("A crash at any step of a recovery leaves nothing")
    func recovery() async throws { try await dieEverywhere(OrderKind.all.map(Story.recovery), atLeast: 300) }
}
