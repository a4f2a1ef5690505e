/// What the value of a key looks like.
enum FieldShape: Sendable {
    case word, list
}

/// The keys of one kind of section in a threshold file.
protocol PolicyKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What the key takes and what it is for.
    var grammar: KeyGrammar { get }
}

extension PolicyKey {
    /// What the key's value looks like.
    var shape: FieldShape { grammar.takes.isList ? .list : .word }
    /// Whether `none` takes back what an earlier file gave.
    var acceptsNone: Bool { grammar.acceptsNone }
}

/// The keys at the top of a file.
enum TopKey: String, PolicyKey {
    case version, mode
    case memoryHigh = "memory-high"
    case limits, protect, quarantine, audit, windows, ladders, rules
}

/// The keys of `limits`.
enum LimitKey: String, PolicyKey {
    case heldVMs = "held-vms"
    case heldVCPUShare = "held-vcpu-share"
    case actionsPerMinute = "actions-per-minute"
    case quarantinedVMs = "quarantined-vms"
    case suspendedVMs = "suspended-vms"
}

/// The keys of `protect`.
enum ProtectKey: String, PolicyKey {
    case vms, tenants
}

/// The keys of `quarantine`.
enum QuarantineKey: String, PolicyKey {
    case cpus, links, share
}

/// The keys of a maintenance window.
enum WindowKey: String, PolicyKey {
    case name, enabled, days, from, to, then, vms, tenants, classes
}

/// The keys of a ladder.
enum LadderKey: String, PolicyKey {
    case contention, steps, start, ceiling
    case suspendFor = "suspend-for"
    case stepAfter = "step-after"
    case lease, calm, raise
    case raiseEvery = "raise-every"
    case verify, acquittal
}

/// The keys of a rule.
enum RuleKey: String, PolicyKey {
    case name, enabled, summary, signal, role, detector, above, below, deviation, risk, score, within
    case also
    case sustain = "for"
    case clearAfter = "clear-after"
    case clearAt = "clear-at"
    case rest, severity, classes, tenants, ladder
}
