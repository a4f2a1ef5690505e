import Attribution
import Detection
import Signals
import Testing

@Suite("Generated hosts with a known truth")
struct GeneratedHostsTests {
    /// Hosts of each kind.
    static let seeds = 45

    /// What was said of one host.
    struct Account {
        /// The VMs blamed, in the order in which each was first blamed, and the tick.
        var blamed: [(row: Int, tick: Int)] = []
        /// Ticks in which a VM other than the culprits was hurt.
        var hurt: [Int] = []

        /// Whether somebody else was hurt for three ticks or more of the twenty after an onset.
        func hurts(after onset: Int) -> Bool { hurt.filter { onset..<onset + 20 ~= $0 }.count >= 3 }
    }

    /// Plays a host through detection and attribution; a VM that is blamed is held from the next tick on where asked.
    private func play(_ host: GeneratedHost, holds: Bool) -> Account {
        var model = host.model
        var frame = Frame(hostCPUs: model.cpus)
        for (row, load) in model.loads.enumerated() {
            var record = Stage.record(row, vcpus: load.vcpus)
            record.weight = load.weight
            _ = frame.place(record)
        }
        var rule = Rule(name: "cpu-starved", signal: .cpuRunDelay, role: .victim)
        rule.above = 0.05
        rule.deviation = 4
        rule.sustain = 1
        var bank = DetectorBank(rules: [rule])
        var attributor = Attributor()
        var verdicts: [Verdict] = []
        var account = Account()
        for tick in 0..<GeneratedHost.ticks {
            model.play(tick, into: &frame)
            bank.observe(frame, into: &verdicts)
            let findings = attributor.assess(frame, verdicts: verdicts, rules: [rule])
            let isHurt = verdicts.contains { verdict in
                verdict.phase != .cleared && !host.culprits.contains(verdict.slot.index)
            }
            if isHurt { account.hurt.append(tick) }
            for case .blamed(let slot) in findings.map(\.outcome)
            where !account.blamed.contains(where: { $0.row == slot.index }) {
                account.blamed.append((slot.index, tick))
                if holds { frame[record: slot]?.heldCores = 0.2 * Double(model.loads[slot.index].vcpus) }
            }
        }
        return account
    }

    @Test("the culprit is named, and first, on hosts that have one")
    func culprits() {
        var hosts = 0
        var right = 0
        var wrong = 0
        var unhurt = 0
        var delays: [Int] = []
        for kind in GeneratedHost.Kind.allCases where kind.hasCulprit {
            for seed in 0..<Self.seeds {
                let host = GeneratedHost(kind, seed: UInt64(seed) &* 7_919 &+ 17)
                let account = play(host, holds: kind == .twoInTurn)
                let truth = zip(host.culprits, host.onsets).filter { account.hurts(after: $0.1) }
                if truth.isEmpty { unhurt += 1 } else { hosts += 1 }
                let named = account.blamed.map(\.row) == truth.map(\.0)
                if truth.isEmpty && named { continue }
                if named {
                    right += 1
                } else if !Set(account.blamed.map(\.row)).isSubset(of: host.culprits) {
                    wrong += 1
                }
                if !named {
                    print("  \(kind) seed \(seed): \(model(host)) blamed \(account.blamed), truth \(truth)")
                }
                if named {
                    for (index, entry) in account.blamed.enumerated() { delays.append(entry.tick - truth[index].1) }
                }
            }
        }
        delays.sort()
        let rate = Double(right) / Double(hosts)
        print("culprit hosts \(hosts): right \(right) (\(rate)), innocent blamed on \(wrong), nobody hurt on \(unhurt)")
        print(
            "ticks from onset to name: median \(delays[delays.count / 2]), p95 \(delays[delays.count * 95 / 100]), worst \(delays.last ?? 0)"
        )
        #expect(rate >= 0.98)
    }

    @Test("nobody is blamed on hosts where nobody is to blame")
    func nobody() {
        var hosts = 0
        var clean = 0
        var hurt = 0
        for kind in GeneratedHost.Kind.allCases where !kind.hasCulprit {
            for seed in 0..<Self.seeds {
                let host = GeneratedHost(kind, seed: UInt64(seed) &* 104_729 &+ 5)
                let account = play(host, holds: false)
                hosts += 1
                if !account.hurt.isEmpty { hurt += 1 }
                if account.blamed.isEmpty {
                    clean += 1
                } else {
                    print("  \(kind) seed \(seed): \(model(host)) \(account.blamed)")
                }
            }
        }
        let rate = Double(clean) / Double(hosts)
        print("hosts with nobody to blame \(hosts), somebody hurt on \(hurt): nobody blamed on \(clean) (\(rate))")
        #expect(rate >= 0.995)
    }

    /// A host in a few words.
    private func model(_ host: GeneratedHost) -> String { "\(host.model.loads.count) VMs on \(host.model.cpus) CPUs" }
}
