public import Policy
public import Signals

/// Turns intents into leases and leases back into what was before.
///
/// For every VM it does one thing at a time; a VM whose hypervisor does not answer holds up no other. Each change is
/// written ahead to the ``Ledger`` and read back. Giving back is compare-and-restore: the value found is replaced only
/// where it is Quell's own, so it needs no ledger and works with a full disk, and it may be repeated at will.
///
/// libvirt has no compare-and-set: a value that somebody sets between Quell's last look and its set, some
/// milliseconds, is lost. Any other is seen and left alone.
public actor Enforcer {
    /// How often a value that was reset is set again before it is left alone.
    public static let mostReapplications = 3
    /// Seconds for which a set of unknown outcome may still happen: twice libvirt's wait for a domain's job lock (30 s).
    public static let settleTime = 60.0

    /// Whether it acts.
    ///
    /// In dry run it tells what it would do; leases of before are given back all the same.
    public private(set) var mode: PolicySet.Mode
    /// What could not be read of the ledger when it was opened.
    public let damage: [LedgerDamage]

    let actuator: any QuotaActuator
    let bootID: String
    let wallClock: @Sendable () -> Int64
    var ledger: Ledger
    /// The open leases by number.
    var holds: [UInt64: Hold] = [:]
    /// VMs whose first look is under way, with the reason where they are already to be let go again.
    var starting: [VMIdentity: ReleaseReason?] = [:]
    /// What would be held, in dry run.
    var rehearsed: [VMIdentity: Rehearsal] = [:]

    /// A hold that was told and not made.
    struct Rehearsal {
        /// The VM's name.
        var name: String
        /// When it would end.
        var expires: MonotonicTime
    }

    /// An enforcer that has yet to ``recover(_:now:)`` what an earlier one left.
    ///
    /// - Parameters:
    ///   - ledger: The ledger, now its own.
    ///   - actuator: The hand that sets limits.
    ///   - mode: Whether it acts.
    ///   - bootID: This boot (`/proc/sys/kernel/random/boot_id`); empty where it is not known.
    ///   - wallClock: Nanoseconds since 1970, for the eyes of people only.
    public init(
        ledger: consuming Ledger,
        actuator: any QuotaActuator,
        mode: PolicySet.Mode,
        bootID: String,
        wallClock: @escaping @Sendable () -> Int64
    ) {
        self.actuator = actuator
        self.mode = mode
        self.bootID = bootID
        self.wallClock = wallClock
        damage = ledger.damage
        for lease in ledger.leases {
            // A set that was under way when the earlier daemon ended may still be waiting in libvirt.
            let unsettled = lease.pending == nil ? nil : lease.changed.boot.advanced(bySeconds: Self.settleTime)
            holds[lease.id] = Hold(
                lease: lease,
                order: nil,
                isBusy: false,
                isGranted: true,
                ending: .recovered,
                outcome: bootID.isEmpty || lease.bootID.isEmpty || lease.bootID == bootID ? nil : .gone,
                unsettledUntil: unsettled
            )
        }
        self.ledger = ledger
    }

    /// The open leases, oldest first; some may be on their way out.
    public var leases: [Lease] { holds.values.map(\.lease).sorted { $0.id < $1.id } }

    /// The open leases whose VM has what it had before, and that wait only for a change that may still come.
    public var watched: [Lease] { holds.values.filter(\.isWatched).map(\.lease).sorted { $0.id < $1.id } }

    /// Carries out what the ladder wants: VM by VM side by side, in order for each.
    ///
    /// - Parameters:
    ///   - intents: What is wanted.
    ///   - now: The moment.
    /// - Returns: What became of it.
    public func carryOut(_ intents: [Intent], now: MonotonicTime) async -> [LeaseEvent] {
        var chains: [[Intent]] = []
        for intent in intents {
            if let index = chains.firstIndex(where: { $0.first?.vm == intent.vm }) {
                chains[index].append(intent)
            } else {
                chains.append([intent])
            }
        }
        return await sideBySide(chains) { enforcer, chain in
            var events: [LeaseEvent] = []
            for intent in chain {
                switch intent {
                case .hold(let order): events += await enforcer.throttle(order, now: now)
                case .release(let vm, let reason): events += await enforcer.release(vm.vm, reason, now: now)
                }
            }
            return events
        }
    }

    /// Changes whether it acts; what was held or rehearsed under the other mode is let go.
    ///
    /// - Parameters:
    ///   - mode: Whether it acts.
    ///   - now: The moment.
    /// - Returns: What became of the holds.
    public func adopt(_ mode: PolicySet.Mode, now: MonotonicTime) async -> [LeaseEvent] {
        guard mode != self.mode else { return [] }
        self.mode = mode
        return await releaseAll(.policy, now: now)
    }

    /// Does something for several at once and gives the events in the order of the items.
    func sideBySide<Item: Sendable>(
        _ items: [Item],
        _ work: @escaping @Sendable (Enforcer, Item) async -> [LeaseEvent]
    ) async -> [LeaseEvent] {
        if let only = items.first, items.count == 1 { return await work(self, only) }
        return await withTaskGroup(of: (Int, [LeaseEvent]).self) { group in
            for (index, item) in items.enumerated() {
                group.addTask { (index, await work(self, item)) }
            }
            var results = [[LeaseEvent]](repeating: [], count: items.count)
            for await (index, events) in group { results[index] = events }
            return results.flatMap(\.self)
        }
    }

    /// This moment on both clocks.
    func moment(_ now: MonotonicTime) -> Lease.Moment { Lease.Moment(wall: wallClock(), boot: now) }
}

extension Intent {
    /// The VM that it speaks of.
    var vm: VMIdentity {
        switch self {
        case .hold(let order): order.vm
        case .release(let key, _): key.vm
        }
    }
}
