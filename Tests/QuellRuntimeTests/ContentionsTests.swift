import Signals
import Testing

@testable import Attribution
@testable import Policy

@Suite("What ladders may answer is what attribution may find")
struct ContentionsTests {
    @Test("of every signal but a quota's own, in both", arguments: Signal.allCases)
    func same(_ signal: Signal) {
        let found = Set(Resource.all(suffering: signal).map(\.contention))
        #expect(Set(signal.contentions) == (signal == .cpuThrottled ? [] : found))
    }
}
