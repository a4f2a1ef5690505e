import FuzzCorpus
import Testing

@Suite("Every parser under damaged input")
struct FuzzParserTests {
    @Test("real input is taken", arguments: FuzzParser.all)
    func seeds(parser: FuzzParser) {
        #expect(!parser.seeds.isEmpty)
        for seed in parser.seeds {
            #expect(parser.feed(seed) == .taken, "\(String(decoding: seed, as: UTF8.self))")
        }
    }

    @Test("damaged input neither traps a parser nor makes it break a promise", arguments: FuzzParser.all)
    func damaged(parser: FuzzParser) {
        var run = FuzzRun(parser, seed: 20_250_101)
        let inputs = UInt64(max(300, min(6_000, parser.weight * 6)))
        for number in 0..<inputs {
            if case .broken(let promise) = run.feed(number) {
                Issue.record("input \(number) of seed 20250101: \(promise)")
            }
        }
        #expect(run.tally.inputs == inputs && run.tally.taken > 0 && run.tally.refused > 0, "\(run.tally)")
    }

    @Test("each beginning of real input is taken or refused", arguments: FuzzParser.all)
    func cut(parser: FuzzParser) {
        for seed in parser.seeds {
            for length in 0..<seed.count where parser.weight >= 100 || length % 16 == 0 {
                if case .broken(let promise) = parser.feed(Array(seed[..<length])) {
                    Issue.record("the first \(length) bytes: \(promise)")
                }
            }
        }
    }

    @Test("names are told apart")
    func names() {
        #expect(Set(FuzzParser.all.map(\.name)).count == FuzzParser.all.count)
    }
}
