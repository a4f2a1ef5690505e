import HostReaders
import Libvirt
import Signals

/// Reads what an audit judges from the host's files.
struct AuditReader: Sendable {
    /// Where the host's trees are.
    let roots: HostRoots
    /// Tells the cookie of core scheduling of a thread.
    var cookie: @Sendable (Int32) -> CoreCookie = CoreCookie.of

    /// What the host itself tells, without VMs.
    ///
    /// - Returns: The facts.
    func host() -> AuditFacts {
        var facts = AuditFacts()
        let isUnified = HostDirectory.exists(roots.cgroup + "/cgroup.controllers")
        facts.usualShares = isUnified ? 100 : 1_024
        facts.merging = merging()
        facts.hasThreads = hasThreads()
        if facts.hasThreads == .told(true) { facts.cores = cores() }
        facts.vulnerabilities = vulnerabilities()
        facts.hasResctrl = MountTable(roots: roots).resctrl != nil
        let clears = MemoryInit(roots)
        facts.clearsAlloc = Self.told(clears.answer(.alloc))
        facts.clearsFree = Self.told(clears.answer(.free))
        facts.swap = swap()
        let zswap = word(roots.sys + "/module/zswap/parameters/enabled")
        facts.hasZswap = zswap == "Y" || zswap == "1"
        return facts
    }

    /// What the host's files tell of VMs, completed in place.
    ///
    /// Threads are looked at only where several tenants share the host, since nothing is judged by them elsewhere.
    ///
    /// - Parameters:
    ///   - domains: What libvirt says of them.
    ///   - facts: The facts of the host; the VMs are added.
    func add(_ domains: [DomainDescription], to facts: inout AuditFacts) {
        facts.vms = domains.map { AuditVM($0) }
        for index in facts.vms.indices { facts.vms[index].devices = domains[index].hostPCI.map(device) }
        guard AuditJudge.mayMix(facts) else { return }
        let processes = QEMUProcess.all(roots: roots)
        let tree = MountTable(roots: roots).resctrl.map { ResctrlTree(mountPoint: $0) }
        let wantsCookies = facts.hasThreads == .told(true)
        for index in facts.vms.indices {
            let uuid = facts.vms[index].uuid
            guard let pid = processes[uuid.description] else {
                let why = "its QEMU process is not to be found"
                facts.vms[index].cpus = .untold(why)
                facts.vms[index].cookies = .untold(why)
                facts.vms[index].cacheGroups = .untold(why)
                continue
            }
            let threads = vcpus(of: pid)
            facts.vms[index].cpus = cpus(of: threads, in: pid)
            if wantsCookies { facts.vms[index].cookies = cookies(of: threads) }
            if let tree { facts.vms[index].cacheGroups = groups(of: threads, in: pid, tree) }
        }
    }

    private static func told(_ answer: MemoryInit.Answer?) -> Told<MemoryInit.Answer> {
        answer.map { .told($0) }
            ?? .untold("neither the boot parameters nor the configuration of the running kernel tell")
    }

    private func merging() -> Told<AuditFacts.PageMerging> {
        let directory = roots.sys + "/kernel/mm/ksm"
        guard let run = word(directory + "/run") else {
            // A kernel without it has the directory above all the same.
            if HostDirectory.exists(roots.sys + "/kernel/mm"), !HostDirectory.exists(directory) {
                return .told(AuditFacts.PageMerging(isOn: false, usesZeroPages: nil))
            }
            return .untold("\(directory)/run cannot be read")
        }
        switch run {
        case "0", "2": return .told(AuditFacts.PageMerging(isOn: false, usesZeroPages: zeroPages(directory)))
        case "1": return .told(AuditFacts.PageMerging(isOn: true, usesZeroPages: zeroPages(directory)))
        default: return .untold("\(directory)/run says something else than 0, 1 or 2")
        }
    }

    private func zeroPages(_ directory: String) -> Bool? { word(directory + "/use_zero_pages").map { $0 == "1" } }

    private func hasThreads() -> Told<Bool> {
        let path = roots.sys + "/devices/system/cpu/smt/active"
        switch word(path) {
        case "1": return .told(true)
        case "0": return .told(false)
        case nil: return .untold("\(path) cannot be read")
        case .some: return .untold("\(path) says something else than 0 or 1")
        }
    }

