import Signals
import Testing

@testable import Libvirt

/// A breaker by reference, so that an expectation may change it.
private final class Subject {
    private var breaker = Breaker()
    var state: Breaker.State { breaker.state }
    var isPristine: Bool { breaker.isPristine }
    func admit(at now: MonotonicTime) -> Bool { breaker.admit(at: now) }
    func answered() { breaker.answered() }
    func unanswered(at now: MonotonicTime) { breaker.unanswered(at: now) }
    func abandoned(at now: MonotonicTime) { breaker.abandoned(at: now) }
}

@Suite("A VM that does not answer is left alone for a while")
struct BreakerTests {
    private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(seconds: seconds) }

    /// A breaker that opened at 100 s, for 5 s.
    private func opened() -> Subject {
        let breaker = Subject()
        for _ in 0..<3 { breaker.unanswered(at: at(100)) }
        return breaker
    }

    // Rule 1: it opens after three calls in a row without an answer.

    @Test("Opens: three in a row") func opens() {
        let breaker = opened()
        #expect(!breaker.admit(at: at(100)))
    }

    @Test("Opens: not when an answer comes in between") func staysClosed() {
        let breaker = Subject()
        for _ in 0..<10 {
            breaker.unanswered(at: at(1))
            breaker.unanswered(at: at(2))
            breaker.answered()
        }
        #expect(breaker.admit(at: at(3)))
        #expect(breaker.isPristine)
    }

    @Test("Opens: two are not enough") func twoAreNotEnough() {
        let breaker = Subject()
        breaker.unanswered(at: at(1))
        breaker.unanswered(at: at(1))
        #expect(breaker.admit(at: at(1)))
        #expect(breaker.state == .closed(failures: 2))
    }

    @Test("Opens: calls that say nothing do not count") func nothingSaid() {
        let breaker = Subject()
        for _ in 0..<10 { breaker.abandoned(at: at(1)) }
        #expect(breaker.isPristine)
    }

    // Rule 2: after its back-off it lets one call through.

    @Test("Half-open: one call goes through") func halfOpen() {
        let breaker = opened()
        #expect(breaker.admit(at: at(106)))
        #expect(breaker.state == .halfOpen(backOff: 5))
    }

    @Test("Half-open: no second call") func onlyOne() {
        let breaker = opened()
        #expect(breaker.admit(at: at(106)))
        #expect(!breaker.admit(at: at(106)))
    }

    @Test("Half-open: at the very end of the back-off, not a nanosecond before") func halfOpenBoundary() {
        let breaker = opened()
        #expect(!breaker.admit(at: MonotonicTime(nanoseconds: 104_999_999_999)))
        #expect(breaker.admit(at: at(105)))
    }

    @Test("Half-open: a call that says nothing lets another one try") func abandoned() {
        let breaker = opened()
        #expect(breaker.admit(at: at(106)))
        breaker.abandoned(at: at(107))
        #expect(breaker.admit(at: at(107)))
        breaker.unanswered(at: at(108))
        #expect(breaker.state == .open(until: at(118), backOff: 10))
    }

    // Rule 3: an unanswered trial opens it for twice as long, up to a cap.

    @Test("Back-off: doubles") func doubles() {
        let breaker = opened()
        #expect(breaker.admit(at: at(105)))
        breaker.unanswered(at: at(110))
        #expect(breaker.state == .open(until: at(120), backOff: 10))
    }

    @Test("Back-off: does not double for late calls while it is open") func lateCalls() {
        let breaker = opened()
        breaker.unanswered(at: at(104))
        #expect(breaker.state == .open(until: at(105), backOff: 5))
    }

    @Test("Back-off: reaches its cap and stays there") func cap() {
        let breaker = opened()
        var now = 100.0
        for _ in 0..<20 {
            now += 1_000
            #expect(breaker.admit(at: at(now)))
            breaker.unanswered(at: at(now))
        }
        #expect(breaker.state == .open(until: at(now + 300), backOff: 300))
    }

    @Test("Back-off: a clock that jumps back keeps it open") func clockJump() {
        let breaker = opened()
        #expect(!breaker.admit(at: at(0)))
        #expect(breaker.admit(at: at(105)))
    }

    // Rule 4: an answer closes it.

    @Test("Closes: an answered trial") func closes() {
        let breaker = opened()
        #expect(breaker.admit(at: at(105)))
        breaker.answered()
        #expect(breaker.isPristine)
        #expect(breaker.admit(at: at(105)))
    }

    @Test("Closes: not by the passing of time alone") func timeAlone() {
        let breaker = opened()
        #expect(breaker.admit(at: at(1_000_000)))
        #expect(!breaker.admit(at: at(2_000_000)))
    }

    @Test("Closes: and then takes three again to open, for the first back-off") func startsAfresh() {
        let breaker = opened()
        #expect(breaker.admit(at: at(105)))
        breaker.unanswered(at: at(105))
        #expect(breaker.admit(at: at(115)))
        breaker.answered()
        breaker.unanswered(at: at(116))
        breaker.unanswered(at: at(116))
        #expect(breaker.admit(at: at(116)))
        breaker.unanswered(at: at(117))
        #expect(breaker.state == .open(until: at(122), backOff: 5))
    }

    @Test("Closes: an answer that nobody was let through for closes it too, as the VM is alive") func lateAnswer() {
        let breaker = opened()
        breaker.answered()
        #expect(breaker.isPristine)
    }
}

@Suite("Pauses between attempts to connect")
struct BackOffTests {
    @Test("They double up to the cap and start again after a success")
    func doubling() {
        var backOff = BackOff(first: 1, cap: 5)
        let pauses = (0..<5).map { _ in backOff.next(jitter: 1) }
        #expect(pauses == [1, 2, 4, 5, 5].map { .seconds($0) })
        backOff.reset()
        let first = backOff.next(jitter: 1)
        #expect(first == .seconds(1))
    }

    @Test("Jitter takes away up to half, whatever number it is")
    func jitter() {
        var backOff = BackOff(first: 2, cap: 2)
        let pauses = [0, 0.5, 7, -7].map { backOff.next(jitter: $0) }
        #expect(pauses == [1, 1.5, 2, 1].map { .seconds($0) })
    }

    @Test("After very many failures they are still at the cap")
    func many() {
        var backOff = BackOff()
        for _ in 0..<10_000 { _ = backOff.next(jitter: 1) }
        let last = backOff.next(jitter: 1)
        #expect(last == .seconds(30))
    }
}
