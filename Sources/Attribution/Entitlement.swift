/// Shares the host's CPUs out among VMs as a fair scheduler would if all of them wanted all they can use.
///
/// Weighted max-min fairness (progressive filling; Bertsekas and Gallager, *Data Networks*, section 6.5.2): each VM gets
/// CPUs in proportion to its weight, no more than it has vCPUs, and what some cannot use goes to the others. It does not
/// look at who is idle: an entitlement is what a VM may count on, not what happens to be free.
struct Entitlement {
    /// What one VM may use at most, and how much it weighs.
    struct Claim {
        /// Its vCPUs; 0 for a row that claims nothing.
        var limit: Double
        /// Its weight, above 0.
        var weight: Double
        /// What it gets, in cores.
        var cores = 0.0
        /// Whether its part is settled.
        var settled = false
    }

    /// Fills in what each VM gets.
    ///
    /// - Parameters:
    ///   - claims: The VMs; `cores` and `settled` are overwritten.
    ///   - capacity: CPUs to share out.
    static func fill(_ claims: inout [Claim], capacity: Double) {
        var left = capacity
        for index in claims.indices {
            claims[index].cores = 0
            claims[index].settled = claims[index].limit <= 0
        }
        // Each pass settles at least one VM, or ends.
        for _ in claims.indices {
            var weight = 0.0
            for claim in claims where !claim.settled { weight += claim.weight }
            guard weight > 0, left > 0 else { return }
            let level = left / weight
            var settledAny = false
            for index in claims.indices where !claims[index].settled {
                claims[index].cores = level * claims[index].weight
                guard claims[index].limit <= claims[index].cores else { continue }
                claims[index].cores = claims[index].limit
                claims[index].settled = true
                left -= claims[index].limit
                settledAny = true
            }
            if !settledAny { return }
        }
    }
}
