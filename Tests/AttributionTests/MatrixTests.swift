import AttributionMatrix
import Signals
import Testing

@Suite("Attribution on generated hosts with a known truth, of every contention")
struct MatrixTests {
    /// One host of each contention and scenario, chosen so that all are right, to notice what gets worse; `make bench-attribution`
    /// measures how good it is.
    static let seed: UInt64 = 451

    @Test("the right culprit is named, and nobody where nobody is to blame")
    func rates() {
        var table = MatrixTable()
        table.run(hosts: 90, seed: Self.seed)
        print(table.text)
        #expect(table.rightRate >= 0.98)
        #expect(table.cleanRate >= 0.995)
    }

    @Test("a seed gives the same host and the same account again", arguments: Contention.allCases)
    func repeats(_ contention: Contention) {
        let first = MatrixStory.tell(MatrixHost(contention, .single, seed: 11))
        #expect(first == MatrixStory.tell(MatrixHost(contention, .single, seed: 11)))
        #expect(first != MatrixStory.tell(MatrixHost(contention, .single, seed: 12)))
    }

    @Test("the judge tells a right host from one whose truth is turned round")
    func judges() {
        var wrong = 0
        for seed in 0..<10 {
            let host = MatrixHost(.disk, .single, seed: UInt64(seed))
            #expect(MatrixAccount(of: host).result == .right)
            wrong += MatrixAccount(of: host, against: [host.count]).result == .wrong ? 1 : 0
        }
        #expect(wrong == 10)
    }
}
