import Signals

/// What the enforcer knows of an open lease beside what is on disk.
struct Hold {
    /// What was found when it was given back.
    enum Outcome: Equatable {
        /// The value before is in force.
        case restored
        /// Somebody else's value is.
        case foreign(String)
        /// The VM is gone, and its limits with it.
        case gone
    }

    /// The lease as the ledger has it.
    var lease: Lease
    /// The order that is in force; `nil` for a lease that an earlier daemon left.
    var order: HoldOrder?
    /// Whether a call for it is under way; nobody else touches it meanwhile.
    var isBusy: Bool
    /// Whether it was ever told as granted.
    var isGranted: Bool
    /// Why it is to be given back; `nil` while it is to stay.
    var ending: ReleaseReason?
    /// What was found, once nothing is left to do but to close it.
    var outcome: Outcome?
    /// Until when a set whose outcome is not known may still happen; `nil` where there is none.
    var unsettledUntil: MonotonicTime?
    /// Whether its value was found as before and only the lease waits, for a set that may still happen.
    var isWatched = false
    /// Whether a failure to give it back was told; each is told once.
    var isFailureTold = false
    /// When it is tried again to give it back.
    var retry = BackOff()
    /// How often a reset value was set again, and when the next time may be.
    var reapplied = BackOff()

    /// Marks it as one to be given back; the first reason given stays.
    mutating func end(_ reason: ReleaseReason) { ending = ending ?? reason }
}

/// Waits that double, from 1 s to 1 min.
struct BackOff: Equatable {
    /// The longest wait in seconds.
    static let longest = 60.0

    /// Tries so far.
    private(set) var tries = 0
    /// The moment before which there is no next try.
    private(set) var due = MonotonicTime(nanoseconds: 0)

    /// Notes a try: the next one is 1, 2, 4 … 60 s later.
    mutating func tried(at now: MonotonicTime) {
        let wait = tries < 6 ? Double(1 << tries) : Self.longest
        tries = min(tries + 1, 1_000)
        due = now.advanced(bySeconds: wait)
    }

    /// Lets the next try be made at once.
    mutating func hurry() { due = MonotonicTime(nanoseconds: 0) }
}
