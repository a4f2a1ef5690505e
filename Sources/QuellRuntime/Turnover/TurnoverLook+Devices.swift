import HostReaders
import Libvirt
import Signals

/// Devices of the host that a VM had.
extension TurnoverLook {
    /// Interfaces of the host, and libvirt's filter chains for them.
    ///
    /// Where it is not known which interfaces the VM had, each that no running VM has may be one of them.
    mutating func lookAtInterfaces() {
        let used = Set(running.flatMap(\.tapNames))
        let network = roots.sys + "/class/net"
        for name in names(in: network, "tap") where HostDirectory.exists("\(network)/\(name)/tun_flags") {
            if used.contains(name) { continue }
            if subject.taps.contains(name) {
                leave("tap", name, remedy: "ip link delete \(AuditJudge.quoted(name))")
            } else if name.hasPrefix("vnet") {
                miss("tap", "\(name) belongs to no VM that runs; where it was this one's, --interface \(name)")
            }
        }
    }

    /// libvirt's chains of the packet filter for interfaces that no running VM has.
    ///
    /// - Parameter chains: Reads the chains of some interfaces, with each the command that removes it.
    mutating func lookAtChains(_ chains: (Set<String>) -> Told<[TurnoverLimit]>) {
        let used = Set(running.flatMap(\.tapNames))
        let wanted = subject.taps.subtracting(used)
        guard !wanted.isEmpty else { return }
        switch chains(wanted) {
        case .untold(let why): miss("filter chain", why)
        case .told(let found): for chain in found { leave("filter chain", chain.what, remedy: chain.remedy) }
        }
    }

    /// GPUs that it had, or may have had, whose limits are not the usual ones.
    ///
    /// - Parameter limits: What of a GPU, by address, is not as usual, with each the command that mends it.
    mutating func lookAtGPUs(_ limits: (String) -> Told<[TurnoverLimit]>) {
        let mine = subject.definition.map { Self.functions(of: $0, roots) }
        let used = Set(running.flatMap { Self.functions(of: $0, roots) })
        let seen = PCIFunction.nvidiaGPUs(roots: roots).filter { $0.driver == "nvidia" }.map(\.address)
        for address in seen where !used.contains(address) && mine?.contains(address) ?? true {
            switch limits(address) {
            case .untold(let why): miss("gpu", "\(address): \(why)")
            case .told(let found):
                for limit in found {
                    if mine != nil {
                        leave("gpu", "\(address): \(limit.what)", remedy: limit.remedy)
                    } else {
                        miss("gpu", "\(address): \(limit.what); whose doing it was cannot be told; \(limit.remedy)")
                    }
                }
            }
        }
    }

    /// The functions that a VM has: those handed to it whole, and those that its mediated devices are parts of.
    private static func functions(of domain: DomainDescription, _ roots: HostRoots) -> Set<String> {
        let whole = domain.hostPCI.map { PCIFunction(at: $0, roots: roots)?.physicalFunction ?? $0 }
        let parents = domain.mdevs.compactMap { mdev in
            PCIFunction.parent(ofMediated: mdev.lowercased(), roots: roots).map { $0.physicalFunction ?? $0.address }
        }
        return Set(whole + parents)
    }

    /// Leases of Quell's that are still open.
    ///
    /// - Parameter leases: The leases of all VMs, or why they cannot be told.
    mutating func lookAtLeases(_ leases: Told<[TurnoverLease]>) {
        switch leases {
        case .untold(let why): miss("lease", why)
        case .told(let all):
            for lease in all where lease.uuid == subject.uuid?.description {
                leave("lease", "lease \(lease.number): \(lease.what)", remedy: lease.undo)
            }
        }
    }
}

/// Something of a device that is left, such as a limit that is not as usual.
struct TurnoverLimit: Equatable, Sendable {
    /// What it is, and what is usual.
    var what: String
    /// The command that mends it.
    var remedy: String
}

/// A lease of Quell's that is open.
struct TurnoverLease: Equatable, Sendable {
    /// Its number.
    var number: UInt64
    /// The VM that is held.
    var uuid: String
    /// What was set.
    var what: String
    /// The command that undoes it.
    var undo: String
}
