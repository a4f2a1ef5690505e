import Testing

@testable import Sampling

@Suite("Turns of the sockets that count multicast")
struct MulticastRotaTests {
    @Test("busy interfaces join, and leave once they have been quiet for a while")
    func joinAndLeave() {
        var rota = MulticastRota()
        #expect(rota.next(busy: [3, 4]) { _ in true } == MulticastRota.Change(leave: [], join: [3, 4]))
        for _ in 1..<MulticastRota.hold {
            #expect(rota.next(busy: [4]) { _ in true } == MulticastRota.Change())
        }
        #expect(rota.next(busy: [4]) { _ in true } == MulticastRota.Change(leave: [3], join: []))
    }

    @Test("an interface that is gone leaves at once")
    func gone() {
        var rota = MulticastRota()
        _ = rota.next(busy: [3]) { _ in true }
        #expect(rota.next(busy: []) { _ in false } == MulticastRota.Change(leave: [3], join: []))
        #expect(rota.next(busy: [3]) { _ in false } == MulticastRota.Change())
    }

    @Test("there are never more than there are sockets, and each busy interface has its turn")
    func turns() {
        var rota = MulticastRota()
        let busy = Set(1...Int32(3 * MulticastRota.most))
        var present: Set<Int32> = []
        var turns: [Int32: Int] = [:]
        for _ in 0..<12 * MulticastRota.hold {
            let change = rota.next(busy: busy) { _ in true }
            present.subtract(change.leave)
            #expect(present.isDisjoint(with: change.join))
            present.formUnion(change.join)
            #expect(present.count == MulticastRota.most)
            for index in present { turns[index, default: 0] += 1 }
        }
        #expect(turns.count == busy.count)
        #expect(turns.values.allSatisfy { $0 >= MulticastRota.hold })
        #expect((turns.values.max() ?? 0) - (turns.values.min() ?? 0) <= MulticastRota.hold)
    }

    @Test("without anybody waiting nobody has to leave")
    func noNeed() {
        var rota = MulticastRota()
        let busy = Set(1...Int32(MulticastRota.most))
        _ = rota.next(busy: busy) { _ in true }
        for _ in 0..<20 { #expect(rota.next(busy: busy) { _ in true } == MulticastRota.Change()) }
    }

    @Test("one that was refused waits behind the others")
    func refused() {
        var rota = MulticastRota()
        _ = rota.next(busy: [3]) { _ in true }
        rota.drop(3)
        #expect(rota.next(busy: [3]) { _ in true }.join == [3])
    }
}
