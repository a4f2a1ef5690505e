import Exposition
import Signals

/// Every metric of the daemon beside the signals: what `Docs/Metrics.md` lists and the exposition is made of.
enum MetricTable {
    /// A metric with the labels of its samples.
    struct Row: Sendable {
        /// The metric.
        var family: MetricFamily
        /// The names of its labels.
        var labels: [String]
    }

    /// The labels of whatever is told of one VM.
    static let vmLabels = ["vm", "uuid", "tenant"]

    // Of the daemon.
    static let build = MetricFamily("quell_build", .info, "The daemon and its version.")
    static let enforcing = MetricFamily("quell_enforcing", .gauge, "Whether the policy lets VMs be held: 0 in dry run.")
    static let disarmed = MetricFamily("quell_disarmed", .gauge, "Whether the kill switch is thrown.")
    static let rules = MetricFamily("quell_policy_rules", .gauge, "Rules in force.")
    static let ticks = MetricFamily("quell_ticks", .counter, "Ticks since the daemon started.")
    static let period = MetricFamily("quell_tick_period_seconds", .gauge, unit: "seconds", "Time between two ticks.")
    static let tickAge = MetricFamily(
        "quell_last_tick_age_seconds",
        .gauge,
        unit: "seconds",
        "Time since the last tick, which is no more than a period while all is well."
    )
    static let lagMost = MetricFamily(
        "quell_tick_lag_p99_seconds",
        .gauge,
        unit: "seconds",
        "99 of 100 of the last 300 ticks began so late at most."
    )
    static let lagWorst = MetricFamily(
        "quell_tick_lag_max_seconds",
        .gauge,
        unit: "seconds",
        "The latest of the last 300 ticks began so late."
    )
    static let libvirt = MetricFamily("quell_libvirt_up", .gauge, "Whether libvirt answers.")
    static let vms = MetricFamily("quell_vms", .gauge, "VMs that are watched.")
    static let leases = MetricFamily(
        "quell_leases",
        .gauge,
        "Leases in the ledger, one for each thing that was changed."
    )
    static let owed = MetricFamily(
        "quell_leases_owed",
        .gauge,
        "Leases whose end is past and whose undo is still owed."
    )
    static let damage = MetricFamily(
        "quell_ledger_damaged_records",
        .gauge,
        "Records of the ledger that were not readable."
    )
    static let refusals = MetricFamily("quell_refusals", .gauge, "Blamed VMs about which the ladder does nothing now.")
    static let source = MetricFamily(
        "quell_source_overdue_seconds",
        .gauge,
        unit: "seconds",
        "How long a source of readings has not answered; 0 while it does."
    )
    static let observable = MetricFamily(
        "quell_signal_observable_ratio",
        .gauge,
        unit: "ratio",
        "Whether the host gives a signal: 1 in full, 0.5 in part, 0 not at all."
    )
    static let audit = MetricFamily("quell_audit_findings", .gauge, "What the last audit found, by kind.")
    static let auditGaps = MetricFamily("quell_audit_gaps", .gauge, "What the last audit could not tell, by kind.")
    static let cpu = MetricFamily(
        "process_cpu_seconds",
        .counter,
        unit: "seconds",
        "CPU time that the daemon used, in user and in kernel mode."
    )
    static let started = MetricFamily(
        "process_start_time_seconds",
        .gauge,
        unit: "seconds",
        "When the daemon started, in seconds since 1970."
    )
    static let leftOut = MetricFamily(
        "quell_metrics_vms_left_out",
        .gauge,
        "VMs whose signals are not among the metrics, since there are more than are told of."
    )
    static let seriesLeftOut = MetricFamily(
        "quell_metrics_series_left_out",
        .counter,
        "Series of counters that found no place."
    )

