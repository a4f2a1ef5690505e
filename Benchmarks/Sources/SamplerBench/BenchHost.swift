internal import CMeter
internal import Glibc
internal import HostReaders
internal import Sampling
internal import Signals

/// A host full of VMs as the kernel sees them: processes with threads named as QEMU names its vCPUs, each in cgroups laid
/// out as libvirt lays them out, each with a tap.
///
/// The processes sleep, so that the kernel has nothing new to add up when a counter is read: what remains is the least
/// that reading can cost. The taps are in a network namespace of this process and go with it; processes and cgroups are
/// taken away by a janitor, also where this process is killed.
final class BenchHost {
    /// The VMs, oldest first.
    private(set) var vms: [VMDescription] = []
    /// vCPUs of each.
    let vcpus: Int
    /// Whether the VMs are in cgroups of their own.
    let hasCgroups: Bool
    /// Whether the VMs have taps.
    let hasTaps: Bool
    /// CPU time in nanoseconds that adding a VM to the latest sampler took, in the mean.
    private(set) var addingTime = 0.0

    private let program: String
    private let layouts: [CgroupLayout]

    /// Prepares a host without VMs; the one before must be gone.
    ///
    /// - Parameters:
    ///   - name: A name of its own.
    ///   - vcpus: vCPUs of each VM.
    ///   - mayUseCgroups: Whether to put VMs into cgroups where that is possible.
    /// - Throws: Where nothing can be started.
    init(_ name: String, vcpus: Int, mayUseCgroups: Bool) throws(BenchFailure) {
        self.vcpus = vcpus
        // SAFETY: the result is copied into a string at once; glibc allocated it and the process ends before it matters.
        guard let resolved = unsafe realpath("/proc/self/exe", nil) else { throw BenchFailure(reason: "no /proc") }
        let own = unsafe String(cString: resolved)
        unsafe free(resolved)
        program = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/BenchGuest"
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        guard unsafe access(program, X_OK) == 0 else { throw BenchFailure(reason: "\(program) is not built") }

        let name = "quell-bench-\(getpid())-\(name)"
        let found = mayUseCgroups && meter_is_root() ? CgroupLayout.all(name) : []
        layouts = found
        hasCgroups = !found.isEmpty
        if hasCgroups {
            let mounts = found.map(\.mountPoint).joined(separator: ":")
            // SAFETY: the texts are NUL-terminated copies that outlive the call.
            guard unsafe meter_start_janitor(program, name, mounts) else { throw BenchFailure(reason: "no janitor") }
        }
        for layout in found { layout.begin() }
        hasTaps = meter_is_root()
    }

    deinit {
        meter_dismiss_janitor()
    }

    /// What the VMs are, for people.
    var summary: String {
        let places = layouts.map(\.label).joined(separator: ", ")
        let cgroups =
            hasCgroups
            ? "a process with \(vcpus) vCPU threads each, in cgroups of its own as libvirt makes them (\(places))"
            : "a process with \(vcpus) vCPU threads each, without cgroups: only /proc is read (cgroups need root)"
        return "VMs: \(cgroups)" + (hasTaps ? ", a tap each" : ", no taps (they need root)")
    }

    /// Starts VMs until there are so many.
    ///
    /// - Parameter count: The number wanted.
    /// - Throws: Where a VM cannot be started, or at an interrupt.
    func grow(to count: Int) throws(BenchFailure) {
        while vms.count < count {
            try BenchFailure.checkInterrupt()
            var pids: [Int32] = []
            for _ in 0..<min(100, count - vms.count) {
                // SAFETY: the path is a NUL-terminated copy that outlives the call.
                let pid = unsafe meter_start_guest(program, Int32(vcpus))
                guard pid > 0 else { throw BenchFailure(reason: "VM \(vms.count + pids.count) cannot be started") }
                pids.append(pid)
            }
            guard meter_wait_for_guests(Int32(pids.count)) else {
                throw BenchFailure(reason: "the processes do not start")
            }
            for pid in pids { vms.append(try describe(pid)) }
        }
    }

