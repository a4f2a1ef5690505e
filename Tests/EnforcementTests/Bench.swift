import Policy
import Signals
import Synchronization

@testable import Enforcement

/// VMs, orders and enforcers as tests need them.
struct Bench {
    static let a = VMIdentity(uuid: VMUUID(high: 1, low: 0xa), generation: 100)
    static let b = VMIdentity(uuid: VMUUID(high: 1, low: 0xb), generation: 200)
    static let c = VMIdentity(uuid: VMUUID(high: 1, low: 0xc), generation: 300)
    static let d = VMIdentity(uuid: VMUUID(high: 1, low: 0xd), generation: 350)
    static let victim = VMIdentity(uuid: VMUUID(high: 1, low: 0xf), generation: 400)
    static let free = VCPUQuota(period: 100_000, quota: nil)
    static let start = MonotonicTime(seconds: 1_000)

    /// A wall clock that a test sets.
    final class Wall: Sendable {
        private let value: Mutex<Int64>

        init(_ now: Int64 = 0) { value = Mutex(now) }

        var now: Int64 {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    let world = World()

    /// A bench with VMs a and b, unlimited, c with a limit of 80 %, and d, which has everything.
    init() {
        world.add(Self.a, Self.free)
        world.add(Self.b, Self.free)
        world.add(Self.c, Self.share(0.8))
        world.add(Self.d, .full)
        world.move(to: Self.start)
    }

    static func share(_ share: Double) -> VCPUQuota {
        VCPUQuota(period: 100_000, quota: Int64((share * 100_000).rounded()))
    }

    static func order(_ vm: VMIdentity = a, cap: Double = 0.5, term: Double = 300) -> HoldOrder {
        HoldOrder(
            vm: vm,
            name: "vm-\(vm.uuid.low)",
            vcpus: 2,
            step: .throttle(cap),
            term: term,
            rule: "steal",
            victim: victim,
            victimName: "shop"
        )
    }

    static func at(_ seconds: Double) -> MonotonicTime { start.advanced(bySeconds: seconds) }

    /// Opens the ledger, mended or not.
    func ledger(compactFrom: Int = 65_536) throws(LedgerError) -> Ledger {
        try Ledger(directory: "/var/lib/quell", files: PowerFiles(world: world), compactFrom: compactFrom)
    }

    /// An enforcer as a daemon that starts makes it.
    func enforcer(
        mode: PolicySet.Mode = .enforce,
        isArmed: Bool = true,
        bootID: String = "boot-1",
        compactFrom: Int = 65_536,
        wall: Wall = Wall(1_700_000_000_000_000_000)
    ) throws(LedgerError) -> Enforcer {
        Enforcer(
            ledger: try ledger(compactFrom: compactFrom),
            actuator: ScriptedActuator(world: world),
            mode: mode,
            isArmed: isArmed,
            bootID: bootID,
            wallClock: { wall.now }
        )
    }

    /// The open leases that a daemon which starts now would find.
    func leasesOnDisk() throws(LedgerError) -> [Lease] { try ledger().leases }
}

extension LeaseEvent {
    /// The event in a word, for comparing.
    var word: String {
        switch self {
        case .granted: "granted"
        case .adjusted: "adjusted"
        case .wouldHold: "wouldThrottle"
        case .wouldRelease(_, _, let reason): "wouldRelease(\(reason.rawValue))"
        case .released(_, _, _, let reason): "released(\(reason.rawValue))"
        case .handedOver: "handedOver"
        case .failed: "failed"
        }
    }
}

extension Ledger {
    /// Opens one lease.
    mutating func open(_ lease: Lease) throws(LedgerError) -> Lease {
        let opened = try write(opening: [lease])
        guard let first = opened.first else { throw .unknownLease(0) }
        return first
    }

    /// Notes what is about to be set under one lease.
    mutating func change(_ lease: Lease) throws(LedgerError) { _ = try write(opening: [], changing: [lease]) }

    /// Notes that one pending value is in force.
    mutating func applied(_ id: UInt64) throws(LedgerError) -> Lease {
        guard let lease = try applied([id]).first else { throw .unknownLease(id) }
        return lease
    }

    /// Closes one lease.
    mutating func close(_ id: UInt64, _ end: LeaseEnd) throws(LedgerError) { try close([(id, end)]) }
}
