import Enforcement
import Libvirt
import Signals
import Systemd

/// What is judged only where VMs of several tenants are neighbours.
extension AuditJudge {
    /// Whether VMs of several tenants may run on a host, as far as is known: those of unknown tenants may be anybody's.
    ///
    /// - Parameter facts: The host.
    /// - Returns: Whether they may.
    static func mayMix(_ facts: AuditFacts) -> Bool {
        if facts.trouble != nil { return true }
        let others = facts.unread.count
        guard facts.vms.count + others > 1 else { return false }
        return others > 0 || Set(facts.vms.map(\.owner)).count > 1
    }

    /// Whether tenants are mixed; why it cannot be told.
    var mixing: Told<Bool> {
        if let trouble = facts.trouble { return .untold("the VMs cannot be listed: \(trouble)") }
        if Set(facts.vms.map(\.owner)).count > 1 { return .told(true) }
        guard Self.mayMix(facts) else { return .told(false) }
        return .untold("\(facts.unread.count) VMs cannot be described, so their tenants are not known")
    }

    /// Judges whether tenants are mixed.
    mutating func judgeTenants() {
        switch mixing {
        case .untold(let why): miss(.tenantsMixed, why: why)
        case .told(false): break
        case .told(true):
            let names = Set(facts.vms.compactMap { vm in if case .known(let name) = vm.tenant { name } else { nil } })
            let unowned = facts.vms.count - facts.vms.count { if case .known = $0.tenant { true } else { false } }
            var evidence = "\(facts.vms.count) VMs"
            if !names.isEmpty { evidence += " of \(names.count) tenants: \(Self.list(names.sorted()))" }
            if unowned > 0 { evidence += "; \(unowned) of no one known tenant" }
            find(
                .tenantsMixed,
                evidence,
                remedy: "a host for each tenant that must not share one; else heed the other findings"
            )
        }
    }

    /// Judges whether the kernel merges pages across tenants.
    mutating func judgePages() {
        let merging: AuditFacts.PageMerging
        switch (facts.merging, mixing) {
        case (_, .told(false)): return
        case (.told(let told), _) where !told.isOn: return
        case (.untold(let why), _), (_, .untold(let why)):
            miss(.pagesMerged, why: why)
            return
        case (.told(let told), .told(true)): merging = told
        }
        let never: DomainSafeguards = [.noPageSharing, .hugePages, .sharedMemory]
        for vm in facts.vms where vm.safeguards.isDisjoint(with: never) {
            var evidence = "ksm/run is 1 and it has no <nosharepages/>"
            if merging.usesZeroPages == true { evidence += "; use_zero_pages is 1" }
            find(
                .pagesMerged,
                vm.subject,
                evidence,
                remedy: "<memoryBacking><nosharepages/></memoryBacking>, or echo 2 > /sys/kernel/mm/ksm/run"
            )
        }
    }

