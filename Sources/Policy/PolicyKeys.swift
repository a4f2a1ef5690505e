import Signals

/// What the value of a key looks like.
enum FieldShape: Sendable {
    case word, list
}

/// The keys of one kind of section in a threshold file.
protocol PolicyKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What the key's value looks like.
    var shape: FieldShape { get }
    /// Whether `none` takes back what an earlier file gave.
    var acceptsNone: Bool { get }
}

extension PolicyKey {
    /// What most keys take.
    var shape: FieldShape { .word }
    /// What most keys need not.
    var acceptsNone: Bool { false }
}

/// The keys at the top of a file.
enum TopKey: String, CaseIterable, Sendable {
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

    var shape: FieldShape { .list }
}

/// The keys of `quarantine`.
enum QuarantineKey: String, PolicyKey {
    case cpus, links, share
}

/// The keys of `audit`: the ids of the findings.
extension AuditCheck: PolicyKey {}

/// The keys of a maintenance window.
enum WindowKey: String, PolicyKey {
    case name, enabled, days, from, to, then, vms, tenants, classes

    var shape: FieldShape {
        switch self {
        case .days, .vms, .tenants, .classes: .list
        case .name, .enabled, .from, .to, .then: .word
        }
    }

    var acceptsNone: Bool { shape == .list }
}

/// The keys of a ladder.
enum LadderKey: String, PolicyKey {
    case contention, steps, start, ceiling
    case suspendFor = "suspend-for"
    case stepAfter = "step-after"
    case lease, calm, raise
    case raiseEvery = "raise-every"
    case verify, acquittal

    var shape: FieldShape {
        switch self {
        case .steps, .start, .ceiling: .list
        case .contention, .suspendFor, .stepAfter, .lease, .calm, .raise, .raiseEvery, .verify, .acquittal: .word
        }
    }

    var acceptsNone: Bool { self == .start || self == .ceiling }
}

/// The keys of a rule.
enum RuleKey: String, PolicyKey {
    case name, enabled, summary, signal, role, detector, above, below, deviation, risk, score, within
    case also
    case sustain = "for"
    case clearAfter = "clear-after"
    case clearAt = "clear-at"
    case rest, severity, classes, tenants, ladder

    var shape: FieldShape {
        switch self {
        case .also, .classes, .tenants: .list
        case .name, .enabled, .summary, .signal, .role, .detector, .above, .below, .deviation, .risk, .score,
            .within, .sustain, .clearAfter, .clearAt, .rest, .severity, .ladder:
            .word
        }
    }

    var acceptsNone: Bool {
        switch self {
        case .above, .below, .deviation, .risk, .score, .within, .also, .classes, .tenants, .ladder: true
        case .name, .enabled, .summary, .signal, .role, .detector, .sustain, .clearAfter, .clearAt, .rest, .severity:
            false
        }
    }
}
