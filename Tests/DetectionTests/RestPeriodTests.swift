import Detection
import Testing

@Suite("The rest after an event")
struct RestPeriodTests {
    private func admit(_ rest: inout RestPeriod, _ strength: Double, length: UInt32 = 5) -> Bool {
        rest.admit(strength, floor: 1, length: length, breakthrough: 2)
    }

    @Test("a stronger event breaks through, and its own strength then counts")
    func detects() {
        var rest = RestPeriod()
        #expect(admit(&rest, 2) && rest.isResting)
        #expect(admit(&rest, 4.1))
        #expect(!admit(&rest, 8))
    }

    @Test("what is as strong or no event is not told")
    func doesNotDetect() {
        var rest = RestPeriod()
        #expect(!admit(&rest, 0.5))
        #expect(admit(&rest, 2))
        for strength in [2, 3, 4, 0.1] { #expect(!admit(&rest, strength)) }
    }

    @Test("the floor is no event, and the rest ends with the fifth reading")
    func boundary() {
        var rest = RestPeriod()
        #expect(!admit(&rest, 1))
        #expect(admit(&rest, 1.000_1))
        for _ in 0..<4 { #expect(!admit(&rest, 1.5)) }
        #expect(admit(&rest, 1.5))
    }

    @Test("a missing strength is no event, and a rest of no length is none")
    func missing() {
        var rest = RestPeriod()
        #expect(!admit(&rest, .nan))
        #expect(admit(&rest, 2, length: 0))
        #expect(admit(&rest, 2, length: 0))
    }
}
