/// Threshold files that no daemon may take.
enum MalformedPolicy {
    /// All of them, each with a fault of its own.
    static var all: [String] {
        whole + values.map { "version: 1\nrules:\n  - name: cpu-starved\n    \($0)\n" }
            + ladders.map { "version: 1\nladders:\n  cpu-throttle:\n    \($0)\n" }
            + others.map { "version: 1\n\($0)\n" }
    }

    /// Faults of the file as a whole.
    private static let whole = [
        "version: 1\nmode: enforce\n  rules: [\n", "version: 1\nmode: [enforce\n", "\u{0}\u{1}\u{2}", "- a\n- b\n",
        "version: 2\nmode: enforce\n", "version: one\n", "version: 1\nversion: 1\n", "version: 1\n\tmode: enforce\n",
        "version: 1\nmode: \"enforce\n", "version: 1\n--- \nmode: enforce\n...\n---\nmode: dry-run\n", "just words",
        "version: 1\na: &a [*a]\n", "version: 1\nmode: !!binary enforce\n",
    ]

    /// Faults of one key of a known rule.
    private static let values = [
        "above: sixty", "above: 60 MiB/s", "above: -60 ms/s", "above: 1e999 ms/s", "above: nan", "above: []",
        "above: {}", "abvoe: 60 ms/s", "for: 1 parsec", "for: -1 s", "for: 1e300 s", "deviation: 4 apples",
        "deviation: -4 sigma", "signal: cpu.rundelay", "signal: 7", "role: bystander", "severity: loud",
        "ladder: no-such-ladder", "clear-at: 180%", "clear-at: -1%", "classes: 3", "enabled: perhaps",
        "clear-after: soon",
    ]

    /// Faults of the ladder.
    private static let ladders = [
        "steps: [20%, 60%]", "steps: []", "steps: [0%]", "steps: [160%]", "lease: forever", "raise: 90%",
        "contention: weather", "stepafter: 3 s", "contention: [disk]", "steps: [suspend]",
        "steps: [quarantine, 60%]", "steps: [60%, suspend, quarantine]", "steps: [60%, jail]", "suspend-for: 1 h",
        "start: [35%]", "start: batch 35%", "start: [batch 35%, batch 20%]", "ceiling: [gold quarantine]",
        "start: [gold 20%]\n    ceiling: [gold 60%]", "steps: [60%, suspend]\n    suspend-for: 5 min",
    ]

    /// Faults elsewhere.
    private static let others = [
        "mode: brave", "limits:\n  held-vms: many", "limits:\n  held-vms: -1", "limits:\n  held-vcpu-share: 250%",
        "limits:\n  heldvms: 2", "protect: everybody", "rules: {}", "ladders: []", "rules:\n  - summary: nameless",
        "surprise: yes", "limits:\n  quarantined-vms: some", "limits:\n  suspended-vms: -1", "memory-high: 1 GiB",
        "quarantine: yes", "quarantine:\n  cpus: 3-1", "quarantine:\n  links: maybe", "quarantine:\n  share: 0%",
        "windows: {}", "windows:\n  - from: \"22:00\"", "windows:\n  - {name: w, from: 22:00, to: 06:00}",
        "windows:\n  - {name: w, from: 1320, to: 06:00, then: observe}",
        "windows:\n  - {name: w, from: 22:00, to: 22:00, then: observe}",
        "windows:\n  - {name: w, from: 22:00, to: 06:00, then: sleep}",
        "windows:\n  - {name: w, from: 22:00, to: 06:00, then: observe, days: [someday]}", "audit: warning",
        "audit:\n  disk-unlimited: loud", "audit:\n  ksm: warning",
    ]
}
