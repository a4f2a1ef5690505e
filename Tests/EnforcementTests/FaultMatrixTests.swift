import Signals
import Testing

@testable import Enforcement

/// Hypervisor and disk fail at every call of every action for every kind of order; in the end nothing is left.
@Suite("Fault matrix")
struct FaultMatrixTests {
    private static let stories = OrderKind.all.map(Story.steps)

    private static let faults: [World.Fault] = [
        .refuse, .unavailable, .lateNow, .late(seconds: 20), .lost, .vanish, .restart, .partGone,
    ]

    @Test("A call of the hypervisor that fails, in any way, leaves nothing in the end")
    func oneCall() async throws {
        let report = try await Story.sideBySide(Self.stories) { story, index in
            try await story.everywhere { step, isDisk in
                isDisk ? nil : .fault(step: step, Self.faults[(step + index) % Self.faults.count])
            }
        }
        report.check(atLeast: 500)
    }

    @Test("A hypervisor that is killed, refuses or hangs from any call on leaves nothing once it is back")
    func outages() async throws {
        let kinds: [World.Fault] = [.unavailable, .refuse, .lost, .late(seconds: 25), .lateNow]
        let report = try await Story.sideBySide(Self.stories) { story, index in
            try await story.everywhere { step, isDisk in
                isDisk ? nil : .outage(step: step, kinds[(step + index) % kinds.count])
            }
        }
        report.check(atLeast: 500)
    }

    @Test("A disk that fails at any call, once or from then on, leaves nothing once it is mended")
    func disk() async throws {
        let kinds: [LedgerError] = [
            .diskFull(path: "ledger"), .readOnly(path: "ledger"), .io(call: "fsync", path: "ledger", code: 5),
        ]
        let report = try await Story.sideBySide(Self.stories) { story, index in
            try await story.everywhere { step, isDisk in
                let turn = step + index
                return isDisk ? .disk(step: step, kinds[turn % 3], lasts: turn / 3 % 2 == 0) : nil
            }
        }
        report.check(atLeast: 400)
    }

    @Test("A call that hangs, at every second step, holds up no other VM, and leaves nothing once it is answered")
    func hangs() async throws {
        let report = try await Story.sideBySide(Self.stories) { story, index in
            try await story.everywhere { step, isDisk in
                isDisk || (step + index) % 2 == 0 ? nil : .fault(step: step, .hang)
            }
        }
        report.check(atLeast: 200)
    }
}
