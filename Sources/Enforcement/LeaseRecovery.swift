import Policy
public import Signals

/// Ends every lease of a host whose daemon is dead: what `quell release --all` does then.
public enum LeaseRecovery {
    /// What was done.
    public struct Report: Sendable {
        /// What became of the leases.
        public var events: [LeaseEvent]
        /// Leases that could not be ended: to be tried again.
        public var remaining: [Lease]
        /// Those of them whose VM has what it had before: only a change that was under way may still come.
        public var watched: [Lease]
        /// What could not be read of the ledger.
        public var damage: [LedgerDamage]
    }

    /// Opens the ledger, gives back all that is in it and lets go of it again.
    ///
    /// - Parameters:
    ///   - directory: The ledger's directory.
    ///   - actuator: The hand that sets what can be changed.
    ///   - bootID: This boot (`/proc/sys/kernel/random/boot_id`); empty where it is not known.
    ///   - now: The moment.
    /// - Returns: What was done.
    /// - Throws: ``LedgerError``; ``LedgerError/locked(path:pid:)`` where a daemon is alive: ask it instead.
    public static func releaseAll(
        directory: String = Ledger.defaultDirectory,
        actuator: any Actuator,
        bootID: String,
        now: MonotonicTime
    ) async throws(LedgerError) -> Report {
        try await releaseAll(Ledger(directory: directory), actuator: actuator, bootID: bootID, now: now)
    }

    /// Gives back all that is in a ledger and lets go of it.
    static func releaseAll(
        _ ledger: consuming Ledger,
        actuator: any Actuator,
        bootID: String,
        now: MonotonicTime
    ) async -> Report {
        let damage = ledger.damage
        let enforcer = Enforcer(
            ledger: ledger,
            actuator: actuator,
            mode: .dryRun,
            bootID: bootID,
            wallClock: { 0 }
        )
        let events = await enforcer.recover(.operatorRequest, now: now)
        return Report(
            events: events,
            remaining: await enforcer.leases,
            watched: await enforcer.watched,
            damage: damage
        )
    }
}
