import Signals
import Synchronization

@testable import Enforcement

/// The world outside the enforcer in one place: a disk that can lose power, and a hypervisor that follows a script.
///
/// Every call of either is a step; the process may die before, in the middle of or after any.
final class World: Sendable {
    /// Where in a step the process dies.
    enum Death: CaseIterable { case before, half, after }

    /// What a step is to do.
    enum Fate { case live, dieHalf, dieAfter, dead }

    /// A call of the disk.
    enum DiskCall: Hashable, CaseIterable {
        case makeDirectory, openDirectory, open, lock, read, write, synchronize, rename
    }

    struct Inode: Sendable {
        var cached: [UInt8] = []
        var durable: [UInt8] = []
        /// Bytes that a failed sync dropped: a later one reports success without them (fsync(2), EIO).
        var dropped: [Range<Int>] = []
    }

    struct State: Sendable {
        var step = 0
        var dieAt: Int?
        var death = Death.before
        var isDead = false
        /// Whether the story is at its end.
        var isTold = false
        /// What others do right before a step.
        var acts: [Int: @Sendable (inout State) -> Void] = [:]
        // The disk.
        var inodes: [Int: Inode] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var files: [Int32: Int] = [:]
        var locks: [Int: Int32] = [:]
        var nextFile: Int32 = 10
        var diskFaults: [DiskCall: LedgerError] = [:]
        /// The steps in which the disk fails, and how.
        var diskFault: (steps: ClosedRange<Int>, error: LedgerError)?
        /// The steps that were calls of the disk.
        var diskSteps: Set<Int> = []
        var shortWrites = false
        // The hypervisor.
        var now = MonotonicTime(nanoseconds: 0)
        var guests: [VMIdentity: Guest] = [:]
        /// What GPUs are set to: it outlasts the VMs on them.
        var devices: [Knob: Setting] = [:]
        /// Whether balloons are halfway until time moves on.
        var slowBalloons = false
        /// Calls that go well before the faults begin.
        var goodCalls = 0
        var faults: [Fault] = []
        /// The faults of single knobs and of the mark, one a call; `nil` for one that goes well.
        var faultsAt: [Thing: [Fault?]] = [:]
        /// The steps at which the hypervisor fails, and how.
        var faultAt: [Int: Fault] = [:]
        /// The step from which on it fails, and how.
        var outage: (from: Int, fault: Fault)?
        /// Knobs that cannot be set, as a cache group where there is no class of service left.
        var refused: [Knob: String] = [:]
        var late: [LateChange] = []
        var hanging: [CheckedContinuation<Void, Never>] = []
        /// The calls that change something, and the writes and syncs of the disk, in order.
        var log: [String] = []
        var reads = 0
        var sets: [Setting] = []
        var markSets = 0
        /// Settings of another kind than the knob has: a mistake of whoever asked.
        var mistakes: [String] = []
        // What is rightful: the settings that may be there in the end.
        var rightful: [Place: [Setting]] = [:]
        var unseen: Set<Place> = []
    }

    let state = Mutex(State())

    /// Looks at the state, or changes it.
    func edit<Value: Sendable>(_ body: (inout State) -> Value) -> Value { state.withLock { body(&$0) } }

    /// Counts a step and tells its fate.
    func enter() -> Fate {
        state.withLock { state in
            if state.isDead { return .dead }
            state.step += 1
            state.acts.removeValue(forKey: state.step)?(&state)
            guard state.dieAt == state.step else { return .live }
            state.isDead = true
            switch state.death {
            case .before: return .dead
            case .half: return .dieHalf
            case .after: return .dieAfter
            }
        }
    }

    /// Lets hanging calls go on.
    func unhang() {
        let waiting = state.withLock { state in
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The bytes of a file; `nil` where there is none.
    func bytes(_ name: String) -> [UInt8]? {
        state.withLock { state in state.names[name].flatMap { state.inodes[$0]?.cached } }
    }

    /// The process is dead and its files closed; what was written without sync is kept as told.
    func revive(keeping keep: (_ isName: Bool, _ unsynced: Int) -> Int) {
        state.withLock { state in
            state.isDead = false
            state.dieAt = nil
            state.files = [:]
            state.locks = [:]
            state.mend()
            if state.names != state.durableNames, keep(true, 1) == 0 { state.names = state.durableNames }
            state.durableNames = state.names
            for id in state.inodes.keys.sorted() {
                guard var inode = state.inodes[id], inode.cached != inode.durable else { continue }
                let same = zip(inode.cached, inode.durable).prefix { $0 == $1 }.count
                let kept = keep(false, inode.cached.count - same)
                inode.cached = kept == 0 ? inode.durable : Array(inode.cached.prefix(same + kept))
                inode.durable = inode.cached
                state.inodes[id] = inode
            }
        }
    }
}
