internal import Glibc

/// A part of the host that VMs share, such as a pool of CPUs, a cache or a disk.
///
/// What it can give is 1.
struct Domain: Sendable {
    /// Servers within it, for its queue.
    var servers = 4.0
    /// What is taken by what is no VM, as a part of what it can give, and when.
    var outside = 0.0
    /// When that is.
    var outsideTicks: Range<Int> = 0..<0

    /// What is left for VMs in a tick.
    func capacity(_ tick: Int) -> Double { outsideTicks.contains(tick) ? max(0.05, 1 - outside) : 1 }

    /// The mean wait of a queue with several servers, in service times.
    ///
    /// It is ρ^(√(2(c + 1)) − 1) ÷ (c (1 − ρ)): Sakasegawa, Annals of the Institute of Statistical Mathematics 29, 1977.
    ///
    /// - Parameter load: The load ρ, held below 0.99: demand beyond that is turned away by those who make it.
    /// - Returns: The wait.
    func wait(_ load: Double) -> Double {
        let rho = min(0.99, max(0, load))
        return pow(rho, (2 * (servers + 1)).squareRoot() - 1) / (servers * (1 - rho))
    }

    /// The part of arrivals that a buffer of 64 turns away.
    ///
    /// It is (1 − ρ) ρ^K ÷ (1 − ρ^(K + 1)) of a queue M/M/1/K: Kleinrock, *Queueing Systems* I, section 3.6.
    ///
    /// - Parameter load: The load ρ.
    /// - Returns: The part, 0 to 1.
    static func loss(_ load: Double) -> Double {
        let rho = max(0, load)
        if abs(rho - 1) < 1e-6 { return 1 / 65 }
        return (1 - rho) * pow(rho, 64) / (1 - pow(rho, 65))
    }

    /// Weighted max-min shares of what it can give.
    static func shares(_ demands: [Double], weights: [Double], capacity: Double) -> [Double] {
        let order = demands.indices.sorted { demands[$0] * weights[$1] < demands[$1] * weights[$0] }
        var given = Array(repeating: 0.0, count: demands.count)
        var left = capacity
        var weight = weights.reduce(0, +)
        for index in order {
            given[index] = min(demands[index], left * weights[index] / max(weight, 1e-12))
            left -= given[index]
            weight -= weights[index]
        }
        return given
    }
}
