import Signals

@testable import AttributionMatrix

/// A host with a known truth, made from a seed.
struct GeneratedHost {
    /// What goes on on it.
    enum Kind: CaseIterable {
        /// One VM turns noisy.
        case culprit
        /// One VM turns noisy beside one that was always busy beyond its entitlement.
        case culpritBesideBusy
        /// One VM turns noisy, is held, and another turns noisy later.
        case twoInTurn
        /// Nothing but usual load.
        case calm
        /// A task outside VMs burns the CPUs.
        case outside
        /// All VMs want more at once.
        case everybody
        /// One VM uses more, but the host has CPUs to spare.
        case busyUncontended

        /// Whether somebody is to blame.
        var hasCulprit: Bool {
            switch self {
            case .culprit, .culpritBesideBusy, .twoInTurn: true
            case .calm, .outside, .everybody, .busyUncontended: false
            }
        }
    }

    /// What goes on.
    var kind: Kind
    /// The host.
    var model: HostModel
    /// The culprits, in the order in which they turn noisy.
    var culprits: [Int] = []
    /// When they do.
    var onsets: [Int] = []

    /// Ticks played: usual load first, then the event of 20 or 40 ticks, or two of them.
    static let ticks = 120

    /// A host of the given kind.
    init(_ kind: Kind, seed: UInt64) {
        self.kind = kind
        var random = SplitMix64(seed: seed)
        let vms =
            kind == .everybody
            ? Int.random(in: 8...64, using: &random) : 2 + Int(62 * random.uniform() * random.uniform())
        let cpus = [2, 4, 8, 16, 32, 64].filter { $0 * 8 >= vms }.randomElement(using: &random) ?? 64
        var loads: [HostModel.Load] = []
        for _ in 0..<vms {
            let vcpus = [1, 1, 2, 2, 4].randomElement(using: &random) ?? 1
            let weight = Int.random(in: 0..<4, using: &random) == 0 ? 2.0 : 1
            let noise = Double.random(in: 0.05...0.3, using: &random)
            loads.append(.init(vcpus: vcpus, weight: weight, usual: 0, noise: noise))
        }
        let hosting = Double(cpus)
        let rows = Array(0..<vms).shuffled(using: &random)
        let wanted = kind == .twoInTurn ? min(2, vms - 1) : kind.hasCulprit || kind == .busyUncontended ? 1 : 0
        culprits = Array(rows.prefix(wanted))
        for row in culprits {
            loads[row].vcpus = max(2, cpus * Int.random(in: 3...4, using: &random) / 2)
            loads[row].weight = 1
        }
        // Usual load: 40 to 70 % of the host, each VM below its entitlement.
        let entitled = Domain.shares(loads.map { Double($0.vcpus) }, weights: loads.map(\.weight), capacity: hosting)
        let target = Double.random(in: 0.4...0.7, using: &random) * hosting
        let parts = entitled.map { $0 * Double.random(in: 0.2...1, using: &random) }
        let total = parts.reduce(0, +)
        for row in loads.indices { loads[row].usual = min(parts[row] * target / total, 0.8 * entitled[row]) }
        for row in culprits { loads[row].usual = min(loads[row].usual, 0.1 * hosting) }
        let length = seed % 3 == 0 ? 40 : 20
        onsets = [Int.random(in: 45...60, using: &random)]
        if kind == .culpritBesideBusy, vms > 3 {
            let busy = rows[1]
            loads[busy].vcpus = max(loads[busy].vcpus, cpus / 2)
            for row in loads.indices where row != busy { loads[row].usual *= 0.5 }
            loads[busy].usual = 0.3 * hosting
        }
        if kind == .twoInTurn { onsets.append(onsets[0] + 30) }
        for (row, onset) in zip(culprits, onsets) {
            loads[row].surge = Double(loads[row].vcpus) * Double.random(in: 0.9...1, using: &random)
            if kind == .busyUncontended { loads[row].surge = 0.2 * hosting }
            loads[row].noise = 0.05
            loads[row].surgeTicks = onset..<(kind == .twoInTurn ? Self.ticks : onset + length)
        }
        if kind == .everybody {
            for row in loads.indices {
                loads[row].surge = loads[row].usual * Double.random(in: 2.2...3, using: &random)
                loads[row].surgeTicks = onsets[0]..<onsets[0] + length
            }
        }
        model = HostModel(cpus: cpus, loads: loads, random: random)
        if kind == .outside {
            model.outside = hosting * Double.random(in: 0.6...0.95, using: &random)
            model.outsideTicks = onsets[0]..<onsets[0] + length
        }
        model.tellsPressure = seed % 2 == 0
        model.lost = seed % 4 == 1 ? 0.01 : 0
    }
}
