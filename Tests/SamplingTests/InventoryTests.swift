import Sampling
import Signals
import Testing

@Suite("Inventory")
struct InventoryTests {
    private func machine(_ uuid: UInt64, _ generation: UInt64 = 1, name: String = "a") -> VMDescription {
        let identity = VMIdentity(uuid: VMUUID(high: 0, low: uuid), generation: generation)
        return VMDescription(record: VMRecord(identity: identity, name: name), pid: Int32(uuid), taps: ["vnet\(uuid)"])
    }

    @Test("an equal set changes nothing")
    func nothing() {
        #expect(Inventory(wanted: [machine(1), machine(2)], present: [machine(2), machine(1)]).isEmpty)
        #expect(Inventory(wanted: [], present: []).isEmpty)
    }

    @Test("new VMs are added, gone ones removed")
    func addAndRemove() {
        let change = Inventory(wanted: [machine(1), machine(3)], present: [machine(1), machine(2)])
        #expect(change.adds == [machine(3)])
        #expect(change.removes == [machine(2).record.identity])
        #expect(change.updates.isEmpty)
    }

    @Test("a restart is a remove and an add, whatever the name")
    func restart() {
        let change = Inventory(wanted: [machine(1, 2)], present: [machine(1, 1)])
        #expect(change.removes == [machine(1, 1).record.identity])
        #expect(change.adds == [machine(1, 2)])
    }

    @Test("a change of anything known is an update that keeps what Quell holds the VM to")
    func update() {
        var held = machine(1)
        held.record.heldCores = 0.5
        #expect(Inventory(wanted: [machine(1)], present: [held]).isEmpty)
        var renamed = machine(1, name: "b")
        renamed.taps = []
        let change = Inventory(wanted: [renamed], present: [held])
        #expect(change.adds.isEmpty && change.removes.isEmpty)
        #expect(change.updates.first?.record.name == "b")
        #expect(change.updates.first?.record.heldCores == 0.5)
    }

    @Test("of several starts of one VM the latest is wanted")
    func duplicates() {
        let change = Inventory(wanted: [machine(1, 5), machine(1, 7), machine(1, 6), machine(1, 7)], present: [])
        #expect(change.adds == [machine(1, 7)])
    }

    @Test("after any change is carried out nothing is left to change", arguments: 0..<100)
    func converges(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        func some() -> [VMDescription] {
            var seen: Set<UInt64> = []
            return (0..<generator.next() % 8).compactMap { _ in
                let uuid = generator.next() % 6
                guard seen.insert(uuid).inserted else { return nil }
                return machine(uuid, generator.next() % 3, name: generator.next() % 2 == 0 ? "a" : "b")
            }
        }
        let wanted = some()
        var present = some()
        let change = Inventory(wanted: wanted, present: present)
        present.removeAll { change.removes.contains($0.record.identity) }
        present += change.adds
        for update in change.updates {
            for index in present.indices where present[index].record.identity == update.record.identity {
                present[index] = update
            }
        }
        #expect(Inventory(wanted: wanted, present: present).isEmpty)
        #expect(present.count == wanted.count)
    }
}