    // Of one VM.
    static let vm = MetricFamily("quell_vm", .info, "A VM that is watched, with its workload class.")
    static let running = MetricFamily("quell_vm_running", .gauge, "Whether its vCPUs may run.")
    static let vcpus = MetricFamily("quell_vm_vcpus", .gauge, "Its vCPUs.")
    static let firing = MetricFamily(
        "quell_vm_rule_firing",
        .gauge,
        "A rule that fires for it; not there where none does."
    )
    static let hurt = MetricFamily(
        "quell_vm_hurt",
        .gauge,
        "It is hurt over this: by a VM that is known, by nobody who could be shown, or by itself; else not there."
    )
    static let blamed = MetricFamily(
        "quell_vm_blamed_victims",
        .gauge,
        "VMs that it is blamed for; not there where it is not."
    )
    static let held = MetricFamily("quell_vm_held", .gauge, "It is held back over this; not there where it is not.")
    static let holdAge = MetricFamily(
        "quell_vm_hold_age_seconds",
        .gauge,
        unit: "seconds",
        "How long it has been held back without a break."
    )

    // What is counted as it happens.
    static let alerts = MetricFamily("quell_alerts", .counter, "Alerts, told or left out, by the kind of record.")
    static let suppressed = MetricFamily(
        "quell_alerts_suppressed",
        .counter,
        "Alerts left out to keep the journal readable."
    )
    static let lost = MetricFamily("quell_alerts_lost", .counter, "Alerts lost since the journal took them too slowly.")
    static let onsets = MetricFamily("quell_rule_onsets", .counter, "How often a rule began to fire for some VM.")
    static let actions = MetricFamily("quell_actions", .counter, "What became of what was to be done to VMs.")
    static let loads = MetricFamily("quell_policy_loads", .counter, "Threshold files taken or refused.")
    static let loadGood = MetricFamily(
        "quell_policy_last_load_successful",
        .gauge,
        "Whether the threshold files were good when they were last read; where not, the last good ones are in force."
    )
    static let loadTime = MetricFamily(
        "quell_policy_last_good_load_timestamp_seconds",
        .gauge,
        unit: "seconds",
        "When threshold files were last taken, in seconds since 1970."
    )

    /// Those that are written from what the daemon is, with their labels.
    static let states: [Row] = [
        Row(family: build, labels: ["version"]), Row(family: enforcing, labels: []), Row(family: disarmed, labels: []),
        Row(family: rules, labels: []), Row(family: ticks, labels: []), Row(family: period, labels: []),
        Row(family: tickAge, labels: []), Row(family: lagMost, labels: []), Row(family: lagWorst, labels: []),
        Row(family: libvirt, labels: []), Row(family: vms, labels: []), Row(family: leases, labels: []),
        Row(family: owed, labels: []), Row(family: damage, labels: []), Row(family: refusals, labels: []),
        Row(family: source, labels: ["source"]), Row(family: observable, labels: ["signal"]),
        Row(family: audit, labels: ["check", "severity"]), Row(family: auditGaps, labels: ["check", "severity"]),
        Row(family: cpu, labels: []), Row(family: started, labels: []), Row(family: leftOut, labels: []),
        Row(family: seriesLeftOut, labels: []),
    ]

    /// Those of one VM beside its signals, with their labels.
    static let ofVMs: [Row] = [
        Row(family: vm, labels: vmLabels + ["class"]), Row(family: running, labels: vmLabels),
        Row(family: vcpus, labels: vmLabels), Row(family: firing, labels: vmLabels + ["rule", "role", "severity"]),
        Row(family: hurt, labels: vmLabels + ["contention", "outcome"]),
        Row(family: blamed, labels: vmLabels + ["contention"]),
        Row(family: held, labels: vmLabels + ["contention", "origin", "step"]),
        Row(family: holdAge, labels: vmLabels + ["contention", "origin"]),
    ]

    /// Those that are counted as things happen, with their labels.
    static let counted: [Row] = [
        Row(family: alerts, labels: ["kind"]), Row(family: suppressed, labels: ["kind"]), Row(family: lost, labels: []),
        Row(family: onsets, labels: ["rule", "role"]), Row(family: actions, labels: ["outcome"]),
        Row(family: loads, labels: ["outcome"]), Row(family: loadGood, labels: []), Row(family: loadTime, labels: []),
    ]

    /// The signals, each as a metric.
    static let signals: [Row] = Signal.allCases.map {
        Row(family: $0.metric, labels: $0.scope == .vm ? vmLabels : [])
    }

    /// All of them.
    static var all: [Row] { states + ofVMs + counted + signals }
}