    /// Judges whether vCPUs of several tenants may run on one core at once.
    mutating func judgeCores() {
        switch (facts.hasThreads, mixing) {
        case (.told(false), _), (_, .told(false)): return
        case (.untold(let why), _), (_, .untold(let why)):
            miss(.coreShared, why: why)
            return
        case (.told(true), .told(true)): break
        }
        guard !facts.cores.isEmpty else {
            miss(.coreShared, why: "which CPUs are threads of one core cannot be told")
            return
        }
        var tenants: [UInt32: [AuditVM]] = [:]
        var untold: [String] = []
        for vm in facts.vms {
            guard case .told(let cpus) = vm.cpus else {
                if case .untold(let why) = vm.cpus { untold.append("\(PlainText.name(vm.name)): \(why)") }
                continue
            }
            for core in Set(cpus.compactMap { facts.cores[$0] }) { tenants[core, default: []].append(vm) }
        }
        var bad = 0
        var doubtful: [String] = []
        var example: (core: UInt32, left: AuditVM, right: AuditVM)?
        for (core, vms) in tenants.sorted(by: { $0.key < $1.key }) {
            switch Self.meeting(vms) {
            case .apart: break
            case .doubtful(let why): doubtful.append(why)
            case .together(let left, let right):
                bad += 1
                if example == nil { example = (core, left, right) }
            }
        }
        if let example {
            let names = [example.left, example.right].map {
                "\(PlainText.name($0.name)) (tenant "
                    + "\(PlainText.name($0.tenant.text)))"
            }
            let threads = facts.cores.filter { $0.value == example.core }.keys.sorted().map { "\($0)" }
            find(
                .coreShared,
                "on \(bad) of \(Set(facts.cores.values).count) cores vCPUs of several tenants may run at once without "
                    + "core scheduling, as on CPUs \(threads.joined(separator: ",")): \(names.joined(separator: ", "))",
                remedy: "sched_core = \"vcpus\" in /etc/libvirt/qemu.conf (libvirt 8.9) and VMs started anew; or whole "
                    + "cores by <vcpupin>; or echo off > /sys/devices/system/cpu/smt/control"
            )
        }
        if let why = untold.first ?? doubtful.first, example == nil {
            miss(.coreShared, why: why)
        }
    }

    /// What comes of VMs on one core.
    private enum Meeting {
        case apart
        case together(AuditVM, AuditVM)
        case doubtful(String)
    }

    /// Whether two of several VMs are of other tenants and nothing keeps them from running at once.
    ///
    /// Core scheduling keeps two VMs apart where each has one cookie at least on every vCPU and they share none.
    private static func meeting(_ vms: [AuditVM]) -> Meeting {
        // One VM without any cookie and one of another owner settle it; so the VMs need not be compared pair by pair.
        var holder: [UInt64: AuditVM] = [:]
        var doubt: String?
        let owners = Set(vms.map(\.owner))
        guard owners.count > 1 else { return .apart }
        for vm in vms {
            switch vm.cookies {
            case .untold(let why): doubt = doubt ?? "\(PlainText.name(vm.name)): \(why)"
            case .told(let cookies):
                for cookie in cookies.sorted() {
                    if let other = holder[cookie], other.owner != vm.owner { return .together(other, vm) }
                    holder[cookie] = holder[cookie] ?? vm
                }
            }
        }
        return doubt.map { .doubtful($0) } ?? .apart
    }

    /// Judges whether VMs share all of the caches.
    mutating func judgeCaches() {
        switch mixing {
        case .told(false): return
        case .untold(let why):
            miss(.cacheUnpartitioned, why: why)
            return
        case .told(true): break
        }
        let remedy = "<cputune><cachetune vcpus='0-3'><cache id='0' level='3' type='both' size='4' unit='MiB'/>"
        guard facts.hasResctrl else {
            find(
                .cacheUnpartitioned,
                "resctrl is not mounted, so no cache is divided",
                remedy: "on a CPU with cat_l3, mount -t resctrl resctrl /sys/fs/resctrl; then \(remedy)"
            )
            return
        }
        // Quell's own groups limit those that it holds back, and are no partition.
        let common = CacheGroups.all.union([""])
        var untold: String?
        for vm in facts.vms {
            switch vm.cacheGroups {
            case .told(let groups): if !groups.isSubset(of: common) { return }
            case .untold(let why): untold = untold ?? "\(PlainText.name(vm.name)): \(why)"
            }
        }
        if let untold {
            miss(.cacheUnpartitioned, why: untold)
        } else {
            find(.cacheUnpartitioned, "all \(facts.vms.count) VMs are in the default group of resctrl", remedy: remedy)
        }
    }
}

extension AuditVM {
    /// Whose neighbour it is; VMs of no one known tenant are each taken for somebody else's.
    fileprivate var owner: String {
        if case .known(let name) = tenant { return "=" + name }
        return "?" + uuid.description
    }
}
