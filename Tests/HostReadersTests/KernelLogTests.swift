import Foundation
import Glibc
import Testing

@testable import HostReaders

@Suite("Kernel log")
struct KernelLogTests {
    /// The text of a record; `nil` where the record is refused.
    private func text(_ record: String) -> String? {
        let bytes = Array(record.utf8)
        guard let record = try? KernelLogRecord(bytes.span) else { return nil }
        return String(decoding: bytes[record.text], as: UTF8.self)
    }

    private func event(_ text: String) -> KernelEvent? {
        let bytes = Array(text.utf8)
        return KernelEvent(bytes.span)
    }

    @Test("a record gives its facility, level, number and text without the keys that follow")
    func record() throws {
        let record = try parse("7,160,424069,-;pci_root PNP0A03:00: host bridge\n SUBSYSTEM=acpi\n DEVICE=+acpi:0\n") {
            bytes throws(Malformed) in try KernelLogRecord(bytes)
        }
        #expect(record.facility == 0 && record.level == 7 && record.sequence == 160 && !record.isFragment)
        #expect(
            text("7,160,424069,-;pci_root PNP0A03:00: host bridge\n SUBSYSTEM=acpi\n")
                == "pci_root PNP0A03:00: host bridge"
        )
        #expect(text("6,1,2,-,caller=T1,new=3;a;b\n") == "a;b")
        #expect(text("6,1,2,-;\n") == "")
        let user = try parse("30,340,5690716,c;udevd[80]: starting\n") {
            bytes throws(Malformed) in try KernelLogRecord(bytes)
        }
        #expect(user.facility == 3 && user.level == 6 && user.isFragment)
    }

    @Test(
        "a record that is cut or is none is refused",
        arguments: [
            "", "\n", "6", "6,", "6,1", "6,1,2", "6,1,2,", "6,1,2,-", "6,1,2,-\n", "6,1,2,-;", "6,1,2,-;cut",
            "x,1,2,-;a\n",
            "6,99999999999999999999,2,-;a\n", "-1,1,2,-;a\n", " 6,1,2,-;a\n",
        ]
    )
    func malformed(record: String) {
        #expect(text(record) == nil)
    }

    @Test("split and bus locks name their thread, whatever the thread is called")
    func locks() {
        let head = "x86/split lock detection: "
        let trap = " took a split_lock trap at address: 0x1e3"
        #expect(event(head + "#AC: CPU 0/KVM/1234" + trap) == .busLock(thread: 1_234))
        #expect(event("#AC: qemu-system-x86/373232" + trap) == .busLock(thread: 373_232))
        #expect(event(head + "#DB: CPU 11/KVM/77 took a bus_lock trap at address: 0x4011ae") == .busLock(thread: 77))
        #expect(event(head + "#AC: CPU 0/KVM/5 fatal split_lock trap at address: 0x1") == .busLock(thread: 5))
        #expect(event(head + "#AC: CPU 0/KVM/5 bogus split_lock trap at address: 0x1") == .busLock(thread: 5))
        // Names chosen to blame thread 1234: the number before the kernel's own words is the thread's.
        #expect(event(head + "#AC: a/1234 took a s/99" + trap) == .busLock(thread: 99))
        #expect(event(head + "#AC: /1234 took a/99" + trap) == .busLock(thread: 99))
        #expect(event(head + #"#AC: \x0a/1234/99"# + trap) == .busLock(thread: 99))
    }

    @Test(
        "other lines and damaged ones say nothing of a thread",
        arguments: [
            "x86/split lock detection: #AC: crashing the kernel on kernel split_locks and warning on user-space split_locks",
            "x86/split lock detection: #AC: CPU 0/KVM/1234 took a split_lock trap",
            "x86/split lock detection: #AC: CPU 0/KVM/ took a split_lock trap at address: 0x1",
            "x86/split lock detection: #AC: 1234 took a split_lock trap at address: 0x1",
            "x86/split lock detection: #AC: a/99999999999 took a split_lock trap at address: 0x1",
            "x86/split lock detection: #AC: a/12b4 took a split_lock trap at address: 0x1",
            "x86/split lock detection: #XX: a/1234 took a split_lock trap at address: 0x1",
            "usb 1-1: Product: x86/split lock detection: #AC: a/1234 took a split_lock trap at address: 0x1",
        ]
    )
    func noLocks(line: String) {
        #expect(event(line) == nil)
    }

    @Test("DMA faults name their device, in the words of every IOMMU")
    func faults() {
        let device = PCIAddress(bus: 0x3b, device: 0, function: 1)
        let rest = " fault addr 0x0 [fault reason 0x06] PTE Read access is not set"
        for line in [
            "DMAR: [DMA Read NO_PASID] Request device [3b:00.1]" + rest,
            "DMAR: [DMA Write] Request device [3b:00.1] PASID ffffffff" + rest,
            "DMAR: [DMA Write PASID 0x12] Request device [0x3b:0x00.1]" + rest,
            "DMAR:[DMA Read] Request device [3b:00.1]" + rest,
            "DMAR: [INTR-REMAP] Request device [3b:00.1] fault index 0x1c [fault reason 0x26]",
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=3b:00.1 domain=0x001d address=0x637c000 flags=0x0000]",
        ] {
            #expect(event(line) == .iommuFault(device, isLocal: true), "\(line)")
        }
        var far = device
        far.segment = 0x1_0000
        for line in [
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=10000:3b:00.1 domain=0x001d address=0x1 flags=0x0000]",
            "vfio-pci 10000:3b:00.1: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0037 address=0x7b657064 flags=0x0000]",
            "arm-smmu-v3 arm-smmu-v3.0.auto: event: F_TRANSLATION client: 10000:3b:00.1 sid: 0x8 ssid: 0 iova: 0 ipa: 0",
        ] {
            #expect(event(line) == .iommuFault(far, isLocal: false), "\(line)")
        }
    }

    @Test(
        "lines of an IOMMU that name no device, and damaged ones, say nothing",
        arguments: [
            "DMAR: DRHD: handling fault status reg 2", "DMAR: [DMA Read NO_PASID] Request device [3b:00",
            "DMAR: [DMA Read NO_PASID] Request device [3b:20.0] fault addr 0x0",
            "DMAR: [DMA Read NO_PASID] Request device [3b:00.8] fault addr 0x0",
            "DMAR: [DMA Read NO_PASID] Request device [13b:00.0] fault addr 0x0",
            "DMAR: [DMA Read NO_PASID] Request device [07.00.1] fault addr", "DMAR: [DMA Read",
            "AMD-Vi: Event logged [COMMAND_HARDWARE_ERROR address=0x0 flags=0x0]",
            "AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e address=0x0 flags=0x0000]",
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=3b:00.1", "vfio-pci 0000:3b:00.1: AMD-Vi: Event",
            "a b 0000:3b:00.1: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0037]",
            "arm-smmu-v3 arm-smmu-v3.0.auto: event: C_BAD_STE client: (unassigned sid) sid: 0x8",
        ]
    )
    func noFaults(line: String) {
        #expect(event(line) == nil)
    }

    @Test("errors of NVIDIA's driver name the GPU, and what the kernel left out is counted")
    func others() {
        let gpu = PCIAddress(segment: 0, bus: 0x83, device: 0, function: 0)
        #expect(event("NVRM: Xid (PCI:0000:83:00): 79, GPU has fallen off the bus.") == .gpuError(gpu))
        #expect(event("NVRM: Xid (PCI:0000:83:00): 31, pid=79749, name=exe, Ch 0000000a") == .gpuError(gpu))
        #expect(event("NVRM: Xid (PCI:0000:83:00): ") == nil)
        #expect(event("NVRM: Xid (PCI:0000:83): 79, x") == nil)
        #expect(event("NVRM: GPU 0000:01:00.0: GPU has fallen off the bus.") == nil)
        #expect(event("split_lock_warn: 35 callbacks suppressed") == .suppressed(35))
        #expect(event("dmar_fault: 8 callbacks suppressed") == .suppressed(8))
        #expect(event("net_ratelimit: 8 callbacks suppressed") == nil)
        #expect(event("dmar_fault: callbacks suppressed") == nil)
    }

    @Test("of a log as a host gives it, exactly the kernel's own lines about VMs are understood")
    func fixture() throws {
        let whole = try #require(HostDirectory.text(of: Fixtures.directory + "/devices/log/kmsg"))
        var records: [String] = []
        for line in whole.split(separator: "\n") {
            if line.hasPrefix(" ") {
                records[records.count - 1] += line + "\n"
            } else {
                records.append(line + "\n")
            }
        }
        let device = PCIAddress(bus: 0x3b, device: 0, function: 0)
        var events: [KernelEvent] = []
        for (index, line) in records.enumerated() {
            let bytes = Array(line.utf8)
            let record = try KernelLogRecord(bytes.span)
            #expect(record.sequence == 158 + UInt64(index))
            guard record.facility == 0 else { continue }
            if let event = KernelEvent(bytes.span.extracting(record.text)) { events.append(event) }
        }
        #expect(
            events == [
                .busLock(thread: 3_213), .busLock(thread: 3_214), .suppressed(35),
                .iommuFault(device, isLocal: true), .iommuFault(device, isLocal: false), .gpuError(device),
            ]
        )
    }

    @Test("addresses are read as sysfs writes them and nothing else is")
    func addresses() {
        #expect(PCIAddress("0000:3b:1f.7") == PCIAddress(segment: 0, bus: 0x3b, device: 0x1f, function: 7))
        #expect(PCIAddress("10000:00:00.0")?.segment == 0x1_0000)
        #expect(PCIAddress("0000:3b:00.1")?.firstFunction == PCIAddress("0000:3b:00.0"))
        for text in [
            "", "0000", "0000:3b", "0000:3b:00", "0000:3b:00.", "0000:3b:00.8", "0000:3b:20.0", "0000:3b:00.0 ",
            "3b:00.0", "0000:3b:00.0/..",
        ] {
            #expect(PCIAddress(text) == nil, "\(text)")
        }
    }

    @Test("what is not there or may not be read is told apart from what says nothing yet")
    func readable() throws {
        let scratch = try Scratch()
        #expect(KernelLog(roots: scratch.roots).access == .absent)
        #expect(FileAccess(scratch.path + "/none") == .absent)
        try scratch.write("dev/none", "")
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let made = unsafe mkfifo(scratch.path + "/dev/kmsg", 0o600)
        #expect(made == 0)
        let log = KernelLog(roots: scratch.roots)
        #expect(log.access == .readable)
        var buffer = ReadBuffer(capacity: 64)
        #expect(log.next(into: &buffer) == .end)
        // SAFETY: as above.
        let writer = unsafe open(scratch.path + "/dev/kmsg", O_WRONLY | O_NONBLOCK)
        try #require(writer >= 0)
        defer { close(writer) }
        #expect(log.next(into: &buffer) == .end)
        #expect(put("6,1,2,-;a\n", writer))
        #expect(log.next(into: &buffer) == .record(10))
        #expect(log.next(into: &buffer) == .end)
    }

    @Test("nothing to read is no fault, and records that were written over are told")
    func outcomes() {
        #expect(KernelLog.outcome(of: EAGAIN) == .end)
        #expect(KernelLog.outcome(of: EPIPE) == .overrun)
        #expect(KernelLog.outcome(of: EIO) == .failed(EIO))
    }

    /// Writes a line; says whether it was taken whole.
    private func put(_ line: String, _ descriptor: Int32) -> Bool {
        // SAFETY: the text is a copy of as many bytes as are written.
        unsafe write(descriptor, line, line.utf8.count) == line.utf8.count
    }

    /// Whether this host's own log can be read and written.
    static let hasLog =
        FileManager.default.isWritableFile(atPath: "/dev/kmsg")
        && KernelLog(roots: HostRoots()).access == .readable

    @Test(
        "a line that a process wrote to the real log comes as one record, and not as the kernel's",
        .enabled(if: hasLog, "needs a /dev/kmsg that may be read and written")
    )
    func realLog() throws {
        let log = KernelLog(roots: HostRoots())
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let writer = unsafe open("/dev/kmsg", O_WRONLY)
        try #require(writer >= 0)
        defer { close(writer) }
        // Priority 4 of facility 0, which the kernel does not take over from a process.
        let line = "<4>x86/split lock detection: #AC: quell-test/1 took a split_lock trap at address: 0x1"
        var buffer = ReadBuffer()
        var found = false
        // A busy host may write over the line before it is read, so that it is written again.
        for _ in 0..<10 where !found {
            #expect(put(line, writer))
            reading: while true {
                switch log.next(into: &buffer) {
                case .end, .failed: break reading
                case .overrun: continue
                case .record(let count):
                    let bytes = Array(buffer.storage[..<count])
                    let record = try KernelLogRecord(bytes.span)
                    guard String(decoding: bytes[record.text], as: UTF8.self).contains("quell-test/1") else { continue }
                    found = true
                    #expect(record.facility == 1)
                    #expect(KernelEvent(bytes.span.extracting(record.text)) == .busLock(thread: 1))
                }
            }
        }
        #expect(found)
    }
}
