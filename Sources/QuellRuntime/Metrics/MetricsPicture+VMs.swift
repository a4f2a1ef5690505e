import Enforcement
import Exposition
import Sampling
import Signals
import Systemd

extension MetricsPicture {
    /// A VM that is told of.
    private struct Told {
        var slot: VMSlot
        var record: VMRecord
        var labels: MetricLabels
        /// Whether what libvirt said last may still be told.
        var hasFreshTier: Bool
    }

    /// Writes what is known of each VM.
    ///
    /// - Parameter writer: Where to.
    func writeVMs(into writer: inout ExpositionWriter) {
        let all = toldVMs()
        let vms = all.prefix(Self.mostVMs)
        writer.begin(MetricTable.vms)
        writer.sample(Double(all.count))
        writer.begin(MetricTable.leftOut)
        writer.sample(Double(all.count - vms.count))
        writer.begin(MetricTable.vm)
        for vm in vms { writer.sample(vm.labels.adding(("class", Self.text(vm.record.workloadClass))), 1) }
        writer.begin(MetricTable.running)
        for vm in vms { writer.sample(vm.labels, vm.record.running ? 1 : 0) }
        writer.begin(MetricTable.vcpus)
        for vm in vms { writer.sample(vm.labels, Double(vm.record.vcpus)) }
        writeJudgements(all, into: &writer)
        writeHolds(into: &writer)
        for signal in Signal.allCases where signal.scope == .vm {
            let isSlow = signal.isOfSlowTier
            writer.begin(signal.metric)
            for vm in vms {
                let reading = snapshot.frame[vm.slot, signal]
                guard Self.isTold(reading.quality) else { continue }
                if isSlow, !vm.hasFreshTier, reading.quality != .ok { continue }
                writer.sample(vm.labels, reading.value)
            }
        }
    }

    /// Every VM once, even where a start of it and the one before are both in the frame.
    private func toldVMs() -> [Told] {
        var seen: Set<VMUUID> = []
        return (0..<snapshot.frame.capacity).compactMap { index in
            let slot = VMSlot(index)
            guard let record = snapshot.frame[record: slot], seen.insert(record.identity.uuid).inserted else {
                return nil
            }
            // A call that is owed for longer than the deadline of one: what libvirt said before is of unknown age.
            let isOwed = (snapshot.frame[slot, .libvirtLatency].trusted ?? 0) >= 5
            return Told(slot: slot, record: record, labels: labels(of: record), hasFreshTier: isConnected && !isOwed)
        }
    }

    private func writeJudgements(_ vms: [Told], into writer: inout ExpositionWriter) {
        let labels = Dictionary(vms.map { ($0.slot, $0.labels) }, uniquingKeysWith: { first, _ in first })
        var firing = LabelledValues()
        for verdict in snapshot.verdicts where verdict.phase != .cleared {
            guard let vm = labels[verdict.slot], let rule = snapshot.rule(verdict) else { continue }
            firing[vm.adding(("rule", rule.name), ("role", rule.role.rawValue), ("severity", rule.severity.rawValue))] =
                1
        }
        firing.write(MetricTable.firing, into: &writer)

        var hurt = LabelledValues()
        var victims: [MetricLabels: Set<VMSlot>] = [:]
        for finding in snapshot.findings {
            let contention = ("contention", finding.contention.rawValue)
            let outcome =
                switch finding.outcome {
                case .blamed: "blamed"
                case .nobody: "nobody"
                case .selfInflicted: "self-inflicted"
                }
            if let vm = labels[finding.victim] { hurt[vm.adding(contention, ("outcome", outcome))] = 1 }
            if case .blamed(let culprit) = finding.outcome, let vm = labels[culprit] {
                victims[vm.adding(contention), default: []].insert(finding.victim)
            }
        }
        hurt.write(MetricTable.hurt, into: &writer)
        var blamed = LabelledValues()
        for (vm, hurt) in victims { blamed[vm] = Double(hurt.count) }
        blamed.write(MetricTable.blamed, into: &writer)
    }

    private func writeHolds(into writer: inout ExpositionWriter) {
        var held = LabelledValues()
        var ages = LabelledValues()
        for leases in Dictionary(grouping: leases, by: \.hold).values {
            guard let latest = leases.max(by: { $0.changed.boot < $1.changed.boot }),
                let oldest = leases.map(\.created.boot).min()
            else { continue }
            let record = snapshot.frame.slot(of: latest.vm).flatMap { snapshot.frame[record: $0] }
            let vm = record.map(labels) ?? Self.labels(latest.name, latest.vm.uuid, tenant: .unknown)
            let hold = vm.adding(("contention", latest.contention.rawValue), ("origin", latest.origin.rawValue))
            held[hold.adding(("step", latest.step))] = 1
            ages[hold] = max(0, now.seconds(since: oldest))
        }
        held.write(MetricTable.held, into: &writer)
        ages.write(MetricTable.holdAge, into: &writer)
    }

    private func labels(of record: VMRecord) -> MetricLabels {
        Self.labels(record.name, record.identity.uuid, tenant: record.tenant)
    }

    private static func labels(_ name: String, _ uuid: VMUUID, tenant: Tenant) -> MetricLabels {
        MetricLabels([("vm", text(name)), ("uuid", uuid.description), ("tenant", text(tenant.text))])
    }

    /// A text of a VM or a tenant, plain and of bounded length.
    private static func text(_ text: String) -> String { PlainText.line(text, limit: 128) }
}

/// Samples by their labels, so that none comes twice, which a scraper would take the whole scrape amiss for.
private struct LabelledValues {
    private var values: [MetricLabels: Double] = [:]

    subscript(labels: MetricLabels) -> Double? {
        get { values[labels] }
        set { values[labels] = newValue }
    }

    func write(_ family: MetricFamily, into writer: inout ExpositionWriter) {
        writer.begin(family)
        for (labels, value) in values.sorted(by: { $0.key < $1.key }) { writer.sample(labels, value) }
    }
}
