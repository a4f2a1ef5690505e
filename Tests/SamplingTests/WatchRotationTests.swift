import Signals
import Testing

@testable import Sampling

@Suite("Turns of the watch list")
struct WatchRotationTests {
    private typealias Change = WatchRotation.Change

    private func rotation(of count: Int, capacity: Int, dwell: UInt64 = 3) -> WatchRotation {
        var rotation = WatchRotation(capacity: capacity, dwell: dwell)
        for index in 0..<count { rotation.add(VMSlot(index)) }
        return rotation
    }

    @Test("one enters in each tick until the room is used up")
    func fills() {
        var rotation = rotation(of: 5, capacity: 2)
        #expect(rotation.step(at: 1) == Change(enters: VMSlot(0)))
        #expect(rotation.step(at: 2) == Change(enters: VMSlot(1)))
        #expect(rotation.step(at: 3) == Change())
        #expect(rotation.watched == 2)
    }

    @Test("a turn ends after its ticks and not before, and the longest waiting comes next")
    func turns() {
        var rotation = rotation(of: 3, capacity: 1)
        _ = rotation.step(at: 1)
        #expect(rotation.step(at: 3) == Change())
        #expect(rotation.step(at: 4) == Change(leaves: VMSlot(0), enters: VMSlot(1)))
        #expect(rotation.step(at: 7) == Change(leaves: VMSlot(1), enters: VMSlot(2)))
        #expect(rotation.step(at: 10) == Change(leaves: VMSlot(2), enters: VMSlot(0)))
    }

    @Test("with room for all nobody ever leaves")
    func room() {
        var rotation = rotation(of: 3, capacity: 3)
        for tick in 1...3 { _ = rotation.step(at: UInt64(tick)) }
        for tick in 4...100 { #expect(rotation.step(at: UInt64(tick)) == Change()) }
    }

    @Test("every VM is watched as often as any other, and never more than there is room for")
    func fair() {
        var rotation = rotation(of: 7, capacity: 2, dwell: 5)
        var turns = [Int](repeating: 0, count: 7)
        var watched: Set<VMSlot> = []
        for tick in 1...700 {
            let change = rotation.step(at: UInt64(tick))
            if let slot = change.leaves { #expect(watched.remove(slot) != nil) }
            if let slot = change.enters {
                #expect(watched.insert(slot).inserted)
                turns[slot.index] += 1
            }
            #expect(watched.count <= 2 && watched.count == rotation.watched)
        }
        let most = turns.max() ?? 0
        #expect(most > 10 && turns.allSatisfy { $0 >= most - 1 }, "\(turns)")
    }

    @Test("under load all leave, one in a tick, and nobody enters until a while after")
    func sheds() {
        var rotation = rotation(of: 3, capacity: 2)
        for tick in 1...2 { _ = rotation.step(at: UInt64(tick)) }
        rotation.isShedding = true
        #expect(rotation.step(at: 3) == Change(leaves: VMSlot(0)))
        #expect(rotation.step(at: 4) == Change(leaves: VMSlot(1)))
        #expect(rotation.step(at: 5) == Change())
        rotation.isShedding = false
        #expect(rotation.step(at: 5 + WatchRotation.rest - 1) == Change())
        #expect(rotation.step(at: 5 + WatchRotation.rest) == Change(enters: VMSlot(2)))
    }

    @Test("a VM that is gone or refused leaves its place, and one is not entered twice")
    func leaves() {
        var rotation = rotation(of: 2, capacity: 2)
        rotation.add(VMSlot(0))
        _ = rotation.step(at: 1)
        rotation.add(VMSlot(0))
        rotation.remove(VMSlot(0))
        #expect(rotation.step(at: 2) == Change(enters: VMSlot(1)))
        #expect(rotation.step(at: 3) == Change())
        rotation.add(VMSlot(5))
        _ = rotation.step(at: 4)
        rotation.refuse(VMSlot(5))
        #expect(rotation.capacity == 1 && rotation.watched == 1)
        rotation.refuse(VMSlot(9))
        #expect(rotation.capacity == 1)
    }

    @Test("without room nobody is watched")
    func none() {
        var rotation = rotation(of: 2, capacity: 0)
        for tick in 1...20 { #expect(rotation.step(at: UInt64(tick)) == Change()) }
        #expect(WatchRotation(capacity: -1, dwell: 1).capacity == 0)
    }
}
