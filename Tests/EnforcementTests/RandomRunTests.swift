import Signals
import Testing

@testable import Enforcement

/// Random lives of four VMs, one of which has everything.
///
/// In the end all is as it should be.
@Suite("Random runs")
struct RandomRunTests {
    @Test("Every VM ends with rightful settings and no lease or mark is left", arguments: 0..<16)
    func runs(batch: Int) async throws {
        for index in 0..<100 {
            let seed = UInt64(batch * 100 + index)
            var life = RandomLife(seed: seed)
            try await life.begin()
            for _ in 0..<3 {
                do throws(LedgerError) { try await life.live() } catch {}
                life.end()
            }
            let wrongs = try await life.settle()
            #expect(wrongs.isEmpty, "seed \(seed)")
        }
    }
}
