import Signals
import Testing

@testable import Libvirt

@Suite("Blocking calls run on threads of their own, with a deadline")
struct WorkerPoolTests {
    private let clock = ManualClock()
    private let context = CallContext("test")

    private func pool(_ workers: Int = 4) -> WorkerPool { WorkerPool(workers: workers, time: Timekeeper(clock)) }

    @Test("A call's value comes back")
    func value() async throws {
        #expect(try await pool().run(context, deadline: .seconds(1)) { () throws(LibvirtError) in 42 } == 42)
    }

    @Test("A call's failure comes back")
    func failure() async throws {
        let failure = context.failure(.noDomain, "gone")
        await #expect(throws: failure) {
            try await pool().run(context, deadline: .seconds(1)) { () throws(LibvirtError) -> Int in throw failure }
        }
    }

    /// Blocks one worker and lets its deadline end.
    private func stick(_ pool: WorkerPool, _ gate: Gate, _ context: CallContext) async -> LibvirtError.Code? {
        async let outcome = code {
            try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in gate.pass() }
        }
        await gate.arrivals(1)
        await clock.sleepers(1)
        clock.advance(by: .seconds(1))
        return await outcome
    }

    @Test("When the deadline ends the caller goes on and the call stays outstanding until it returns")
    func deadline() async throws {
        let (pool, gate) = (pool(), Gate())
        #expect(await stick(pool, gate, context) == .deadline)
        #expect(pool.stuck == 1)
        gate.open()
        await eventually { pool.stuck == 0 }
    }

    @Test("A call that returns a moment before its deadline is in time")
    func boundary() async throws {
        let (pool, gate) = (pool(), Gate())
        async let value = pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in
            gate.pass()
            return 7
        }
        await gate.arrivals(1)
        await clock.sleepers(1)
        clock.advance(by: .nanoseconds(999_999_999))
        gate.open()
        #expect(try await value == 7)
        #expect(pool.stuck == 0)
    }

    @Test("Once every worker is stuck further calls fail at once, and go through again when one returns")
    func allStuck() async throws {
        let (pool, gate) = (pool(2), Gate())
        for _ in 0..<2 { #expect(await stick(pool, gate, context) == .deadline) }
        await #expect(throws: context.failure(.busy, WorkerLedger.Refusal.allStuck.text)) {
            try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in }
        }
        gate.open()
        await eventually { pool.stuck == 0 }
        #expect(try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in 1 } == 1)
    }

    @Test("A VM that keeps one worker is given no second, while another VM is served")
    func oneWorkerForEachVM() async throws {
        let (pool, gate) = (pool(2), Gate())
        let (hung, well) = (CallContext("test", vm(1)), CallContext("test", vm(2)))
        #expect(await stick(pool, gate, hung) == .deadline)
        await #expect(throws: hung.failure(.busy, WorkerLedger.Refusal.vmStuck.text)) {
            try await pool.run(hung, deadline: .seconds(1)) { () throws(LibvirtError) in }
        }
        #expect(try await pool.run(well, deadline: .seconds(1)) { () throws(LibvirtError) in 1 } == 1)
        gate.open()
    }

    @Test("A call that waited in vain for a worker is never made")
    func expiredInQueue() async throws {
        let (pool, gate) = (pool(1), Gate())
        let made = Flag()
        async let first: Void = pool.run(context, deadline: .seconds(10)) { () throws(LibvirtError) in gate.pass() }
        await gate.arrivals(1)
        async let second = code {
            try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in
                made.set()
            }
        }
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await second == .deadline)
        gate.open()
        try await first
        // The only worker has been through the queue once this call is done.
        try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in }
        #expect(!made.isSet)
    }

    @Test("A cancelled task goes on at once and is told so")
    func cancelled() async throws {
        let (pool, gate) = (pool(), Gate())
        let context = context
        let task = Task {
            await code {
                try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in gate.pass() }
            }
        }
        await gate.arrivals(1)
        task.cancel()
        #expect(await task.value == .cancelled)
        gate.open()
    }

    @Test("A value that comes too late is freed")
    func lateValue() async throws {
        final class Witness: Sendable {
            let freed: @Sendable () -> Void
            init(_ freed: @escaping @Sendable () -> Void) { self.freed = freed }
            deinit { freed() }
        }
        let (pool, gate) = (pool(), Gate())
        let (freed, free) = AsyncStream.makeStream(of: Void.self)
        async let outcome = code {
            _ = try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in
                gate.pass()
                return Witness { free.finish() }
            }
        }
        await gate.arrivals(1)
        await clock.sleepers(1)
        clock.advance(by: .seconds(1))
        #expect(await outcome == .deadline)
        gate.open()
        for await _ in freed {}
    }

    @Test("Work that nobody waits for is done even when the pool is gone")
    func reaping() async throws {
        let (done, finish) = AsyncStream.makeStream(of: Void.self)
        pool().post { finish.finish() }
        for await _ in done {}
    }

    @Test("Many calls at once all come back")
    func many() async throws {
        let (pool, context) = (pool(), context)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await pool.run(context, deadline: .seconds(1)) { () throws(LibvirtError) in number }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 199 * 200 / 2)
    }
}

