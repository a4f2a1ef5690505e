import Foundation
import Glibc
import HostReaders
import Sampling
import Signals
import Testing

/// A host whose kernel log is a pipe in packet mode, which gives one record for each read as the log does.
private final class LoggingHost {
    let path = FileManager.default.temporaryDirectory.path + "/quell-" + UUID().uuidString
    let sampler: HostSampler
    private let writer: Int32
    private var now = MonotonicTime(seconds: 100.0)
    private var sequence = 0

    /// Makes the tree from the fixture `v2` with two more devices.
    init(flags: String = "split_lock_detect", hasLog: Bool = true, hasIOMMU: Bool = true) throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try FileManager.default.copyItem(atPath: source.path + "/HostReadersTests/Fixtures/v2", toPath: path)
        try Self.write(path + "/proc/cpuinfo", "flags\t\t: fpu \(flags)\n")
        if hasIOMMU { try Self.write(path + "/sys/class/iommu/dmar0/name", "") }
        for device in ["0000:3b:00.0", "0000:5e:00.0", "0001:5e:00.0"] {
            try Self.write(path + "/sys/bus/pci/devices/\(device)/vendor", "0x10de\n")
        }
        try FileManager.default.createDirectory(atPath: path + "/dev", withIntermediateDirectories: true)
        if hasLog {
            // SAFETY: the path is a NUL-terminated copy that outlives the call.
            let made = unsafe mkfifo(path + "/dev/kmsg", 0o600)
            try #require(made == 0)
        }
        sampler = HostSampler(roots: HostRoots(tree: path), hostCPUs: 2)
        // SAFETY: as above.
        writer = unsafe open(path + "/dev/kmsg", O_WRONLY | O_NONBLOCK)
        guard writer >= 0 else { return }
        // O_DIRECT, which makes packets, and F_SETPIPE_SZ, for 256 of them; Swift imports neither.
        #if arch(arm64)
        let direct: Int32 = 0o200000
        #else
        let direct: Int32 = 0o40000
        #endif
        try #require(fcntl(writer, F_SETFL, O_NONBLOCK | direct) == 0)
        try #require(fcntl(writer, 1_031, Int32(1 << 20)) > 0)
    }

    deinit {
        if writer >= 0 { close(writer) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, and its directory where it is missing.
    static func write(_ path: String, _ text: String) throws {
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Logs a line, by default as the kernel, as one record.
    func log(_ text: String, priority: Int = 4, skipping: Int = 0) {
        sequence += skipping
        let record = "\(priority),\(sequence),424069,-;\(text)\n SUBSYSTEM=pci\n"
        sequence += 1
        // SAFETY: the text is a copy of as many bytes as are written.
        let count = unsafe Glibc.write(writer, record, record.utf8.count)
        #expect(count == record.utf8.count)
    }

    /// Logs a line, where one is given, and ticks.
    func tick(logging text: String? = nil, priority: Int = 4, skipping: Int = 0) {
        if let text { log(text, priority: priority, skipping: skipping) }
        now = now.advanced(bySeconds: 1)
        sampler.tick(at: now)
    }

    /// Watches the VM of the fixture.
    @discardableResult
    func add(pciDevices: [String] = [], mdevs: [String] = [], uuid: UInt64 = 2) -> VMSlot {
        var vm = virtualMachineB()
        vm.record = VMRecord(
            identity: VMIdentity(uuid: VMUUID(high: 1, low: uuid), generation: 215_515),
            name: "vm",
            vcpus: 2
        )
        vm.pciDevices = pciDevices
        vm.mdevs = mdevs
        return sampler.add(vm)
    }

    func reading(_ signal: Signal, _ slot: VMSlot = VMSlot(0)) -> Reading { sampler.frame[slot, signal] }
}

@Suite("What the kernel's log tells of VMs")
struct KernelLogSourceTests {
    private let trap = "x86/split lock detection: #AC: CPU 0/KVM/4250 took a split_lock trap at address: 0x1e3"

    @Test("a split lock is the VM's whose vCPU it names, in its tick, and none is zero")
    func splitLocks() throws {
        let host = try LoggingHost()
        host.add()
        host.tick()
        #expect(host.reading(.busSplitLocks) == .missing)
        host.tick(logging: trap)
        #expect(host.reading(.busSplitLocks) == Reading(1))
        host.tick()
        #expect(host.reading(.busSplitLocks) == Reading(0))
        host.tick(logging: trap.replacing("KVM/4250", with: "KVM/4251"))
        #expect(host.reading(.busSplitLocks) == Reading(1))
    }

    @Test("a flood is read a part a tick, so that no tick grows with it, and nothing of it is lost")
    func flood() throws {
        let host = try LoggingHost()
        host.add()
        host.tick()
        for _ in 0..<200 { host.log(trap) }
        host.tick()
        #expect(host.reading(.busSplitLocks) == Reading(128))
        host.tick()
        #expect(host.reading(.busSplitLocks) == Reading(72))
        host.tick()
        #expect(host.reading(.busSplitLocks) == Reading(0))
        #expect(host.sampler.logLoss == LogLoss())
    }

    @Test("a thread that is no vCPU, a line that a process wrote and one that is cut blame nobody")
    func framed() throws {
        let host = try LoggingHost()
        host.add()
        host.tick()
        host.tick(logging: trap.replacing("/4250 took", with: "/4242 took"))
        #expect(host.reading(.busSplitLocks) == Reading(0))
        for priority in [12, 30, 2_044] {
            host.tick(logging: trap, priority: priority)
            #expect(host.reading(.busSplitLocks) == Reading(0))
        }
        host.tick(logging: trap.replacing("/4250 took", with: "/4250 took").replacing("address: 0x1e3", with: ""))
        #expect(host.reading(.busSplitLocks) == Reading(0))
    }

    @Test("records that were lost make the tick a reset, and the next is whole again")
    func lost() throws {
        let host = try LoggingHost()
        host.add(pciDevices: ["0000:3b:00.0"])
        host.tick()
        host.tick(logging: trap)
        host.tick(logging: trap, skipping: 7)
        #expect(host.reading(.busSplitLocks).quality == .reset)
        #expect(host.reading(.pciIOMMUFaults).quality == .reset)
        #expect(host.sampler.logLoss.records == 7)
        host.tick(logging: "split_lock_warn: 35 callbacks suppressed")
        #expect(host.sampler.logLoss.suppressed == 35)
        host.tick(logging: trap)
        #expect(host.reading(.busSplitLocks) == Reading(1))
    }

    @Test("without the log, or on a CPU that does not trap, split locks cannot be observed and are not zero")
    func notObservable() throws {
        let closed = try LoggingHost(hasLog: false)
        closed.add(pciDevices: ["0000:3b:00.0"])
        let old = try LoggingHost(flags: "sse2")
        old.add(pciDevices: ["0000:3b:00.0"])
        let open = try LoggingHost(hasIOMMU: false)
        open.add(pciDevices: ["0000:3b:00.0"])
        for _ in 0..<2 {
            closed.tick()
            old.tick()
            open.tick()
        }
        #expect(closed.reading(.busSplitLocks) == .notObservable && closed.reading(.pciIOMMUFaults) == .notObservable)
        #expect(old.reading(.busSplitLocks) == .notObservable && old.reading(.pciIOMMUFaults) == Reading(0))
        #expect(open.reading(.busSplitLocks) == Reading(0) && open.reading(.pciIOMMUFaults) == .notObservable)
    }

    @Test(
        "DMA faults are the VM's that has the device; where two segments have one, a line without segment blames nobody"
    )
    func faults() throws {
        let host = try LoggingHost()
        let first = host.add(pciDevices: ["0000:3b:00.0"])
        let second = host.add(pciDevices: ["0001:5e:00.0"], uuid: 3)
        let third = host.add(uuid: 4)
        host.tick()
        host.tick(logging: "DMAR: [DMA Read NO_PASID] Request device [3b:00.0] fault addr 0x0")
        #expect(host.reading(.pciIOMMUFaults, first) == Reading(1))
        #expect(host.reading(.pciIOMMUFaults, second) == Reading(0))
        #expect(host.reading(.pciIOMMUFaults, third) == .notObservable)
        host.tick(logging: "DMAR: [DMA Read NO_PASID] Request device [5e:00.0] fault addr 0x0")
        #expect(host.reading(.pciIOMMUFaults, second) == Reading(0))
        host.tick(logging: "vfio-pci 0001:5e:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0037 address=0x0]")
        #expect(host.reading(.pciIOMMUFaults, second) == Reading(1))
        host.tick(logging: "vfio-pci 0000:5e:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0037 address=0x0]")
        #expect(host.reading(.pciIOMMUFaults, second) == Reading(0))
    }

    @Test("a device that is unplugged, and a VM that is gone, are blamed no more")
    func unwatched() throws {
        let host = try LoggingHost()
        let slot = host.add(pciDevices: ["0000:3b:00.0"])
        host.tick()
        var vm = virtualMachineB()
        vm.pciDevices = []
        host.sampler.update(vm)
        host.tick(logging: "DMAR: [DMA Read NO_PASID] Request device [3b:00.0] fault addr 0x0")
        #expect(host.reading(.pciIOMMUFaults, slot) == .notObservable)
        host.sampler.remove(vm.record.identity)
        host.tick(logging: trap)
        let next = host.add(uuid: 9)
        #expect(next == slot)
        host.tick()
        #expect(host.reading(.busSplitLocks, next) == .missing)
    }

    @Test("errors of NVIDIA's driver are told of every VM with a part of the GPU, and not of one that has it whole")
    func gpuErrors() throws {
        let host = try LoggingHost()
        let link = { (at: String, to: String) in
            let path = host.path + "/sys/bus/" + at
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: to)
        }
        let uuid = "c0ffee00-0000-4000-8000-000000000001"
        try link("mdev/devices/" + uuid, "../../../devices/pci0000:3a/0000:3b:00.0/" + uuid)
        try link("pci/devices/0000:3b:00.0/driver", "../../../../bus/pci/drivers/nvidia")
        try link("pci/devices/0000:3b:00.4/physfn", "../0000:3b:00.0")
        try link("pci/devices/0000:5e:00.0/driver", "../../../../bus/pci/drivers/vfio-pci")
        let mediated = host.add(mdevs: [uuid])
        let virtual = host.add(pciDevices: ["0000:3b:00.4"], uuid: 3)
        let whole = host.add(pciDevices: ["0000:5e:00.0"], uuid: 4)
        host.tick()
        host.tick(logging: "NVRM: Xid (PCI:0000:3b:00): 31, pid=79749, name=exe")
        #expect(host.reading(.gpuXID, mediated) == Reading(1))
        #expect(host.reading(.gpuXID, virtual) == Reading(1))
        #expect(host.reading(.gpuXID, whole) == .notObservable)
        host.tick(logging: "NVRM: Xid (PCI:0000:5e:00): 31, pid=79749, name=exe")
        #expect(host.reading(.gpuXID, mediated) == Reading(0))
    }
}
