public import Signals

/// A VM of the scripted host: who it is, and what it asks for at each second of the script.
public struct ScriptedVM: Sendable {
    /// How its demand for CPU moves.
    public enum Demand: Sendable {
        /// Always about this many cores.
        case steady(Double)
        /// `low` cores, with bursts to `high` for `on` seconds in every `period`.
        case bursty(low: Double, high: Double, on: Double, period: Double)
        /// `low` cores but for `high` from second `from` until second `until`.
        case noisy(low: Double, high: Double, from: Double, until: Double)
    }

    /// What the inventory would know of it.
    public var record: VMRecord
    /// How its demand for CPU moves.
    public var demand: Demand
    /// Host memory that it holds at second 0, in bytes.
    public var memory: Double
    /// Growth of that memory, in bytes a second, from second 30 on.
    public var leak: Double

    /// A VM of the script.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - tenant: Whom it belongs to.
    ///   - workloadClass: Its workload class.
    ///   - vcpus: Its vCPUs.
    ///   - demand: How its demand for CPU moves.
    ///   - memory: Host memory that it holds, in bytes.
    ///   - leak: Growth of that memory, in bytes a second.
    public init(
        name: String,
        tenant: String,
        workloadClass: String = "standard",
        vcpus: Int,
        demand: Demand,
        memory: Double = 2e9,
        leak: Double = 0
    ) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let identity = VMIdentity(uuid: VMUUID(high: hash, low: ~hash), generation: 1)
        self.record = VMRecord(
            identity: identity,
            name: name,
            tenant: .known(tenant),
            workloadClass: workloadClass,
            vcpus: vcpus
        )
        self.demand = demand
        self.memory = memory
        self.leak = leak
    }

    /// The cores that it asks for at a second of the script, before any cap.
    func cores(at second: Double) -> Double {
        switch demand {
        case .steady(let cores): cores
        case .bursty(let low, let high, let on, let period):
            second.truncatingRemainder(dividingBy: period) < on ? high : low
        case .noisy(let low, let high, let from, let until): second >= from && second < until ? high : low
        }
    }
}

extension ScriptedVM {
    /// The eight VMs of three tenants that `quell demo` shows on eight CPUs.
    public static let demoHost: [ScriptedVM] = [
        ScriptedVM(name: "shop-web-1", tenant: "shop", vcpus: 2, demand: .steady(0.7)),
        ScriptedVM(name: "shop-web-2", tenant: "shop", vcpus: 2, demand: .steady(0.6)),
        ScriptedVM(name: "shop-db", tenant: "shop", workloadClass: "latency", vcpus: 2, demand: .steady(0.9)),
        ScriptedVM(name: "media-encode", tenant: "media", vcpus: 2, demand: .steady(1.85), memory: 6e9),
        ScriptedVM(
            name: "media-burst",
            tenant: "media",
            vcpus: 2,
            demand: .bursty(low: 0.2, high: 0.9, on: 4, period: 17)
        ),
        ScriptedVM(name: "media-cache", tenant: "media", vcpus: 2, demand: .steady(0.3), leak: 25e6),
        ScriptedVM(
            name: "labs-ci",
            tenant: "labs",
            vcpus: 2,
            demand: .bursty(low: 0.1, high: 0.6, on: 6, period: 23)
        ),
        ScriptedVM(
            name: "labs-batch",
            tenant: "labs",
            vcpus: 8,
            demand: .noisy(low: 0.4, high: 7.6, from: 60, until: 110)
        ),
    ]
}
