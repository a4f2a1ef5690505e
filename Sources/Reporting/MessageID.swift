/// The kinds of record that Quell writes, by the 128-bit id under which the journal's catalogue explains each.
///
/// The ids are fixed for ever; `Units/quell.catalog` has an entry for each (`journalctl -x` shows it).
public enum MessageID: String, Sendable, CaseIterable {
    /// A VM is hurt.
    case victimOnset = "89b3601453ce43a29cfcf740994930d9"
    /// A VM that was hurt is calm again.
    case victimCleared = "28f033ca3d49446faae2f557155fe267"
    /// A VM behaves unexpectedly.
    case suspectOnset = "ec783b670b194d70b0d0d4ec4ee69b5c"
    /// A VM that behaved unexpectedly is calm again.
    case suspectCleared = "c75cbe3fa53241bfae9b7d2be6d68388"
    /// The VM that hurts another one is known.
    case culpritNamed = "7315f5f9faf7470c8103d32f1e9a1cfa"
    /// A VM is hurt and nobody can be shown to have done it.
    case nobodyToBlame = "1def9db0503b4d0eb51a92aca874aeeb"
    /// A VM is hurt by what it does itself.
    case selfInflicted = "28f2dd49735d4c9a946d68698689d650"
    /// A VM is held back.
    case throttleApplied = "e48bb9bed3fb49ff86e8d2ac2fb09401"
    /// The cap of a VM that is held back was changed.
    case throttleAdjusted = "742b3503f916419cac7d2308521bc915"
    /// A VM that was held back has what it had before.
    case throttleReleased = "917a09dce53c4d19acd2601697b761d0"
    /// Dry run: a VM would be held back.
    case wouldThrottle = "81883db3fc284aa2a40e6f31b794e483"
    /// Dry run: a VM would be let go.
    case wouldRelease = "4a379dc723764a409bff5205b10d81ee"
    /// Somebody else set the limit of a VM that was held back.
    case handedOver = "22554b5ae7dc44669d5d62608f916c59"
    /// An action on a VM failed.
    case actionFailed = "8ea86469d48c45c09e6749ba206c9106"
    /// A policy is in force.
    case policyLoaded = "5d7c18ae5b934f9595feee7068542c8d"
    /// A policy was refused; the last good one stays in force.
    case policyRejected = "336299108401415db2a5cd32c5f9a07e"
    /// The daemon watches.
    case daemonStarted = "9eac86f8e90f4289b3a88adc3e92c9a1"
    /// The daemon has stopped.
    case daemonStopped = "6a17afdf19064e4397b83e9c7bd1ee06"
    /// The connection to libvirt is lost.
    case libvirtLost = "437422dfa28a47219720c15bb2b6982d"
    /// The connection to libvirt is back.
    case libvirtBack = "f89f1b4193b049299cf607f13f544f3c"
    /// A VM does not belong to exactly one tenant.
    case vmUntenanted = "4411531f72fa4566b129d6bfdaeaf23b"
    /// Leases that a daemon before this one left behind were ended.
    case recoveredLeases = "be30d7a7e75b4b1990b4b97773d500c8"
    /// What this host can observe.
    case capabilitiesProbed = "2d989d9e932145b0abd6574253043dde"
    /// A signal can be observed now, or in part, or no longer.
    case capabilityChanged = "fa4929a3f0a44a7186f67c4821384b0d"
    /// The kill switch is thrown: nobody is held.
    case disarmed = "8dbb494b60964d55aa6c86577a334f0c"
    /// The kill switch was taken back.
    case armed = "4925c8d50fef4f30b8d98fedd6ae8de1"
    /// An audit of the host, counted.
    case auditSummary = "daa61450629a4ff7998a14bcd8dafaa7"
    /// An audit of the host finds something for the first time.
    case auditFound = "6da8412657954e57b063d9b5b390c85d"
    /// An audit of the host no longer finds something.
    case auditCleared = "568c29e47c5948479261c2f5afcb7d67"
    /// Somebody has signed off that a VM is gone.
    case turnoverSigned = "a7d38d13a5a4477a93ea6ca68e158f6a"
    /// Alerts were left out to keep the journal readable.
    case alertsSuppressed = "d6a791eb996047669613066743316738"

    /// The name of the kind, as metrics and summaries use it.
    public var name: String {
        switch self {
        case .victimOnset: "victim-onset"
        case .victimCleared: "victim-cleared"
        case .suspectOnset: "suspect-onset"
        case .suspectCleared: "suspect-cleared"
        case .culpritNamed: "culprit-named"
        case .nobodyToBlame: "nobody-to-blame"
        case .selfInflicted: "self-inflicted"
        case .throttleApplied: "throttle-applied"
        case .throttleAdjusted: "throttle-adjusted"
        case .throttleReleased: "throttle-released"
        case .wouldThrottle: "would-throttle"
        case .wouldRelease: "would-release"
        case .handedOver: "handed-over"
        case .actionFailed: "action-failed"
        case .policyLoaded: "policy-loaded"
        case .policyRejected: "policy-rejected"
        case .daemonStarted: "daemon-started"
        case .daemonStopped: "daemon-stopped"
        case .libvirtLost: "libvirt-lost"
        case .libvirtBack: "libvirt-back"
        case .vmUntenanted: "vm-untenanted"
        case .recoveredLeases: "recovered-leases"
        case .capabilitiesProbed: "capabilities-probed"
        case .capabilityChanged: "capability-changed"
        case .disarmed: "disarmed"
        case .armed: "armed"
        case .auditSummary: "audit-summary"
        case .auditFound: "audit-found"
        case .auditCleared: "audit-cleared"
        case .turnoverSigned: "turnover-signed"
        case .alertsSuppressed: "alerts-suppressed"
        }
    }

    /// Whether records of this kind are always written: what Quell did, could not do, and its own life.
    public var isAlwaysTold: Bool {
        switch self {
        case .throttleReleased, .wouldRelease, .handedOver, .actionFailed, .throttleApplied, .policyRejected,
            .policyLoaded, .daemonStarted, .daemonStopped, .libvirtLost, .libvirtBack, .recoveredLeases,
            .capabilitiesProbed, .capabilityChanged, .disarmed, .armed, .auditSummary, .auditFound, .auditCleared,
            .turnoverSigned, .alertsSuppressed:
            true
        case .victimOnset, .victimCleared, .suspectOnset, .suspectCleared, .culpritNamed, .nobodyToBlame,
            .selfInflicted, .throttleAdjusted, .wouldThrottle, .vmUntenanted:
            false
        }
    }
}
