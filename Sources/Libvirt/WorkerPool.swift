internal import Signals

/// Threads that make blocking libvirt calls, so that a task never does.
///
/// A C call cannot be cancelled. When its deadline ends its caller goes on with ``LibvirtError/Code/deadline``, and the
/// call keeps its thread until it returns. There are only so many threads: once all are kept in that way, further calls
/// fail at once with ``LibvirtError/Code/busy``, and a VM that keeps one thread is given no second.
final class WorkerPool: Sendable {
    private let books: Monitor<WorkerLedger>
    private let time: Timekeeper

    /// Starts the threads.
    init(workers: Int = 4, queueLimit: Int = 256, time: Timekeeper) {
        let books = Monitor(WorkerLedger(workers: 0, queueLimit: queueLimit))
        let started = (0..<max(1, workers)).count { _ in BlockingThread.start { Self.work(books) } }
        books.update { $0 = WorkerLedger(workers: started, queueLimit: queueLimit) }
        self.books = books
        self.time = time
    }

    deinit {
        books.update { $0.close() }
    }

    /// Calls that outlived their deadline and have not returned.
    var stuck: Int { books.update { $0.stuck } }

    /// Makes a blocking call on a thread of the pool.
    func run<Value: Sendable>(
        _ context: CallContext,
        deadline: Duration,
        _ body: @escaping @Sendable () throws(LibvirtError) -> Value
    ) async throws(LibvirtError) -> Value {
        let answer = Answer<Value>()
        let books = self.books
        let id = books.update { $0.number() }
        let job = WorkerLedger.Job(id: id, vm: context.vm) {
            let result = Result(catching: body)
            // Once given up the value is dropped here, on the worker, where freeing it may block.
            if books.update({ $0.returned(id) }) { answer.settle(result) }
        }
        if let refusal = books.update({ $0.submit(job) }) { throw context.failure(.busy, refusal.text) }

        let sleep = time.sleep
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let over: Bool
                do {
                    try await sleep(deadline)
                    over = true
                } catch {
                    over = false
                }
                guard books.update({ $0.giveUp(id) }) != nil else { return }
                answer.settle(
                    .failure(
                        over
                            ? context.failure(.deadline, "no answer within \(deadline)")
                            : context.failure(.cancelled, "given up by the task that asked")
                    )
                )
            }
            let result = await answer.value()
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    /// Has work done on a thread of the pool that nobody waits for, such as freeing; never refused.
    func post(_ work: @escaping @Sendable () -> Void) {
        books.update { $0.post(work) }
    }

    /// One thread's life: until the pool is gone and nothing waits.
    private static func work(_ books: Monitor<WorkerLedger>) {
        while let job = next(books) {
            job.run()
            _ = books.update { $0.returned(job.id) }
        }
    }

    private static func next(_ books: Monitor<WorkerLedger>) -> WorkerLedger.Job? {
        books.wait { ledger -> WorkerLedger.Job?? in
            if let job = ledger.take() { return .some(job) }
            return ledger.closed ? .some(nil) : nil
        }
    }
}

extension WorkerLedger.Refusal {
    /// The reason in words.
    var text: String {
        switch self {
        case .allStuck: "every worker is in a call that has not returned"
        case .queueFull: "too many calls wait for a worker"
        case .vmStuck: "an earlier call on this VM has not returned"
        case .closed: "the pool is shut down"
        }
    }
}
