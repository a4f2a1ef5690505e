internal import Signals

/// Who of many VMs is watched when only some can be: each in turn for a number of ticks, in the order in which they wait.
///
/// At most one VM leaves and one enters in a tick, so that the cost of a change is spread. Where there is room for all,
/// nobody ever leaves.
struct WatchRotation: Equatable {
    /// What a tick changes.
    struct Change: Equatable {
        /// Who is not watched any longer.
        var leaves: VMSlot?
        /// Who is from now on; after the other has left.
        var enters: VMSlot?
    }

    /// A VM that is watched.
    private struct Seat: Equatable {
        var slot: VMSlot
        var since: UInt64
    }

    /// Ticks after shedding has ended before anybody enters again.
    static let rest: UInt64 = 30

    /// Ticks for which a VM is watched at least.
    let dwell: UInt64
    /// How many are watched at once.
    private(set) var capacity: Int
    /// Whether nobody is to be watched, as while the host is short of CPU.
    var isShedding = false

    private var seats: [Seat] = []
    private var waiting: [VMSlot] = []
    private var restUntil: UInt64 = 0

    /// A rotation without VMs.
    ///
    /// - Parameters:
    ///   - capacity: How many are watched at once.
    ///   - dwell: Ticks for which a VM is watched at least.
    init(capacity: Int, dwell: UInt64) {
        self.capacity = max(0, capacity)
        self.dwell = dwell
    }

    /// How many are watched now.
    var watched: Int { seats.count }

    /// Has a VM wait for its turn; one that waits or is watched already is passed over.
    mutating func add(_ slot: VMSlot) {
        guard !waiting.contains(slot), !seats.contains(where: { $0.slot == slot }) else { return }
        waiting.append(slot)
    }

    /// Forgets a VM.
    mutating func remove(_ slot: VMSlot) {
        waiting.removeAll { $0 == slot }
        seats.removeAll { $0.slot == slot }
    }

    /// Takes back that a VM has entered for which there was no room after all, and lowers the capacity to what there is.
    mutating func refuse(_ slot: VMSlot) {
        guard let index = seats.firstIndex(where: { $0.slot == slot }) else { return }
        seats.remove(at: index)
        waiting.append(slot)
        capacity = seats.count
    }

    /// What changes in a tick.
    ///
    /// - Parameter tick: Counts ticks.
    /// - Returns: The change, already taken over.
    mutating func step(at tick: UInt64) -> Change {
        if isShedding {
            restUntil = tick &+ Self.rest
            return Change(leaves: leave())
        }
        guard tick >= restUntil else { return Change() }
        if seats.count > capacity { return Change(leaves: leave()) }
        guard !waiting.isEmpty, capacity > 0 else { return Change() }
        if seats.count < capacity { return Change(enters: enter(tick)) }
        guard let oldest = seats.first, tick >= oldest.since &+ dwell else { return Change() }
        let entering = enter(tick)
        return Change(leaves: leave(), enters: entering)
    }

    /// Has the one that is watched longest wait again, behind all others.
    private mutating func leave() -> VMSlot? {
        guard !seats.isEmpty else { return nil }
        let slot = seats.removeFirst().slot
        waiting.append(slot)
        return slot
    }

    /// Has the one that waits longest watched.
    private mutating func enter(_ tick: UInt64) -> VMSlot {
        let slot = waiting.removeFirst()
        seats.append(Seat(slot: slot, since: tick))
        return slot
    }
}
