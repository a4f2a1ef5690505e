import Enforcement
import Foundation
import HostReaders
import Reporting
import Sampling
import Signals

/// What a turnover asks of others than files: NVML, the packet filter, and Quell's own leases.
enum TurnoverHost {
    /// Bytes of a GPU's memory that are taken for nobody's: an older driver counts what it keeps for itself, too.
    static let idleMemory: UInt64 = 1 << 30

    /// What of a GPU that no VM has is not as usual.
    ///
    /// - Parameters:
    ///   - address: Its address.
    ///   - desk: NVML.
    /// - Returns: The limits, or why they cannot be told.
    static func limits(of address: String, _ desk: GPUDesk) -> Told<[TurnoverLimit]> {
        var found: [TurnoverLimit] = []
        do throws(ActuatorError) {
            try desk.with(address) { session, device throws(GPUFailure) in
                // Many GPUs lack the one or the other: nothing can have been set there.
                if let power = try lacking({ () throws(NVMLError) in try session.nvml.powerLimit(of: device) }),
                    let usual = power.usual, usual != power.now
                {
                    found.append(
                        TurnoverLimit(
                            what: "power limit \(power.now / 1_000) W, usually \(usual / 1_000) W",
                            remedy: "nvidia-smi -i \(address) -pl \(usual / 1_000)"
                        )
                    )
                }
                if let used = try lacking({ () throws(NVMLError) in try session.nvml.memoryUsed(of: device) }),
                    used > idleMemory
                {
                    found.append(
                        TurnoverLimit(
                            what: "\(used >> 20) MiB of its memory in use, and no VM has it",
                            remedy: "nvidia-smi -i \(address) --gpu-reset"
                        )
                    )
                }
                guard
                    let now = try lacking({ () throws(NVMLError) in
                        try session.nvml.applicationClocks(of: device)
                    }),
                    let usual = try lacking({ () throws(NVMLError) in
                        try session.nvml.usualApplicationClocks(of: device)
                    }), now != usual
                else { return }
                found.append(
                    TurnoverLimit(
                        what: "clocks \(now.memory),\(now.graphics) MHz, usually \(usual.memory),\(usual.graphics) MHz",
                        remedy: "nvidia-smi -i \(address) -rac"
                    )
                )
            }
        } catch {
            return .untold(text(error))
        }
        return .told(found)
    }

    /// What NVML said, without the words around it.
    private static func text(_ error: ActuatorError) -> String {
        switch error {
        case .partGone(let text), .refused(let text), .unavailable(let text), .unknown(let text): text
        case .vmGone, .generationChanged: error.description
        }
    }

    /// What NVML tells; `nil` where the GPU has no such thing.
    private static func lacking<Value>(_ call: () throws(NVMLError) -> Value) throws(GPUFailure) -> Value? {
        do throws(NVMLError) {
            return try call()
        } catch {
            switch error.code {
            case .notSupported, .noFunction: return nil
            default: throw GPUFailure(error, isChange: false)
            }
        }
    }

    /// libvirt's filter chains of some interfaces.
    ///
    /// - Parameter interfaces: The interfaces.
    /// - Returns: The chains, or why they cannot be told.
    static func chains(of interfaces: Set<String>) -> Told<[TurnoverLimit]> {
        let wanted = Set(interfaces.compactMap { InterfaceName($0) })
        var dump = FilterDump()
        var places: [FilterPlace] = []
        let outcome = dump.readChains(into: &places) { wanted.contains($0) }
        guard outcome.isUsable else {
            return .untold("the packet filter cannot be read: errno \(outcome.code ?? 0); it takes CAP_NET_ADMIN")
        }
        return .told(
            places.map { place in
                let family = place.table.family == 7 ? "bridge" : place.table.family == 10 ? "ip6" : "ip"
                let table = String(decoding: place.table.name, as: UTF8.self)
                let chain = String(decoding: place.chain, as: UTF8.self)
                let words = [family, table, chain].map(AuditJudge.quoted).joined(separator: " ")
                return TurnoverLimit(
                    what: "\(family) \(table) \(chain)",
                    remedy: "nft flush chain \(words) && nft delete chain \(words)"
                )
            }
        )
    }

    /// Quell's open leases: those of the daemon, or those in the ledger where no daemon answers.
    ///
    /// - Parameter configuration: Where the daemon and the ledger are.
    /// - Returns: The leases, or why they cannot be told.
    static func leases(_ configuration: DaemonConfiguration) -> Told<[TurnoverLease]> {
        if let answer = try? ControlClient(path: configuration.socketPath).ask(ControlRequest(.leases)) {
            guard let reports = try? JSONDecoder().decode([LeaseReport].self, from: answer) else {
                return .untold("quelld does not tell its leases")
            }
            return .told(
                reports.flatMap { hold in
                    hold.changes.map {
                        TurnoverLease(
                            number: $0.lease,
                            uuid: hold.uuid,
                            what: "\($0.knob) \($0.set)",
                            undo: hold.undo
                        )
                    }
                }
            )
        }
        // Opening a ledger makes its directory: where there is none, there are no leases.
        switch HostDirectory.presence(of: configuration.stateDirectory + "/ledger") {
        case .missing: return .told([])
        case .hidden(let code): return .untold("\(configuration.stateDirectory)/ledger: errno \(code)")
        case .there: break
        }
        do {
            let ledger = try Ledger(directory: configuration.stateDirectory)
            return .told(
                ledger.leases.map { lease in
                    TurnoverLease(
                        number: lease.id,
                        uuid: lease.vm.uuid.description,
                        what: "\(lease.knob) \(lease.set)",
                        undo: lease.undoCommand
                    )
                }
            )
        } catch {
            return .untold("no quelld answers, and the ledger cannot be read: \(error)")
        }
    }
}