    /// A sampler that watches so many VMs, warm, on a network with just their taps.
    ///
    /// - Parameters:
    ///   - count: The VMs.
    ///   - processes: Of which so many are processes of their own; the rest are the same processes again, as other VMs with
    ///     taps of their own.
    ///   - isSharing: Whether descriptors are shared with other samplers and between VMs of one process.
    /// - Returns: The sampler.
    /// - Throws: Where it cannot read what it must.
    func sampler(of count: Int, processes: Int? = nil, isSharing: Bool = false) throws(BenchFailure) -> HostSampler {
        let distinct = min(count, processes ?? count)
        try grow(to: distinct)
        if hasTaps, !meter_private_network() { throw BenchFailure(reason: "no network of its own") }
        let watched = (0..<count).map { number in
            var vm = vms[number % distinct]
            vm.record.name = "bench-\(number + 1)"
            if number >= distinct {
                let identity = VMIdentity(uuid: VMUUID(high: 2, low: UInt64(number)), generation: vm.process.startTicks)
                vm.record = VMRecord(identity: identity, name: vm.record.name, vcpus: vcpus)
            }
            vm.taps = tap(number + 1)
            return vm
        }
        meter_share_descriptors(isSharing)
        let sampler = HostSampler(hostCPUs: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let before = meter_thread_time()
        for vm in watched { sampler.add(vm) }
        addingTime = Double(meter_thread_time() - before) / Double(count)
        for second in 1...20 { sampler.tick(at: MonotonicTime(seconds: Double(second))) }
        meter_share_descriptors(false)
        for row in 0..<count where sampler.frame[VMSlot(row), .cpuRunDelay].quality != .ok {
            throw BenchFailure(reason: "the sampler could not read VM \(row + 1)")
        }
        return sampler
    }

    /// How many processes the limit of descriptors allows for samplers of so many VMs that share descriptors.
    ///
    /// - Parameter sizes: The VMs of each sampler.
    /// - Returns: At most as many as the largest has.
    /// - Throws: Where no VM can be started.
    func processes(for sizes: [Int]) throws(BenchFailure) -> Int {
        let each = try descriptors(of: 2) - descriptors(of: 1)
        let reserve = 500 + sizes.count * 20
        let limit = Int(meter_raise_descriptors(UInt64(sizes.reduce(0, +) * each + reserve)))
        // A VM's directory of descriptors is opened for each, as opening a directory is not shared.
        let rest = limit - reserve - sizes.reduce(0, +)
        return min(sizes.max() ?? 1, max(1, rest / max(1, each - 1)))
    }

    /// How many descriptors a sampler of so many VMs opens.
    private func descriptors(of count: Int) throws(BenchFailure) -> Int {
        try grow(to: count)
        let before = meter_open_descriptors()
        let sampler = try sampler(of: count)
        return withExtendedLifetime(sampler) { Int(meter_open_descriptors() - before) }
    }

    /// The tap of a VM, made where it is not there yet; empty where there are none.
    private func tap(_ number: Int) -> [String] {
        guard hasTaps else { return [] }
        let name = "qbench\(number)"
        // SAFETY: the text is a NUL-terminated copy that outlives the call.
        let isMade = unsafe meter_make_tap(name)
        return isMade ? [name] : []
    }

    /// Runs something with the CPU weight that the unit gives the daemon.
    ///
    /// - Parameter work: What to run; it is told whether the weight could be had.
    /// - Throws: What it throws.
    func weighted(_ work: (Bool) throws(BenchFailure) -> Void) throws(BenchFailure) {
        // At most one tree has the CPU.
        guard let layout = layouts.first(where: { $0.enter() }) else { return try work(false) }
        defer { layout.leave() }
        try work(true)
    }

    /// Puts a new process where it belongs.
    private func describe(_ pid: Int32) throws(BenchFailure) -> VMDescription {
        let roots = HostRoots()
        let number = vms.count + 1
        guard let process = QEMUProcess(pid: pid, roots: roots) else {
            throw BenchFailure(reason: "process \(pid) is gone")
        }
        let threads = QEMUThreads(of: process, cgroups: CgroupPaths(), roots: roots)
        guard threads.vcpus.count == vcpus else { throw BenchFailure(reason: "process \(pid) lacks threads") }
        for layout in layouts where !layout.place(number, pid: pid, threads.vcpus) {
            throw BenchFailure(reason: "no cgroup for VM \(number) in \(layout.mountPoint)")
        }
        let identity = VMIdentity(uuid: VMUUID(high: 1, low: UInt64(number)), generation: process.startTicks)
        let record = VMRecord(identity: identity, name: "bench-\(number)", vcpus: vcpus)
        return VMDescription(record: record, pid: pid, taps: [])
    }
}
