import Dispatch
import Sampling
import Signals
import Synchronization
import Testing

@testable import QuellRuntime

@Suite("SideThread")
struct SideThreadTests {
    /// A source that tells what it was told, and that waits at a gate in each read.
    private final class Scripted: SideSource {
        let name = "a scripted source"
        let period = 0.1
        private let gate: DispatchSemaphore?
        private var vms = 0

        init(gate: DispatchSemaphore? = nil) { self.gate = gate }

        func watch(_ vms: [VMDescription]) { self.vms = vms.count }

        func read(at time: MonotonicTime) -> SideBatch {
            gate?.wait()
            var batch = SideBatch(lifetime: 5)
            batch.host = [SideReading(.hostFrequency, Reading(Double(vms)))]
            return batch
        }
    }

    /// A clock whose every look is a minute later, so that each read is due at once, and that no slow host brings to its end.
    private final class HastyClock: Sendable {
        private let looks = Mutex(UInt64(1))
        func now() -> MonotonicTime {
            looks.withLock { looks in
                looks += 1
                return MonotonicTime(nanoseconds: looks * 60_000_000_000)
            }
        }
    }

    private static let vm = VMDescription(
        record: VMRecord(identity: VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: 3), name: "a"),
        pid: 4,
        taps: []
    )

    @Test("A source is told of the VMs before it is read, and read again and again until it is stopped")
    func reads() async {
        let clock = HastyClock()
        let (answers, answered) = AsyncStream.makeStream(of: SideThread.Answer.self)
        let thread = SideThread(now: { clock.now() }, answer: { answered.yield($0) })
        thread.watch([Self.vm])
        thread.start { Scripted() }
        var count = 0
        var last: MonotonicTime?
        for await answer in answers {
            #expect(answer.batch.host == [SideReading(.hostFrequency, Reading(1))])
            if let last { #expect(answer.time > last) }
            last = answer.time
            count += 1
            if count == 3 { break }
        }
        thread.stop()
        #expect(count == 3)
    }

    @Test("A read that does not end is told by name")
    func overdue() async {
        let clock = HastyClock()
        let gate = DispatchSemaphore(value: 0)
        let (answers, answered) = AsyncStream.makeStream(of: SideThread.Answer.self)
        let thread = SideThread(now: { clock.now() }, answer: { answered.yield($0) })
        #expect(thread.overdue == nil)
        thread.start { Scripted(gate: gate) }
        while thread.overdue == nil { await Task.yield() }
        #expect(thread.overdue?.name == "a scripted source")
        thread.stop()
        gate.signal()
        var iterator = answers.makeAsyncIterator()
        #expect(await iterator.next() != nil)
    }
}
