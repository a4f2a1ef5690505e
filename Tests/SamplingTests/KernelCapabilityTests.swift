import HostReaders
import Sampling
import Signals
import Testing

@Suite("Capabilities of the kernel's log, devices, power and threads")
struct KernelCapabilityTests {
    private func judged(_ signal: Signal, _ facts: HostFacts) -> Capability? {
        CapabilityProbe.judge(facts).first { $0.signal == signal }
    }

    /// Why a signal is not available; `nil` where it is, if only in part.
    private func lack(_ signal: Signal, _ facts: HostFacts) -> String? {
        guard case .notAvailable(let why) = judged(signal, facts)?.state else { return nil }
        return why
    }

    private func isDegraded(_ signal: Signal, _ facts: HostFacts) -> Bool {
        guard case .degraded = judged(signal, facts)?.state else { return false }
        return true
    }

    @Test("split locks take a CPU that traps them, a kernel that is told to, and its log")
    func splitLocks() {
        var facts = HostFacts()
        facts.kernelLog = .readable
        #expect(lack(.busSplitLocks, facts)?.contains("does not trap") == true)
        facts.cpuFlags = ["bus_lock_detect"]
        #expect(isDegraded(.busSplitLocks, facts))
        facts.cpuFlags = ["split_lock_detect"]
        #expect(isDegraded(.busSplitLocks, facts))
        facts.bootParameters = ["split_lock_detect=off"]
        #expect(lack(.busSplitLocks, facts)?.contains("switched off") == true)
        facts.bootParameters = []
        facts.kernelLog = .denied
        #expect(judged(.busSplitLocks, facts)?.remedy?.contains("CAP_SYSLOG") == true)
        facts.kernelLog = .absent
        #expect(lack(.busSplitLocks, facts)?.contains("/dev/kmsg") == true)
    }

    @Test("DMA faults take an IOMMU and the log, PCIe errors a device that counts them")
    func pci() {
        var facts = HostFacts()
        #expect(lack(.pciIOMMUFaults, facts)?.contains("IOMMU") == true)
        facts.hasIOMMU = true
        #expect(lack(.pciIOMMUFaults, facts)?.contains("/dev/kmsg") == true)
        facts.kernelLog = .readable
        #expect(isDegraded(.pciIOMMUFaults, facts))
        #expect(lack(.pciAERErrors, facts)?.contains("AER") == true)
        facts.hasAER = true
        #expect(isDegraded(.pciAERErrors, facts))
    }

    @Test("power is told only with a limit, and the frequency of a virtual machine with a reserve")
    func power() {
        var facts = HostFacts()
        #expect(lack(.hostPowerHeadroom, facts)?.contains("powercap") == true)
        facts.power = .denied
        #expect(judged(.hostPowerHeadroom, facts)?.remedy?.contains("CAP_DAC_READ_SEARCH") == true)
        facts.power = .unlimited
        #expect(lack(.hostPowerHeadroom, facts)?.contains("no power limit") == true)
        facts.power = .limited
        #expect(judged(.hostPowerHeadroom, facts)?.state == .available)
        #expect(lack(.hostFrequency, facts) != nil)
        facts.frequency = .cpuinfo
        #expect(isDegraded(.hostFrequency, facts))
        facts.frequency = .scaling
        #expect(judged(.hostFrequency, facts)?.state == .available)
    }

    @Test("swap, moves and waits say what the kernel lacks")
    func threads() {
        var facts = HostFacts()
        for signal in [Signal.memSwapHeld, .cpuMigrations, .qemuRunDelay] { #expect(lack(signal, facts) != nil) }
        facts.unifiedControllers = ["memory", "pids"]
        #expect(lack(.memSwapHeld, facts)?.contains("swap") == true)
        facts.accountsSwap = true
        facts.hasSchedFile = true
        facts.hasSchedStat = true
        facts.hasPIDs = true
        for signal in [Signal.memSwapHeld, .cpuMigrations, .qemuRunDelay, .qemuThreads, .qemuFDs] {
            #expect(judged(signal, facts)?.state == .available, "\(signal)")
        }
        #expect(judged(.qemuThreads, facts)?.source.contains("pids.current") == true)
        #expect(judged(.qemuFDs, facts)?.source.contains("/proc/<pid>") == true)
    }

    @Test("a host is looked at as it is")
    func probing() throws {
        let tree = try HostTree("v2")
        let bare = HostFacts(probing: tree.roots, libvirt: .reachable)
        #expect(bare.kernelLog == .absent && bare.power == .absent && bare.frequency == nil)
        #expect(!bare.hasAER && !bare.hasIOMMU && !bare.hasSchedFile && !bare.accountsSwap)
        try tree.create("dev/kmsg", "")
        try tree.create("proc/cmdline", "root=/dev/vda split_lock_detect=off\n")
        try tree.create("proc/swaps", "Filename\n")
        try tree.create("proc/self/sched", "")
        try tree.create("sys/class/iommu/dmar0/name", "")
        try tree.create("sys/bus/pci/devices/0000:3b:00.0/aer_dev_correctable", "")
        try tree.create("sys/class/powercap/intel-rapl:0/name", "package-0\n")
        try tree.create("sys/class/powercap/intel-rapl:0/max_energy_range_uj", "9\n")
        try tree.create("sys/class/powercap/intel-rapl:0/energy_uj", "1\n")
        let rich = HostFacts(probing: tree.roots, libvirt: .reachable)
        #expect(rich.kernelLog == .readable && rich.power == .unlimited)
        #expect(rich.bootParameters.contains("split_lock_detect=off"))
        #expect(rich.hasAER && rich.hasIOMMU && rich.hasSchedFile && rich.accountsSwap)
        try tree.create("proc/cmdline", "swapaccount=0\n")
        #expect(!HostFacts(probing: tree.roots, libvirt: .reachable).accountsSwap)
    }
}
