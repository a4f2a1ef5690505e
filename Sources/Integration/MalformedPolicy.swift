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
        "contention: weather", "stepafter: 3 s",
    ]

    /// Faults elsewhere.
    private static let others = [
        "mode: brave", "limits:\n  held-vms: many", "limits:\n  held-vms: -1", "limits:\n  held-vcpu-share: 250%",
        "limits:\n  heldvms: 2", "protect: everybody", "rules: {}", "ladders: []", "rules:\n  - summary: nameless",
        "surprise: yes",
    ]
}
