public import Signals

/// What happened to a domain or to the connection.
public enum DomainEvent: Sendable, Hashable {
    /// The domain started from its description, so that nobody can have held it back before.
    case booted(VMUUID)
    /// The domain started: restored, or arrived by migration.
    case started(VMUUID)
    /// The domain stopped: shut down, destroyed, crashed, saved, or left by migration.
    case stopped(VMUUID)
    /// Something of the domain changed: paused, resumed, redefined, a device added or removed, metadata, balloon,
    /// a job done, or a tunable. Describe it afresh.
    case changed(VMUUID)
    /// The connection to libvirt is lost; no events come until ``reconnected``.
    case disconnected
    /// The connection is up, the first one included; list the domains afresh.
    case reconnected
    /// Events came faster than they were taken and some were dropped; list the domains afresh.
    case resync
}
