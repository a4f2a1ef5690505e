import CoreMetrics
import Exposition
import Reporting
import Signals

/// Counts alerts, and what they tell of actions, rules and threshold files, through swift-metrics.
struct AlertMetrics {
    /// Rules whose onsets are counted by name, at most; those of further names are counted together.
    static let mostRules = 500

    private let factory: any MetricsFactory
    private let wallSeconds: @Sendable () -> Double
    private var kinds: [MessageID: any CounterHandler] = [:]
    private var suppressed: [MessageID: any CounterHandler] = [:]
    private var actions: [String: any CounterHandler] = [:]
    private var loads: [Bool: any CounterHandler] = [:]
    private var rules: [String: any CounterHandler] = [:]
    private let lost: any CounterHandler
    private let loadGood: any RecorderHandler
    private let loadTime: any RecorderHandler

    /// Counters at 0, so that the first alert of a kind is seen as a rise.
    ///
    /// - Parameters:
    ///   - factory: Who keeps them.
    ///   - wallSeconds: Seconds since 1970.
    init(_ factory: any MetricsFactory, wallSeconds: @escaping @Sendable () -> Double) {
        self.factory = factory
        self.wallSeconds = wallSeconds
        lost = factory.makeCounter(label: MetricTable.lost.name, dimensions: [])
        loadGood = factory.makeRecorder(label: MetricTable.loadGood.name, dimensions: [], aggregate: false)
        loadTime = factory.makeRecorder(label: MetricTable.loadTime.name, dimensions: [], aggregate: false)
        for kind in MessageID.allCases {
            let label = [("kind", kind.name)]
            kinds[kind] = factory.makeCounter(label: MetricTable.alerts.name, dimensions: label)
            guard !kind.isAlwaysTold else { continue }
            suppressed[kind] = factory.makeCounter(label: MetricTable.suppressed.name, dimensions: label)
        }
        for outcome in MessageID.allCases.compactMap(Self.outcome) {
            actions[outcome] = factory.makeCounter(label: MetricTable.actions.name, dimensions: [("outcome", outcome)])
        }
        for (isGood, outcome) in [(true, "taken"), (false, "refused")] {
            loads[isGood] = factory.makeCounter(label: MetricTable.loads.name, dimensions: [("outcome", outcome)])
        }
    }

    /// Counts an alert.
    ///
    /// - Parameters:
    ///   - alert: The alert.
    ///   - isTold: Whether the journal gets it.
    mutating func note(_ alert: Alert, isTold: Bool) {
        kinds[alert.id]?.increment(by: 1)
        if !isTold { suppressed[alert.id]?.increment(by: 1) }
        if let outcome = Self.outcome(alert.id) { actions[outcome]?.increment(by: 1) }
        switch alert.id {
        case .policyLoaded, .policyRejected:
            let isGood = alert.id == .policyLoaded
            loads[isGood]?.increment(by: 1)
            loadGood.record(isGood ? Int64(1) : 0)
            if isGood { loadTime.record(wallSeconds()) }
        case .victimOnset: countRule(of: alert, role: "victim")
        case .suspectOnset: countRule(of: alert, role: "suspect")
        case .victimCleared, .suspectCleared, .culpritNamed, .nobodyToBlame, .selfInflicted, .throttleApplied,
            .throttleAdjusted, .throttleReleased, .wouldThrottle, .wouldRelease, .handedOver, .actionFailed,
            .daemonStarted, .daemonStopped, .libvirtLost, .libvirtBack, .vmUntenanted, .recoveredLeases,
            .capabilitiesProbed, .capabilityChanged, .disarmed, .armed, .auditSummary, .auditFound, .auditCleared,
            .turnoverSigned, .alertsSuppressed:
            break
        }
    }

    /// Counts alerts that found no room on their way to the journal.
    ///
    /// - Parameter count: How many.
    func lose(_ count: Int) { lost.increment(by: Int64(count)) }

    private mutating func countRule(of alert: Alert, role: String) {
        var name = alert[.rule] ?? "unknown"
        if rules[role + " " + name] == nil, rules.count >= Self.mostRules { name = "others" }
        let key = role + " " + name
        let counter =
            rules[key]
            ?? factory.makeCounter(label: MetricTable.onsets.name, dimensions: [("rule", name), ("role", role)])
        rules[key] = counter
        counter.increment(by: 1)
    }

    /// What became of something that was to be done, as the metric names it; `nil` for alerts of other things.
    private static func outcome(_ id: MessageID) -> String? {
        switch id {
        case .throttleApplied: "held"
        case .throttleAdjusted: "adjusted"
        case .throttleReleased: "released"
        case .wouldThrottle: "would-hold"
        case .wouldRelease: "would-release"
        case .handedOver: "handed-over"
        case .actionFailed: "failed"
        case .victimOnset, .victimCleared, .suspectOnset, .suspectCleared, .culpritNamed, .nobodyToBlame,
            .selfInflicted, .policyLoaded, .policyRejected, .daemonStarted, .daemonStopped, .libvirtLost, .libvirtBack,
            .vmUntenanted, .recoveredLeases, .capabilitiesProbed, .capabilityChanged, .disarmed, .armed, .auditSummary,
            .auditFound, .auditCleared, .turnoverSigned, .alertsSuppressed:
            nil
        }
    }
}
