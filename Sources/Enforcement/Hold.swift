import Signals

/// What the enforcer knows of a hold: the open leases of one order, and what is under way with them.
struct Hold {
    /// Its number: that of its first lease.
    let id: UInt64
    /// Which hold it is.
    let key: HoldKey
    /// The VM's name, for people only.
    var name: String
    /// The order that is in force; `nil` for a hold that an earlier daemon left.
    var order: HoldOrder?
    /// What the VM was made of when it was held; `nil` where nobody looked.
    var parts: VMParts?
    /// The knobs that it has, in the order in which they were set.
    var knobs: [HeldKnob]
    /// Whether it was ever told as granted.
    var isGranted: Bool
    /// Why it is to be given back; `nil` while it is to stay.
    var ending: ReleaseReason?
    /// How the knobs ended whose leases are closed, in the order of their ends.
    var ended: [(knob: Knob, outcome: HeldKnob.Outcome)] = []
    /// Whether a failure to give it back was told; each is told once.
    var isFailureTold = false
    /// When it is tried again to give it back.
    var retry = BackOff()

    /// Marks it as one to be given back; the first reason given stays.
    mutating func end(_ reason: ReleaseReason) { ending = ending ?? reason }

    /// When it ends whatever happens.
    var expires: MonotonicTime { knobs.map(\.lease.expires.boot).max() ?? MonotonicTime(nanoseconds: 0) }

    /// Whether anything of it is to be given back.
    var isEnding: Bool { ending != nil || knobs.contains { $0.isEnding } }

    /// Whether the VM has what it had before, and only changes that may still come are waited for.
    var isWatched: Bool { !knobs.isEmpty && knobs.allSatisfy { $0.isWatched } }

    /// The leases on what libvirt sets.
    var libvirts: [UInt64] { knobs.filter { $0.lease.knob.isLibvirts }.map(\.lease.id) }

    /// Where a lease is in it.
    func index(of id: UInt64) -> Int? { knobs.firstIndex { $0.lease.id == id } }
}

extension Knob {
    /// Whether libvirt sets it, and not the kernel or a driver.
    var isLibvirts: Bool {
        switch self {
        case .cacheGroup, .gpuPower, .gpuClocks, .gpuSchedule: false
        default: true
        }
    }

    /// Whether it is of a device of the host and outlasts the VM.
    var isOfHost: Bool {
        switch self {
        case .gpuPower, .gpuClocks, .gpuSchedule: true
        default: false
        }
    }
}

/// A knob that a hold has, under a lease of its own.
struct HeldKnob {
    /// What was found when it was given back.
    enum Outcome: Equatable {
        /// The setting before is in force.
        case restored
        /// Somebody else's setting is.
        case foreign(String)
        /// The VM, or this part of it, is gone, and its limits with it.
        case gone
    }

    /// The lease as the ledger has it.
    var lease: Lease
    /// Whether a setting of it was ever confirmed.
    var isGranted = false
    /// Whether it is to be given back though its hold may go on.
    var isEnding = false
    /// What was found, once nothing is left to do but to close it.
    var outcome: Outcome?
    /// Until when a set whose outcome is not known may still happen; `nil` where there is none.
    var unsettledUntil: MonotonicTime?
    /// Whether its setting was found as before and only the lease waits, for a set that may still happen.
    var isWatched = false
    /// How often a reset setting was set again, and when the next time may be.
    var reapplied = BackOff()

    /// Whether somebody else's setting was found.
    var isForeign: Bool { if case .foreign = outcome { true } else { false } }

    /// A knob under a lease.
    init(_ lease: Lease) {
        self.lease = lease
    }
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
