import Enforcement
import Exposition
import Policy
import Signals
import Systemd

/// All that is told to whoever scrapes, as it was at one moment.
struct MetricsPicture: Sendable {
    /// The most VMs whose signals are told.
    static let mostVMs = 2_000

    /// What the last tick saw and judged.
    var snapshot: MonitorSnapshot
    /// The moment.
    var now: MonotonicTime
    /// Whether the kill switch is thrown.
    var isDisarmed = false
    /// When the last tick was; `nil` before the first.
    var lastTick: MonotonicTime?
    /// How late the latest ticks began.
    var lags: TickLags.Summary?
    /// Seconds between two ticks.
    var period = 1.0
    /// Whether libvirt answers.
    var isConnected = true
    /// The open leases.
    var leases: [Lease] = []
    /// Records of the ledger that could not be read.
    var damagedRecords = 0
    /// Seconds since each source that may wait has answered, 0 where it does.
    var overdue: [String: Double] = [:]
    /// Whether the host gives each signal, 0 to 1.
    var observable: [Signal: Double] = [:]
    /// How many findings of each kind the last audit had.
    var findings: [HostStates.Check: Int] = [:]
    /// How much of each kind it could not tell.
    var gaps: [HostStates.Check: Int] = [:]
    /// CPU time that the daemon used, in seconds.
    var cpuSeconds = 0.0
    /// When the daemon started, in seconds since 1970.
    var startTime = 0.0
    /// Series that found no place in the registry.
    var seriesLeftOut = 0

    /// Writes all of it.
    ///
    /// - Parameter writer: Where to.
    func write(into writer: inout ExpositionWriter) {
        writeDaemon(into: &writer)
        writeHost(into: &writer)
        writeVMs(into: &writer)
    }

    private func writeDaemon(into writer: inout ExpositionWriter) {
        let one = { (writer: inout ExpositionWriter, family: MetricFamily, value: Double?) in
            guard let value else { return }
            writer.begin(family)
            writer.sample(value)
        }
        writer.begin(MetricTable.build)
        writer.sample(MetricLabels([("version", QuellVersion.text)]), 1)
        one(&writer, MetricTable.enforcing, snapshot.policy.mode == .enforce ? 1 : 0)
        one(&writer, MetricTable.disarmed, isDisarmed ? 1 : 0)
        one(&writer, MetricTable.rules, Double(snapshot.policy.rules.count))
        one(&writer, MetricTable.ticks, Double(snapshot.frame.tick))
        one(&writer, MetricTable.period, period)
        one(&writer, MetricTable.tickAge, lastTick.map { max(0, now.seconds(since: $0)) })
        one(&writer, MetricTable.lagMost, lags?.p99)
        one(&writer, MetricTable.lagWorst, lags?.worst)
        one(&writer, MetricTable.libvirt, isConnected ? 1 : 0)
        one(&writer, MetricTable.leases, Double(leases.count))
        one(&writer, MetricTable.owed, Double(leases.count { $0.expires.boot < now }))
        one(&writer, MetricTable.damage, Double(damagedRecords))
        one(&writer, MetricTable.refusals, Double(Set(snapshot.refusals.map(\.culprit)).count))
        one(&writer, MetricTable.cpu, cpuSeconds)
        one(&writer, MetricTable.started, startTime)
        one(&writer, MetricTable.seriesLeftOut, Double(seriesLeftOut))
    }

    private func writeHost(into writer: inout ExpositionWriter) {
        writer.begin(MetricTable.source)
        for (name, seconds) in overdue.sorted(by: { $0.key < $1.key }) {
            writer.sample(MetricLabels([("source", PlainText.line(name, limit: 64))]), seconds)
        }
        writer.begin(MetricTable.observable)
        for signal in Signal.allCases {
            if let part = observable[signal] { writer.sample(MetricLabels([("signal", signal.name)]), part) }
        }
        for (family, counts) in [(MetricTable.audit, findings), (MetricTable.auditGaps, gaps)] {
            writer.begin(family)
            for (check, count) in counts.sorted(by: { $0.key < $1.key }) {
                let labels = MetricLabels([("check", check.id), ("severity", check.severity.rawValue)])
                writer.sample(labels, Double(count))
            }
        }
        for signal in Signal.allCases where signal.scope == .host {
            let reading = snapshot.frame[host: signal]
            guard Self.isTold(reading.quality) else { continue }
            writer.begin(signal.metric)
            writer.sample(reading.value)
        }
    }

    /// Whether a reading is told: what was read in this tick, and what was not because its source is read less often.
    static func isTold(_ quality: Quality) -> Bool {
        switch quality {
        case .ok, .stale: true
        case .reset, .notObservable, .missing: false
        }
    }
}
