/// Says which interfaces are counted by a packet socket at a time: as many as there are sockets, in turns.
struct MulticastRota {
    /// The most interfaces at a time.
    static let most = 32
    /// Turns that an interface stays before it yields to one that waits, or leaves once it is no longer busy.
    static let hold = 5

    /// What changes in a turn.
    struct Change: Equatable {
        /// Interfaces to stop counting; first.
        var leave: [Int32] = []
        /// Interfaces to begin to count.
        var join: [Int32] = []
    }

    private var turn = 0
    /// The interfaces that are counted, with the turn in which they joined and the last one in which they were busy.
    private var present: [(index: Int32, joined: Int, busy: Int)] = []
    /// When interfaces that wait were counted last; those that never were come first.
    private var last: [Int32: Int] = [:]

    /// Begins a turn.
    ///
    /// - Parameters:
    ///   - busy: The interfaces that send enough to be counted, in any order.
    ///   - known: Whether an interface is still there; one that is not leaves at once.
    /// - Returns: What changes.
    mutating func next(busy: Set<Int32>, known: (Int32) -> Bool) -> Change {
        turn += 1
        let now = turn
        var change = Change()
        last = last.filter { known($0.key) }
        for place in present.indices where busy.contains(present[place].index) { present[place].busy = turn }
        leave(&change) { !known($0.index) || now - $0.busy >= Self.hold }
        var waiting = busy.filter { index in !present.contains { $0.index == index } && known(index) }
            .sorted { (last[$0] ?? -1, $0) < (last[$1] ?? -1, $1) }
        // Those that have been counted long enough make room, the oldest first.
        var lacking = present.count + waiting.count - Self.most
        leave(&change) { item in
            guard lacking > 0, now - item.joined >= Self.hold else { return false }
            lacking -= 1
            return true
        }
        waiting = Array(waiting.prefix(Self.most - present.count))
        for index in waiting { present.append((index, turn, turn)) }
        change.join = waiting
        return change
    }

    /// Forgets an interface that could not be counted.
    mutating func drop(_ index: Int32) {
        present.removeAll { $0.index == index }
        last[index] = turn
    }

    /// Has those leave that a test picks, in the order in which they joined.
    private mutating func leave(_ change: inout Change, _ picks: ((index: Int32, joined: Int, busy: Int)) -> Bool) {
        var stay: [(index: Int32, joined: Int, busy: Int)] = []
        for item in present {
            guard picks(item) else {
                stay.append(item)
                continue
            }
            change.leave.append(item.index)
            last[item.index] = turn
        }
        present = stay
    }
}
