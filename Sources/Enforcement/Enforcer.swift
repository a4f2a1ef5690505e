public import Policy
public import Signals

/// Turns orders into leases and leases back into what was before.
///
/// An order is a hold: some knobs of a VM, each under a lease of its own. For every VM one thing is done at a time; a VM
/// whose hypervisor does not answer holds up no other. Each change is written ahead to the ``Ledger`` and read back. Giving
/// back is compare-and-restore, knob by knob: the setting found is replaced only where it is Quell's own, so it needs no
/// ledger and works with a full disk, and it may be repeated at will.
///
/// libvirt has no compare-and-set: a setting that somebody makes between Quell's last look and its set, some milliseconds,
/// is lost. Any other is seen and left alone.
public actor Enforcer {
    /// How often a setting that was reset is set again before it is left alone.
    public static let mostReapplications = 3
    /// Seconds for which a set of unknown outcome may still happen: twice libvirt's wait for a domain's job lock (30 s).
    public static let settleTime = 60.0

    /// Whether it acts.
    ///
    /// In dry run it tells what the ladder would do; what a person orders is done, and leases of before are given back.
    public private(set) var mode: PolicySet.Mode
    /// Whether it may act at all; with the kill switch thrown it only gives back.
    public private(set) var isArmed: Bool
    /// What could not be read of the ledger when it was opened.
    public let damage: [LedgerDamage]

    let actuator: any Actuator
    let bootID: String
    let wallClock: @Sendable () -> Int64
    var ledger: Ledger
    /// The open holds by number.
    var holds: [UInt64: Hold] = [:]
    /// VMs with which something is under way; nothing else is begun with them meanwhile.
    var busy: Set<VMIdentity> = []
    /// Holds whose first look is under way, with the reason where they are already to be let go again.
    var starting: [HoldKey: ReleaseReason?] = [:]
    /// VMs that came here marked and could not be looked at yet.
    var arriving: [VMIdentity: Arriving] = [:]
    /// What would be held, in dry run.
    var rehearsed: [HoldKey: Rehearsal] = [:]

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
    ///   - actuator: The hand that sets what can be changed.
    ///   - mode: Whether it acts.
    ///   - isArmed: Whether it may act at all.
    ///   - bootID: This boot (`/proc/sys/kernel/random/boot_id`); empty where it is not known.
    ///   - wallClock: Nanoseconds since 1970, for people and for the marks of VMs that leave the host.
    public init(
        ledger: consuming Ledger,
        actuator: any Actuator,
        mode: PolicySet.Mode,
        isArmed: Bool = true,
        bootID: String,
        wallClock: @escaping @Sendable () -> Int64
    ) {
        self.actuator = actuator
        self.mode = mode
        self.isArmed = isArmed
        self.bootID = bootID
        self.wallClock = wallClock
        damage = ledger.damage
        for lease in ledger.leases {
            var knob = HeldKnob(lease)
            knob.isGranted = true
            if Self.isEarlier(lease.bootID, than: bootID) { knob.outcome = .gone }
            // A set that was under way when the earlier daemon ended may still be waiting in libvirt.
            if lease.pending != nil { knob.unsettledUntil = lease.changed.boot.advanced(bySeconds: Self.settleTime) }
            holds[
                lease.hold,
                default: Hold(
                    id: lease.hold,
                    key: lease.key,
                    name: lease.name,
                    knobs: [],
                    isGranted: true,
                    ending: .recovered
                )
            ].knobs.append(knob)
        }
        self.ledger = ledger
    }

    /// Whether a lease is of an earlier boot, so that its VM is gone.
    func isOfEarlierBoot(_ lease: Lease) -> Bool { Self.isEarlier(lease.bootID, than: bootID) }

    private static func isEarlier(_ other: String, than bootID: String) -> Bool {
        !bootID.isEmpty && !other.isEmpty && other != bootID
    }

    /// The open leases, oldest first; some may be on their way out.
    public var leases: [Lease] { holds.values.flatMap { $0.knobs.map(\.lease) }.sorted { $0.id < $1.id } }

    /// The open leases whose VM has what it had before, and that wait only for a change that may still come.
    public var watched: [Lease] {
        holds.values.filter(\.isWatched).flatMap { $0.knobs.map(\.lease) }.sorted { $0.id < $1.id }
    }

    /// Carries out what the ladder wants: VM by VM side by side, in order for each.
    ///
    /// - Parameters:
    ///   - intents: What is wanted.
    ///   - now: The moment.
    /// - Returns: What became of it.
    public func carryOut(_ intents: [Intent], now: MonotonicTime) async -> [LeaseEvent] {
        await sideBySide(Self.chains(intents, of: \.vm)) { enforcer, chain in
            var events: [LeaseEvent] = []
            for intent in chain {
                switch intent {
                case .hold(let order): events += await enforcer.hold(order, now: now)
                case .release(let key, let reason): events += await enforcer.release(key, reason, now: now)
                }
            }
            return events
        }
    }

    /// Changes whether it acts; what was held or rehearsed under the other mode is let go, but for what a person holds.
    ///
    /// - Parameters:
    ///   - mode: Whether it acts.
    ///   - now: The moment.
    /// - Returns: What became of the holds.
    public func adopt(_ mode: PolicySet.Mode, now: MonotonicTime) async -> [LeaseEvent] {
        guard mode != self.mode else { return [] }
        self.mode = mode
        return await releaseAll(.policy, butPersons: true, now: now)
    }

    /// Throws the kill switch, which lets everybody go and nobody be held, or takes it back.
    ///
    /// - Parameters:
    ///   - isArmed: Whether it may act at all.
    ///   - now: The moment.
    /// - Returns: What became of the holds.
    public func setArmed(_ isArmed: Bool, now: MonotonicTime) async -> [LeaseEvent] {
        self.isArmed = isArmed
        return isArmed ? [] : await releaseAll(.disarmed, now: now)
    }

    /// Items by what they have in common, in the order in which each first comes up.
    static func chains<Item, Key: Hashable>(_ items: [Item], of key: (Item) -> Key) -> [[Item]] {
        var order: [Key] = []
        var chains: [Key: [Item]] = [:]
        for item in items {
            if chains[key(item)] == nil { order.append(key(item)) }
            chains[key(item), default: []].append(item)
        }
        return order.compactMap { chains[$0] }
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
