internal import CLibvirt
internal import Signals

extension PowerState {
    /// Translates libvirt's numbers (`virDomainState`, `virDomainPausedReason`).
    init(state: Int32, reason: Int32) {
        switch virDomainState(UInt32(bitPattern: state)) {
        case VIR_DOMAIN_RUNNING, VIR_DOMAIN_BLOCKED: self = .running
        case VIR_DOMAIN_PAUSED:
            let reason = virDomainPausedReason(UInt32(bitPattern: reason))
            self = reason == VIR_DOMAIN_PAUSED_USER ? .paused : .other("paused: \(Self.text(reason))")
        case VIR_DOMAIN_SHUTDOWN: self = .other("shutting down")
        case VIR_DOMAIN_SHUTOFF: self = .other("off")
        case VIR_DOMAIN_CRASHED: self = .other("crashed")
        case VIR_DOMAIN_PMSUSPENDED: self = .other("suspended by the guest")
        default: self = .other("in a state that libvirt does not know")
        }
    }

    private static func text(_ reason: virDomainPausedReason) -> String {
        switch reason {
        case VIR_DOMAIN_PAUSED_MIGRATION: "migration"
        case VIR_DOMAIN_PAUSED_SAVE: "being saved"
        case VIR_DOMAIN_PAUSED_DUMP: "being dumped"
        case VIR_DOMAIN_PAUSED_IOERROR: "disk I/O error"
        case VIR_DOMAIN_PAUSED_WATCHDOG: "watchdog"
        case VIR_DOMAIN_PAUSED_FROM_SNAPSHOT: "restored from a snapshot"
        case VIR_DOMAIN_PAUSED_SHUTTING_DOWN: "shutting down"
        case VIR_DOMAIN_PAUSED_SNAPSHOT: "snapshot"
        case VIR_DOMAIN_PAUSED_CRASHED: "the guest crashed"
        case VIR_DOMAIN_PAUSED_STARTING_UP: "starting up"
        case VIR_DOMAIN_PAUSED_POSTCOPY: "post-copy migration"
        case VIR_DOMAIN_PAUSED_POSTCOPY_FAILED: "post-copy migration failed"
        default: "for a reason that libvirt does not know"
        }
    }
}
