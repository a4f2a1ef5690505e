internal import HostReaders
internal import TestSupport

extension FuzzParser {
    /// The kernel's log, and the files of devices, threads and CPU packages.
    static let devices: [FuzzParser] = [
        .file("kmsg", logLines.map { "4,1234,567890,-;\($0)\n SUBSYSTEM=pci\n DEVICE=+pci:0000:3b:00.0\n" }) {
            bytes,
            seen throws(Malformed) in
            let record = try KernelLogRecord(bytes)
            seen.number(record.sequence)
            seen.number(record.facility << 3 | record.level)
            let isInside = record.text.lowerBound >= 0 && record.text.upperBound < bytes.count
            seen.expect(isInside, "the text \(record.text) is in the record")
            if isInside { _ = KernelEvent(bytes.extracting(record.text)) }
        },
        FuzzParser("kernel-event", seeds: logLines.map { Array($0.utf8) }) { bytes in
            KernelEvent(bytes.span) == nil ? .refused : .taken
        },
        .file(
            "aer",
            ["RxErr 0\nBadTLP 2\nTimeout 0\nTOTAL_ERR_COR 2\n", "Undefined 0\nDLP 0\nTOTAL_ERR_FATAL 0\n"]
        ) { bytes, seen throws(Malformed) in
            seen.number(try AERTotal(bytes).count)
        },
        .file(
            "sched",
            ["CPU 0/KVM (4250, #threads: 5)\n-----\nse.exec_start     :  5.1\nse.nr_migrations    :       12\n"]
        ) { bytes, seen throws(Malformed) in
            seen.number(try MigrationCount(bytes).count)
        },
        FuzzParser(
            "cpuinfo-mhz",
            seeds: [Array("processor\t: 0\ncpu MHz\t\t: 2899.998\nflags\t\t: fpu\n\ncpu MHz\t\t: 1200.000\n".utf8)]
        ) { bytes in
            guard let hertz = CPUInfoFrequency(bytes.span).hertz else { return .refused }
            return hertz.isFinite && hertz > 0 ? .taken : .broken("\(hertz) Hz")
        },
        .binary("inotify", [directoryEvents]) { bytes in
            let events = DirectoryWatch.events(in: bytes)
            guard events.count <= bytes.count / 16 else { return .broken("\(events.count) events") }
            let names = events.reduce(0) { $0 + $1.name.unicodeScalars.count }
            guard names <= bytes.count, !events.contains(where: { $0.name.utf8.contains(0) }) else {
                return .broken("names that are not in the input")
            }
            return events.isEmpty ? .refused : .taken
        },
        .text("pci-address", ["0000:3b:00.0", "10000:e1:1f.7"]) { PCIAddress($0) != nil },
    ]

    /// A file that is closed, one that is moved in, a directory that goes, and events that are lost (`inotify(7)`).
    private static let directoryEvents: [UInt8] = {
        func event(_ watch: UInt32, _ mask: UInt32, _ name: String = "") -> [UInt8] {
            let text = Array(name.utf8) + [UInt8](repeating: 0, count: name.isEmpty ? 0 : 16 - name.utf8.count % 16)
            return [watch, mask, 7, UInt32(text.count)].flatMap { NetlinkBytes.number($0) } + text
        }
        return event(1, 0x8, "50-site.yaml") + event(1, 0x80, "a-file-with-a-longer-name.yaml") + event(2, 0x400)
            + event(.max, 0x4000)
    }()

    /// Lines that the kernel's drivers print.
    private static let logLines = [
        "x86/split lock detection: #AC: CPU 0/KVM/4250 took a split_lock trap at address: 0x1e3",
        "x86/split lock detection: #DB: CPU 1/KVM/4251 took a bus_lock trap at address: 0xffff8000",
        "DMAR: [DMA Read NO_PASID] Request device [3b:00.0] fault addr 0xdeadb000 [fault reason 0x06] PTE Read access",
        "vfio-pci 0000:3b:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee0 flags=0x0070]",
        "NVRM: Xid (PCI:0000:3b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
        "handle_bus_lock: 42 callbacks suppressed",
    ]
}
