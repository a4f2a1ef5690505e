import Signals
import Testing

@Suite("Frame")
struct FrameTests {
    private func record(_ number: UInt64, generation: UInt64 = 1) -> VMRecord {
        VMRecord(
            identity: VMIdentity(uuid: VMUUID(high: 0, low: number), generation: generation),
            name: "vm-\(number)"
        )
    }

    @Test("A VM keeps its row while others come and go, and a freed row is used again")
    func rows() {
        var frame = Frame(hostCPUs: 2)
        let first = frame.place(record(1))
        let second = frame.place(record(2))
        frame.remove(first)
        #expect(frame[record: second]?.name == "vm-2")
        let third = frame.place(record(3))
        #expect(third == first)
        #expect(frame.capacity == 2)
        #expect(frame.slot(of: record(3).identity) == third)
        #expect(frame.slot(of: record(1).identity) == nil)
    }

    @Test("A VM always takes the lowest free row and is found by its identity", arguments: 0..<50)
    func lowestFreeRow(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var frame = Frame(hostCPUs: 2)
        var rows: [UInt64?] = []
        for number in 1...200 as ClosedRange<UInt64> {
            if generator.next() % 3 != 0 {
                let row = rows.firstIndex(of: nil) ?? rows.count
                if row == rows.count { rows.append(nil) }
                rows[row] = number
                #expect(frame.place(record(number)).index == row)
            } else if let row = rows.indices.randomElement(using: &generator) {
                rows[row] = nil
                frame.remove(VMSlot(row))
            }
            #expect(frame.capacity == rows.count)
        }
        for number in 1...200 as ClosedRange<UInt64> {
            #expect(frame.slot(of: record(number).identity)?.index == rows.firstIndex(of: number))
        }
    }

    @Test("A row whose record is replaced is found by the new identity alone")
    func replacedRecord() {
        var frame = Frame(hostCPUs: 2)
        let slot = frame.place(record(1))
        frame[record: slot] = record(1, generation: 2)
        #expect(frame.slot(of: record(1).identity) == nil)
        #expect(frame.slot(of: record(1, generation: 2).identity) == slot)
        frame[record: slot] = nil
        #expect(frame.slot(of: record(1, generation: 2).identity) == nil)
        #expect(frame.place(record(3)) == slot)
    }

    @Test("Every reading is missing from the begin of a tick until it is written")
    func beginClears() {
        var frame = Frame(hostCPUs: 2)
        let slot = frame.place(record(1))
        frame.begin(at: MonotonicTime(seconds: 10))
        frame[slot, .cpuUsage] = Reading(1)
        frame[host: .hostRunQueue] = Reading(3)
        #expect(frame[slot, .cpuUsage].trusted == 1)
        frame.begin(at: MonotonicTime(seconds: 11))
        #expect(frame[slot, .cpuUsage] == .missing)
        #expect(frame[host: .hostRunQueue] == .missing)
    }

    @Test("The interval is 0 in the first tick, then the time between ticks, never negative")
    func interval() {
        var frame = Frame(hostCPUs: 2)
        frame.begin(at: MonotonicTime(seconds: 10))
        #expect(frame.interval == 0)
        frame.begin(at: MonotonicTime(seconds: 12.5))
        #expect(frame.interval == 2.5)
        frame.begin(at: MonotonicTime(seconds: 5))
        #expect(frame.interval == 0)
        #expect(frame.tick == 3)
    }

    @Test("Only a reading of quality ok is trusted", arguments: Quality.allCases)
    func trust(quality: Quality) {
        #expect((Reading(1, quality).trusted != nil) == (quality == .ok))
    }

    @Test("A row taken over holds nothing of the VM before")
    func noLeftovers() {
        var frame = Frame(hostCPUs: 2)
        let slot = frame.place(record(1))
        frame[slot, .memRSS] = Reading(5)
        frame.remove(slot)
        let again = frame.place(record(1, generation: 2))
        #expect(again == slot)
        #expect(frame[again, .memRSS] == .missing)
    }
}