/// A ledger by reference, so that an expectation may change it.
private final class Books {
    private var ledger: WorkerLedger
    init(workers: Int, queueLimit: Int) { ledger = WorkerLedger(workers: workers, queueLimit: queueLimit) }
    var stuck: Int { ledger.stuck }
    var waiting: Int { ledger.waiting }
    func number() -> UInt64 { ledger.number() }
    func submit(_ job: WorkerLedger.Job) -> WorkerLedger.Refusal? { ledger.submit(job) }
    func post() { ledger.post {} }
    func take() -> WorkerLedger.Job? { ledger.take() }
    func returned(_ id: UInt64) -> Bool { ledger.returned(id) }
    func giveUp(_ id: UInt64) -> Bool { ledger.giveUp(id) != nil }
    func close() { ledger.close() }
}

@Suite("The books of a worker pool")
struct WorkerLedgerTests {
    private func job(_ ledger: Books) -> WorkerLedger.Job {
        WorkerLedger.Job(id: ledger.number(), vm: nil) {}
    }

    @Test("Whoever comes first decides: a call that returned cannot be given up, and the other way round")
    func oneFate() {
        let ledger = Books(workers: 2, queueLimit: 4)
        let (first, second) = (job(ledger), job(ledger))
        _ = (ledger.submit(first), ledger.submit(second), ledger.take(), ledger.take())
        #expect(ledger.returned(first.id))
        #expect(!ledger.giveUp(first.id))
        #expect(ledger.giveUp(second.id))
        #expect(ledger.stuck == 1)
        #expect(!ledger.returned(second.id))
        #expect(ledger.stuck == 0)
        #expect(!ledger.returned(second.id))
        #expect(ledger.stuck == 0)
    }

    @Test("The queue takes what it may and no more")
    func queueLimit() {
        let ledger = Books(workers: 1, queueLimit: 2)
        #expect(ledger.submit(job(ledger)) == nil)
        #expect(ledger.submit(job(ledger)) == nil)
        #expect(ledger.submit(job(ledger)) == .queueFull)
        #expect(ledger.waiting == 2)
    }

    @Test("A call given up in the queue keeps no worker")
    func givenUpInQueue() {
        let ledger = Books(workers: 1, queueLimit: 2)
        let call = job(ledger)
        #expect(ledger.submit(call) == nil)
        #expect(ledger.giveUp(call.id))
        #expect(ledger.take() == nil)
        #expect(ledger.stuck == 0)
    }

    @Test("A closed ledger takes no call but still hands out what waits")
    func closed() {
        let ledger = Books(workers: 1, queueLimit: 2)
        #expect(ledger.submit(job(ledger)) == nil)
        ledger.close()
        #expect(ledger.submit(job(ledger)) == .closed)
        #expect(ledger.take() != nil)
        ledger.post()
        #expect(ledger.take() != nil)
    }

    @Test("Numbers out of range are made sensible, and an unknown call changes nothing")
    func nonsense() {
        let ledger = Books(workers: -1, queueLimit: -1)
        #expect(ledger.submit(job(ledger)) == .allStuck)
        #expect(Books(workers: 1, queueLimit: -1).submit(job(ledger)) == .queueFull)
        #expect(!ledger.giveUp(99))
        #expect(!ledger.returned(99))
    }
}
