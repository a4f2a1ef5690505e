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
    enum DiskCall: Hashable { case makeDirectory, openDirectory, open, lock, read, write, synchronize, rename }

    /// What a call of the hypervisor is to do instead.
    enum Fault: Equatable, Sendable {
        case refuse
        case unavailable
        /// The deadline passes and the change is made all the same.
        case lateNow
        /// The deadline passes and the change is made some seconds later.
        case late(seconds: Double)
        /// The deadline passes and the change is never made.
        case lost
        case vanish
        case restart
        case hang
    }

    struct Inode: Sendable {
        var cached: [UInt8] = []
        var durable: [UInt8] = []
        /// Bytes that a failed sync dropped: a later one reports success without them (fsync(2), EIO).
        var dropped: [Range<Int>] = []
    }

    struct LateSet: Sendable {
        var vm: VMIdentity
        var quota: VCPUQuota
        var at: MonotonicTime
    }

    struct State: Sendable {
        var step = 0
        var dieAt: Int?
        var death = Death.before
        var isDead = false
        // The disk.
        var inodes: [Int: Inode] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var files: [Int32: Int] = [:]
        var locks: [Int: Int32] = [:]
        var nextFile: Int32 = 10
        var diskFaults: [DiskCall: LedgerError] = [:]
        var shortWrites = false
        // The hypervisor.
        var now = MonotonicTime(nanoseconds: 0)
        var quotas: [VMIdentity: VCPUQuota] = [:]
        var restarted: Set<VMIdentity> = []
        /// Calls that go well before the faults begin.
        var goodCalls = 0
        var faults: [Fault] = []
        var late: [LateSet] = []
        var hanging: [CheckedContinuation<Void, Never>] = []
        var reads = 0
        var sets: [VCPUQuota] = []
        /// Before this step a person sets a value.
        var interference: (step: Int, vm: VMIdentity, quota: VCPUQuota)?
        // What is rightful: the values that a VM may end with.
        var rightful: [VMIdentity: [VCPUQuota]] = [:]
        var unseen: Set<VMIdentity> = []
    }

    let state = Mutex(State())

    /// Looks at the state, or changes it.
    func edit<Value: Sendable>(_ body: (inout State) -> Value) -> Value { state.withLock { body(&$0) } }

    /// Counts a step and tells its fate.
    func enter() -> Fate {
        state.withLock { state in
            if state.isDead { return .dead }
            state.step += 1
            if let act = state.interference, act.step == state.step {
                state.interference = nil
                state.person(act.vm, act.quota)
            }
            guard state.dieAt == state.step else { return .live }
            state.isDead = true
            switch state.death {
            case .before: return .dead
            case .half: return .dieHalf
            case .after: return .dieAfter
            }
        }
    }

    /// A VM appears with a limit.
    func add(_ vm: VMIdentity, _ quota: VCPUQuota) {
        state.withLock { state in
            state.quotas[vm] = quota
            state.rightful[vm] = [quota]
        }
    }

    /// A person sets a limit.
    func person(_ vm: VMIdentity, _ quota: VCPUQuota) { state.withLock { $0.person(vm, quota) } }

    /// systemd or libvirt puts back the limit that is rightful.
    func reset(_ vm: VMIdentity) {
        edit { state in
            if !state.unseen.contains(vm), let rightful = state.rightful[vm]?.last { state.quotas[vm] = rightful }
        }
    }

    /// The limit of a VM; `nil` where it is gone.
    func quota(_ vm: VMIdentity) -> VCPUQuota? { state.withLock { $0.quotas[vm] } }

    /// The next calls of the hypervisor fail like this, one each.
    func script(_ faults: [Fault]) { state.withLock { $0.faults = faults } }

    /// Moves time on; late changes happen.
    func move(to now: MonotonicTime) { state.withLock { $0.move(to: now) } }

    /// Lets hanging calls go on.
    func unhang() {
        let waiting = state.withLock { state in
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Whether the disk's bytes hold a name.
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
            state.diskFaults = [:]
            state.faults = []
            state.interference = nil
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

extension World.State {
    /// A person sets a limit: from now on it is the rightful one.
    mutating func person(_ vm: VMIdentity, _ quota: VCPUQuota) {
        guard quotas[vm] != nil else { return }
        quotas[vm] = quota
        // Until the enforcer has looked, it may overwrite it in good faith and give back the one before.
        rightful[vm] = (unseen.contains(vm) ? rightful[vm] ?? [] : rightful[vm].map { $0.suffix(1) } ?? []) + [quota]
        unseen.insert(vm)
    }

    /// The enforcer has looked.
    mutating func seen(_ vm: VMIdentity) {
        guard unseen.remove(vm) != nil, let now = quotas[vm] else { return }
        rightful[vm] = [now]
    }

    /// The enforcer sets a limit.
    mutating func set(_ vm: VMIdentity, _ quota: VCPUQuota) {
        guard quotas[vm] != nil else { return }
        sets.append(quota)
        quotas[vm] = quota
        unseen.remove(vm)
    }

    /// Moves time on; late changes happen, over whatever a person did meanwhile.
    mutating func move(to now: MonotonicTime) {
        self.now = max(self.now, now)
        for change in late where change.at <= self.now {
            if quotas[change.vm] != nil { quotas[change.vm] = change.quota }
            unseen.remove(change.vm)
        }
        late.removeAll { $0.at <= self.now }
    }
}
