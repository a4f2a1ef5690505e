internal import Signals

/// The books of a worker pool: which calls wait, which run, and which run on although nobody waits for them any more.
///
/// It is a plain value; ``WorkerPool`` keeps it under a lock, and a call's fate is decided by whoever gets there first,
/// the worker that returns or the deadline that ends.
struct WorkerLedger: Sendable {
    /// A call that waits for a worker.
    struct Job: Sendable {
        /// Its number.
        let id: UInt64
        /// The VM that it concerns, if one.
        let vm: VMUUID?
        /// The work; it settles the call itself.
        let run: @Sendable () -> Void
    }

    /// Why a call is not taken.
    enum Refusal: Sendable, Equatable {
        /// Every worker, if there is any, is in a call that nobody waits for any more.
        case allStuck
        /// Too many calls wait already.
        case queueFull
        /// An earlier call on the same VM has outlived its deadline and has not returned.
        case vmStuck
        /// The pool is shut down.
        case closed
    }

    /// How a call was given up.
    enum GivenUp: Sendable {
        /// It was still waiting and will not be made; free it without the lock, as that may call back.
        case queued(Job)
        /// It runs on.
        case stuck
    }

    /// How many workers there are; without any, no call is taken.
    let workers: Int
    /// How many calls may wait.
    let queueLimit: Int
    /// Set once no further call is taken.
    private(set) var closed = false
    /// Calls that outlived their deadline and have not returned.
    private(set) var stuck = 0

    private var queue: [Job] = []
    private var running: [UInt64: VMUUID?] = [:]
    private var stuckCalls: [UInt64: VMUUID?] = [:]
    private var nextID: UInt64 = 0

    /// Empty books.
    init(workers: Int, queueLimit: Int) {
        self.workers = max(0, workers)
        self.queueLimit = max(0, queueLimit)
    }

    /// Calls that wait for a worker.
    var waiting: Int { queue.count }

    /// Gives a call its number.
    mutating func number() -> UInt64 {
        nextID &+= 1
        return nextID
    }

    /// Takes a call, or says why not.
    mutating func submit(_ job: Job) -> Refusal? {
        if closed { return .closed }
        if stuck >= workers { return .allStuck }
        if let vm = job.vm, stuckCalls.values.contains(vm) { return .vmStuck }
        if queue.count >= queueLimit { return .queueFull }
        queue.append(job)
        return nil
    }

    /// Takes work that nobody waits for and that must be done, such as freeing; never refused.
    mutating func post(_ run: @escaping @Sendable () -> Void) {
        queue.append(Job(id: number(), vm: nil, run: run))
    }

    /// Hands the oldest call to a worker.
    mutating func take() -> Job? {
        guard !queue.isEmpty else { return nil }
        let job = queue.removeFirst()
        running[job.id] = .some(job.vm)
        return job
    }

    /// Notes that a worker has returned; `true` when somebody still waits for the answer.
    mutating func returned(_ id: UInt64) -> Bool {
        if running.removeValue(forKey: id) != nil { return true }
        if stuckCalls.removeValue(forKey: id) != nil { stuck -= 1 }
        return false
    }

    /// Gives a call up, so that the caller is to be told so; `nil` when it has returned.
    mutating func giveUp(_ id: UInt64) -> GivenUp? {
        if let index = queue.firstIndex(where: { $0.id == id }) { return .queued(queue.remove(at: index)) }
        guard let vm = running.removeValue(forKey: id) else { return nil }
        stuckCalls[id] = .some(vm)
        stuck += 1
        return .stuck
    }

    /// Takes no further call; those that wait are still made.
    mutating func close() {
        closed = true
    }
}