    /// The core of each CPU that is online; those whose siblings cannot be told are left out.
    private func cores() -> [UInt32: UInt32] {
        var cores: [UInt32: UInt32] = [:]
        for cpu in CPUList.online(roots) {
            let base = "\(roots.sys)/devices/system/cpu/cpu\(cpu)/topology/"
            // The kernel's newer name for the same (`ABI/stable/sysfs-devices-system-cpu`).
            let bytes =
                HostDirectory.bytes(of: base + "core_cpus_list")
                ?? HostDirectory.bytes(of: base + "thread_siblings_list")
            guard let bytes, let first = (try? CPUList(bytes.span))?.cpus.min() else { continue }
            cores[UInt32(cpu)] = UInt32(first)
        }
        return cores
    }

    private func vulnerabilities() -> Told<[String: String]> {
        let directory = roots.sys + "/devices/system/cpu/vulnerabilities"
        var found: [String: String] = [:]
        for name in HostDirectory.names(in: directory).sorted().prefix(256) {
            found[name] =
                HostDirectory.text(of: "\(directory)/\(name)")
                .map { String($0.prefix { $0 != "\n" }.prefix(500)) } ?? ""
        }
        return found.isEmpty ? .untold("\(directory) cannot be read, or is empty") : .told(found)
    }

    private func swap() -> Told<[AuditFacts.Swap]> {
        guard let text = HostDirectory.text(of: roots.proc + "/swaps"), let areas = SwapArea.all(text) else {
            return .untold("\(roots.proc)/swaps cannot be read")
        }
        return .told(areas.map { AuditFacts.Swap(area: $0, store: $0.store(roots)) })
    }

    private func device(_ address: String) -> AuditDevice {
        let base = "\(roots.sys)/bus/pci/devices/"
        guard PCIFunction(at: address, roots: roots) != nil else {
            return AuditDevice(address: address, siblings: .untold("the host has no device at \(address)"))
        }
        guard HostDirectory.exists(base + address + "/iommu_group/devices") else {
            return AuditDevice(address: address, siblings: .told([]), lacksIOMMU: true)
        }
        let names = HostDirectory.names(in: base + address + "/iommu_group/devices").sorted()
        guard names.contains(address) else {
            return AuditDevice(address: address, siblings: .untold("its IOMMU group cannot be listed"))
        }
        let siblings = names.filter { $0 != address }.prefix(256).compactMap { name -> AuditDevice.Sibling? in
            // Bridges do nothing by themselves; VFIO, too, lets them be in the group.
            if HostDirectory.text(of: base + name + "/class")?.hasPrefix("0x06") == true { return nil }
            return AuditDevice.Sibling(address: name, driver: PCIFunction(at: name, roots: roots)?.driver)
        }
        return AuditDevice(address: address, siblings: .told(siblings))
    }

    /// The threads that run vCPUs, by their names.
    private func vcpus(of pid: Int32) -> [Int32] {
        let base = "\(roots.proc)/\(pid)/task"
        return HostDirectory.names(in: base).compactMap { Int32($0) }.sorted().filter { thread in
            HostDirectory.text(of: "\(base)/\(thread)/comm").flatMap { QEMUThreads.vcpu($0) } != nil
        }
    }

    private func cpus(of threads: [Int32], in pid: Int32) -> Told<[UInt32]> {
        guard !threads.isEmpty else { return .untold("the threads of its vCPUs are not to be found") }
        var all: Set<UInt32> = []
        for thread in threads {
            let path = "\(roots.proc)/\(pid)/task/\(thread)/status"
            guard let places = HostDirectory.bytes(of: path).flatMap({ try? AllowedPlaces($0.span) }) else {
                return .untold("\(path) cannot be read")
            }
            all.formUnion(places.cpus)
        }
        return .told(all.sorted())
    }

    private func cookies(of threads: [Int32]) -> Told<Set<UInt64>> {
        var all: Set<UInt64> = []
        for thread in threads {
            switch cookie(thread) {
            case .cookie(let value): all.insert(value)
            case .unsupported: all.insert(0)
            case .gone: continue
            case .failed(let code): return .untold("the kernel does not tell its core-scheduling cookie: errno \(code)")
            }
        }
        return all.isEmpty ? .untold("the threads of its vCPUs are not to be found") : .told(all)
    }

    private func groups(of threads: [Int32], in pid: Int32, _ tree: ResctrlTree) -> Told<Set<String>> {
        let places = tree.places(of: threads, in: pid, roots: roots)
        guard !places.isEmpty else { return .untold("which control group its vCPUs are in cannot be told") }
        return .told(Set(places.values.map(\.control)))
    }

    /// The first line of a file, trimmed.
    private func word(_ path: String) -> String? {
        HostDirectory.text(of: path).map { String($0.prefix { $0 != "\n" && $0 != " " }) }
    }
}
