internal import Signals

/// Adds up the rates of the parts of a VM: its vCPUs, its disks, its interfaces.
///
/// Rates come first and sums later, so that a part that joins or leaves never makes the sum jump: a part without a rate
/// yet is left out. A part that was reset makes the sum `reset`, since what it did in the interval is not known; the
/// mean leaves it out instead, since the mean of the others still tells what a part suffers.
struct RateSum {
    private var total = 0.0
    private var ok = 0
    private var resets = 0
    private var missing = 0

    /// Adds a part.
    mutating func add(_ part: Reading) {
        switch part.quality {
        case .ok:
            total += part.value
            ok += 1
        case .reset: resets += 1
        case .missing, .stale: missing += 1
        case .notObservable: break
        }
    }

    /// The sum of the parts.
    var sum: Reading {
        if resets > 0 { return Reading(0, .reset) }
        return ok > 0 ? Reading(total) : empty
    }

    /// Whether every part has a rate.
    var isComplete: Bool { resets == 0 && missing == 0 }

    /// The mean over the parts that have a rate.
    var mean: Reading {
        ok > 0 ? Reading(total / Double(ok)) : resets > 0 ? Reading(0, .reset) : empty
    }

    /// What is said where no part has a rate.
    private var empty: Reading { missing > 0 ? .missing : .notObservable }
}
