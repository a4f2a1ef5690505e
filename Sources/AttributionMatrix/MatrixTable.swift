public import Signals

/// What was said of many generated hosts, by contention and scenario.
public struct MatrixTable: Sendable {
    /// One host that was judged.
    public struct Entry: Sendable {
        /// What VMs contended for.
        public var contention: Contention
        /// What went on.
        public var scenario: MatrixScenario
        /// The seed.
        public var seed: UInt64
        /// How many VMs it has.
        public var count: Int
        /// What was said of it.
        public var account: MatrixAccount
        /// The truth.
        public var culprits: [Int]
    }

    /// The hosts.
    public private(set) var entries: [Entry] = []

    /// An empty table.
    public init() {}

    /// Generates and judges hosts: contention and scenario in turn, each of another seed.
    ///
    /// - Parameters:
    ///   - hosts: How many.
    ///   - seed: The first seed; host `n` has this seed + n.
    public mutating func run(hosts: Int, seed: UInt64) {
        let scenarios = MatrixScenario.allCases
        let contentions = Contention.allCases
        for index in 0..<hosts {
            let contention = contentions[index % contentions.count]
            let scenario = scenarios[index / contentions.count % scenarios.count]
            let host = MatrixHost(contention, scenario, seed: seed &+ UInt64(index))
            entries.append(
                Entry(
                    contention: contention,
                    scenario: scenario,
                    seed: host.seed,
                    count: host.count,
                    account: MatrixAccount(of: host),
                    culprits: host.culprits
                )
            )
        }
    }

    /// How many hosts of a kind ended in a way.
    public func count(_ result: MatrixAccount.Result, _ contention: Contention?, _ scenario: MatrixScenario?) -> Int {
        entries.count {
            $0.account.result == result && (contention == nil || $0.contention == contention)
                && (scenario == nil || $0.scenario == scenario)
        }
    }

    /// The part of hosts with a culprit on which the right ones, and nobody else, were named; 1 without such hosts.
    public var rightRate: Double {
        let judged = entries.filter { $0.scenario.hasCulprit && $0.account.result != .unhurt }
        let right = judged.count { $0.account.result == .right }
        return judged.isEmpty ? 1 : Double(right) / Double(judged.count)
    }

    /// The part of hosts where nobody is to blame on which nobody was named; 1 without such hosts.
    public var cleanRate: Double {
        let judged = entries.filter { !$0.scenario.hasCulprit }
        let clean = judged.count { $0.account.result == .clean }
        return judged.isEmpty ? 1 : Double(clean) / Double(judged.count)
    }

    /// The confusion table, a line a contention, and the hosts that went wrong with their seeds.
    public var text: String {
        var lines: [String] = []
        let scenarios = MatrixScenario.allCases
        let head = ["contention"] + scenarios.map(\.rawValue)
        lines.append(Self.row(head))
        for contention in Contention.allCases {
            lines.append(Self.row([contention.rawValue] + scenarios.map { cell(contention, $0) }))
        }
        lines.append(Self.row(["all"] + scenarios.map { cell(nil, $0) }))
        lines.append("")
        lines.append("a cell: right/missed/wrong (unhurt), or clean/wrong where nobody is to blame")
        for entry in entries where entry.account.result == .missed || entry.account.result == .wrong {
            let blamed = (entry.account.blamed + entry.account.blamedSecond).map { "\($0.culprit)@\($0.tick)" }
            lines.append(
                "  \(entry.account.result.rawValue): \(entry.contention.rawValue) \(entry.scenario.rawValue) seed "
                    + "\(entry.seed), \(entry.count) VMs, culprits \(entry.culprits), blamed \(blamed)"
            )
        }
        return lines.joined(separator: "\n")
    }

    /// One cell.
    private func cell(_ contention: Contention?, _ scenario: MatrixScenario) -> String {
        let wrong = count(.wrong, contention, scenario)
        guard scenario.hasCulprit else { return "\(count(.clean, contention, scenario))/\(wrong)" }
        let unhurt = count(.unhurt, contention, scenario)
        return "\(count(.right, contention, scenario))/\(count(.missed, contention, scenario))/\(wrong)"
            + (unhurt > 0 ? " (\(unhurt))" : "")
    }

    /// A line of columns.
    private static func row(_ cells: [String]) -> String {
        cells.enumerated().map { index, cell in
            cell + String(repeating: " ", count: max(1, (index == 0 ? 18 : 13) - cell.count))
        }
        .joined()
    }
}
