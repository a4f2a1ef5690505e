import Proving
import Testing

@Suite("The score of decisions against the truth")
struct ScoreTests {
    static let truths = [
        Truth(name: "noise", round: 1, answer: .hold, begin: 100, end: 130, guilty: ["n", "m"]),
        Truth(name: "peace", round: 1, answer: .nothing, begin: 200, end: 220, guilty: []),
        Truth(name: "odd", round: 1, answer: .tell, begin: 300, end: 330, guilty: ["o"]),
        Truth(name: "noise", round: 2, answer: .hold, begin: 400, end: 430, guilty: ["n"]),
    ]

    @Test("a right hold answers its stretch, with its delay")
    func right() {
        let score = Score([Decision(vm: "n", second: 402), Decision(vm: "m", second: 103.5)], against: Self.truths)
        #expect(score.noisy == 2 && score.answered == 2 && score.missed.isEmpty)
        #expect(score.right == 2 && score.wrong == 0)
        #expect(score.delays == [2, 3.5])
        #expect(score.precision == 1 && score.recall == 1)
    }

    @Test("a hold of somebody innocent is wrong, wherever it is")
    func wrong() {
        let decisions = [
            Decision(vm: "v", second: 101), Decision(vm: "n", second: 205), Decision(vm: "n", second: 301),
            Decision(vm: "n", second: 50),
        ]
        let score = Score(decisions, against: Self.truths)
        #expect(score.wrong == 4 && score.right == 0)
        #expect(score.wrongInPeace == 2)
        #expect(score.precision == 0 && score.recall == 0)
        #expect(score.missed == ["noise", "noise"])
    }

    @Test("at the very beginning of a stretch a hold belongs to it")
    func boundary() {
        let at = Score([Decision(vm: "n", second: 400)], against: Self.truths)
        #expect(at.right == 1 && at.delays == [0])
        let before = Score([Decision(vm: "n", second: 400.0.nextDown)], against: Self.truths)
        #expect(before.right == 0 && before.wrong == 1)
    }

    @Test("of several decisions about one VM in one stretch the first counts")
    func again() {
        let decisions = [110, 105, 120].map { Decision(vm: "n", second: $0) } + [Decision(vm: "m", second: 125)]
        let score = Score(decisions, against: Self.truths)
        #expect(score.right == 2 && score.answered == 1 && score.delays == [5])
    }

    @Test("holding who misbehaves is no mistake, and no answer to noise")
    func tell() {
        let score = Score([Decision(vm: "o", second: 310)], against: Self.truths)
        #expect(score.right == 1 && score.wrong == 0 && score.answered == 0 && score.peaceful == 1)
    }

    @Test("without decisions or truth there is no rate")
    func nothing() {
        let silent = Score([], against: Self.truths)
        #expect(silent.precision == nil && silent.recall == 0 && silent.delay(0.5) == nil)
        let blank = Score([Decision(vm: "n", second: 1)], against: [])
        #expect(blank.recall == nil && blank.wrong == 1)
    }

    @Test("delays are ranked: half of them within the median", arguments: [(0.5, 2.0), (0.75, 3), (0.99, 4), (1, 4)])
    func ranks(_ share: Double, _ delay: Double) {
        let truths = (0..<4).map {
            Truth(name: "n", round: $0, answer: .hold, begin: Double($0) * 100, end: 0, guilty: ["n"])
        }
        let decisions = (0..<4).map { Decision(vm: "n", second: Double($0) * 100 + Double(4 - $0)) }
        #expect(Score(decisions, against: truths).delay(share) == delay)
    }
}
