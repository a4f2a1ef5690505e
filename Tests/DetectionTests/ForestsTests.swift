import Detection
import Signals
import Testing

@Suite("Half-space trees for each VM")
struct ForestsTests {
    /// A bank with the given rows.
    private func bank(dimensions: Int = 4, rows: Int = 1) -> Forests {
        var forests = Forests(shape: HalfSpaceTrees(dimensions: dimensions))
        forests.grow(to: rows)
        return forests
    }

    /// Scores a point; the macros of the tests take no span.
    private func rate(_ forests: inout Forests, _ point: [Float], row: Int, learns: Bool = true) -> Double? {
        forests.score(point.span, row: row, learns: learns)
    }

    /// A point about the middle.
    private func usual(_ random: inout SplitMix64, _ dimensions: Int = 4) -> [Float] {
        (0..<dimensions).map { _ in Float(0.5 + 0.03 * random.normal()) }
    }

    /// Feeds usual points.
    private func warm(_ forests: inout Forests, row: Int = 0, _ count: Int = 500, seed: UInt64 = 1) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<count {
            let point = usual(&random, forests.shape.dimensions)
            _ = rate(&forests, point, row: row)
        }
    }

    @Test("a point far away in several dimensions scores much higher than the usual ones")
    func detects() throws {
        var forests = bank()
        warm(&forests)
        var random = SplitMix64(seed: 2)
        let near = usual(&random)
        let usualScore = try #require(rate(&forests, near, row: 0, learns: false))
        let far: [Float] = [0.95, 0.05, 0.9, 0.5]
        let farScore = try #require(rate(&forests, far, row: 0, learns: false))
        #expect(usualScore < 0.2)
        #expect(farScore > 3 * usualScore)
    }

    @Test("usual points, constants and a new place that lasts two windows score low")
    func quiet() throws {
        var forests = bank()
        warm(&forests)
        var random = SplitMix64(seed: 3)
        var worst = 0.0
        for _ in 0..<1_000 {
            let point = usual(&random)
            worst = max(worst, try #require(rate(&forests, point, row: 0)))
        }
        #expect(worst < 0.4)
        let place: [Float] = [0.9, 0.9, 0.1, 0.1]
        var score = 1.0
        for _ in 0..<600 { score = try #require(rate(&forests, place, row: 0)) }
        #expect(score < 0.1)
    }

    @Test("there is a score after the first window and not before")
    func boundary() {
        var forests = bank()
        let point: [Float] = [0.5, 0.5, 0.5, 0.5]
        for _ in 0..<250 { #expect(rate(&forests, point, row: 0) == nil) }
        #expect(rate(&forests, point, row: 0) != nil)
    }

    @Test("a missing dimension keeps its last value, and wild ones are at the edge")
    func missing() throws {
        var forests = bank()
        warm(&forests)
        let point: [Float] = [0.5, 0.52, 0.49, 0.5]
        let whole = try #require(rate(&forests, point, row: 0, learns: false))
        let holes: [Float] = [.nan, 0.52, .nan, .nan]
        #expect(rate(&forests, holes, row: 0, learns: false) == whole)
        let wild: [Float] = [.infinity, -.infinity, 1e30, .nan]
        let edge: [Float] = [1, 0, 1, 0.5]
        let wildScore = try #require(rate(&forests, wild, row: 0, learns: false))
        #expect(wildScore == rate(&forests, edge, row: 0, learns: false))
        let short: [Float] = [0.5]
        #expect(rate(&forests, short, row: 0) == nil)
        #expect(rate(&forests, point, row: 7) == nil)
    }

    @Test("VMs do not influence each other, equal input gives equal bits, and a row begins anew")
    func rows() {
        var pair = bank(rows: 2)
        var alone = bank()
        var random = SplitMix64(seed: 4)
        for tick in 0..<1_200 {
            let point = usual(&random)
            let other: [Float] = [Float(tick % 7) / 7, 0.1, 0.9, Float(tick % 3)]
            let first = rate(&pair, point, row: 0)
            _ = rate(&pair, other, row: 1)
            #expect(first == rate(&alone, point, row: 0))
        }
        pair.reset(row: 1)
        var fresh = bank()
        for _ in 0..<600 {
            let point = usual(&random)
            #expect(rate(&pair, point, row: 1) == rate(&fresh, point, row: 0))
        }
    }

    @Test("what is not learned changes nothing")
    func frozen() {
        var forests = bank()
        warm(&forests)
        var twin = forests
        let far: [Float] = [0.95, 0.05, 0.9, 0.5]
        for _ in 0..<1_000 { _ = rate(&twin, far, row: 0, learns: false) }
        let point: [Float] = [0.5, 0.5, 0.5, 0.5]
        #expect(rate(&twin, point, row: 0) == rate(&forests, point, row: 0))
    }
}
