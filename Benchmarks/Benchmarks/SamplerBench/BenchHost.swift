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

    private let name = "quell-bench-\(getpid())"
    private let program: String
    private let layouts: [CgroupLayout]

    /// Prepares a host without VMs.
    ///
    /// - Parameters:
    ///   - vcpus: vCPUs of each VM.
    ///   - mayUseCgroups: Whether to put VMs into cgroups where that is possible.
    /// - Throws: Where nothing can be started.
    init(vcpus: Int, mayUseCgroups: Bool) throws(BenchFailure) {
        self.vcpus = vcpus
        // SAFETY: the result is copied into a string at once; glibc allocated it and the process ends before it matters.
        guard let resolved = unsafe realpath("/proc/self/exe", nil) else { throw BenchFailure(reason: "no /proc") }
        let own = unsafe String(cString: resolved)
        unsafe free(resolved)
        program = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/BenchGuest"
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        guard unsafe access(program, X_OK) == 0 else { throw BenchFailure(reason: "\(program) is not built") }

        let found = mayUseCgroups && meter_is_root() ? CgroupLayout.all(name) : []
        layouts = found
        hasCgroups = !found.isEmpty
        if hasCgroups {
            let mounts = found.map(\.mountPoint).joined(separator: ":")
            // SAFETY: the texts are NUL-terminated copies that outlive the call.
            guard unsafe meter_start_janitor(program, name, mounts) else { throw BenchFailure(reason: "no janitor") }
        }
        for layout in found { layout.begin() }
        hasTaps = meter_is_root() && meter_private_network()
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

    /// A sampler that watches the first VMs.
    ///
    /// - Parameter count: How many, at most as many as there are.
    /// - Returns: The sampler, without a tick yet.
    func sampler(of count: Int) -> HostSampler {
        let sampler = HostSampler(hostCPUs: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        for vm in vms.prefix(count) { sampler.add(vm) }
        return sampler
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
        var taps: [String] = []
        // SAFETY: the text is a NUL-terminated copy that outlives the call.
        if hasTaps, unsafe meter_make_tap("qbench\(number)") { taps = ["qbench\(number)"] }
        let identity = VMIdentity(uuid: VMUUID(high: 1, low: UInt64(number)), generation: process.startTicks)
        let record = VMRecord(identity: identity, name: "bench-\(number)", vcpus: vcpus)
        return VMDescription(record: record, pid: pid, taps: taps)
    }
}
