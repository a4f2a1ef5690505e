/// What a line of the kernel's log tells of a VM.
///
/// Lines are known by how they begin, never by what they hold, since a name that somebody chose may stand in the middle
/// of any line.
public enum KernelEvent: Equatable, Sendable {
    /// A thread locked the memory bus by an access that splits a cache line, or otherwise.
    ///
    /// `split_lock_warn`, `handle_bus_lock` and `handle_guest_split_lock` of `arch/x86/kernel/cpu`: one line for the first
    /// split lock of a thread, and at most 10 in 5 s of all threads.
    case busLock(thread: Int32)
    /// A device reached for memory that is not mapped for it.
    ///
    /// Intel's lines name no segment; `isLocal` says that the segment is not known. All kinds are limited by the kernel to
    /// 10 in 5 s.
    case iommuFault(PCIAddress, isLocal: Bool)
    /// NVIDIA's driver reported an error (`Xid`) of a GPU, here by its first function.
    case gpuError(PCIAddress)
    /// The kernel left out this many lines of one of these kinds.
    case suppressed(UInt64)

    /// Understands the text of a record; `nil` for all other lines.
    ///
    /// - Parameter text: The text without its newline.
    public init?(_ text: Span<UInt8>) {
        guard text.count > 16 else { return nil }
        var index = 0
        let event: KernelEvent?
        switch text[0] {
        case UInt8(ascii: "x"):
            event = Self.pass("x86/split lock detection: #", text, &index) ? Self.lock(text, &index) : nil
        case UInt8(ascii: "#"):
            index = 1
            event = Self.lock(text, &index)
        case UInt8(ascii: "D"): event = Self.intel(text)
        case UInt8(ascii: "N"): event = Self.nvidia(text)
        default: event = Self.amd(text) ?? Self.arm(text) ?? Self.limit(text)
        }
        guard let event else { return nil }
        self = event
    }

    /// `AC: CPU 0/KVM/1234 took a split_lock trap at address: 0x1e3`, after the `#`.
    ///
    /// A thread's name may hold anything, but in 15 bytes it cannot hold what follows it.
    private static func lock(_ text: Span<UInt8>, _ index: inout Int) -> KernelEvent? {
        let isSplit = pass("AC: ", text, &index)
        guard isSplit || pass("DB: ", text, &index) else { return nil }
        let start = index
        while index < text.count {
            let end = index
            let isTrap =
                pass(" took a split_lock trap at address: 0x", text, &index)
                || pass(" fatal split_lock trap at address: 0x", text, &index)
                || pass(" bogus split_lock trap at address: 0x", text, &index)
                || pass(" took a bus_lock trap at address: 0x", text, &index)
            if isTrap { return thread(text, from: start, before: end).map { .busLock(thread: $0) } }
            index += 1
        }
        return nil
    }

    /// The number between the last slash and `end`.
    private static func thread(_ text: Span<UInt8>, from start: Int, before end: Int) -> Int32? {
        var index = end
        while index > start, text[index - 1] &- UInt8(ascii: "0") < 10 { index -= 1 }
        guard index > start, text[index - 1] == UInt8(ascii: "/"), index < end else { return nil }
        return Scan.number(text, &index).flatMap { Int32(exactly: $0) }
    }

    /// Intel's line: `DMAR: [DMA Read NO_PASID] Request device [3b:00.0] fault addr 0x0`.
    ///
    /// Old kernels have no blank after the colon, and 5.14 writes `0x` before the numbers. Interrupts that were refused
    /// (`INTR-REMAP`) count as well.
    private static func intel(_ text: Span<UInt8>) -> KernelEvent? {
        var index = 0
        guard pass("DMAR:", text, &index) else { return nil }
        Scan.skipBlanks(text, &index)
        guard pass("[DMA Read", text, &index) || pass("[DMA Write", text, &index) || pass("[INTR-REMAP", text, &index)
        else { return nil }
        while index < text.count, text[index] != UInt8(ascii: "]") { index += 1 }
        guard pass("] Request device [", text, &index), let address = PCIAddress(local: text, &index),
            Scan.at(UInt8(ascii: "]"), text, index)
        else { return nil }
        return .iommuFault(address, isLocal: true)
    }

    /// `vfio-pci 0000:3b:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT …`, or without the device in front
    /// `AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:3b:00.0 …`, which older kernels write without a segment.
    private static func amd(_ text: Span<UInt8>) -> KernelEvent? {
        var index = 0
        if pass("AMD-Vi: Event logged [", text, &index) {
            while index < text.count, text[index] != Scan.space, text[index] != UInt8(ascii: "]") { index += 1 }
            guard pass(" device=", text, &index) else { return nil }
            var short = index
            if let address = PCIAddress(text, &index), Scan.at(Scan.space, text, index) {
                return .iommuFault(address, isLocal: false)
            }
            guard let address = PCIAddress(local: text, &short), Scan.at(Scan.space, text, short) else { return nil }
            return .iommuFault(address, isLocal: true)
        }
        guard Scan.skipField(text, &index), Scan.at(Scan.space, text, index) else { return nil }
        index += 1
        guard let address = PCIAddress(text, &index), pass(": AMD-Vi: Event logged [", text, &index) else { return nil }
        return .iommuFault(address, isLocal: false)
    }

    /// `arm-smmu-v3 arm-smmu-v3.0.auto: event: F_TRANSLATION client: 0000:3b:00.0 sid: …`, there since Linux 6.14.
    private static func arm(_ text: Span<UInt8>) -> KernelEvent? {
        var index = 0
        guard pass("arm-smmu-v3 ", text, &index), Scan.skipField(text, &index), pass(" event: ", text, &index),
            Scan.skipField(text, &index), pass(" client: ", text, &index), let address = PCIAddress(text, &index),
            Scan.at(Scan.space, text, index)
        else { return nil }
        return .iommuFault(address, isLocal: false)
    }

    /// `NVRM: Xid (PCI:0000:3b:00): 79, …`.
    private static func nvidia(_ text: Span<UInt8>) -> KernelEvent? {
        var index = 0
        guard pass("NVRM: Xid (PCI:", text, &index), let segment = PCIAddress.hex(text, &index, upTo: 8),
            Scan.at(Scan.colon, text, index)
        else { return nil }
        index += 1
        guard let bus = PCIAddress.hex(text, &index, upTo: 2), Scan.at(Scan.colon, text, index) else { return nil }
        index += 1
        guard let device = PCIAddress.hex(text, &index, upTo: 2), device < 32, pass("): ", text, &index),
            Scan.number(text, &index) != nil
        else { return nil }
        return .gpuError(PCIAddress(segment: segment, bus: UInt8(bus), device: UInt8(device), function: 0))
    }

    /// `dmar_fault: 8 callbacks suppressed`, for the lines understood here.
    private static func limit(_ text: Span<UInt8>) -> KernelEvent? {
        var index = 0
        let isKnown =
            pass("split_lock_warn: ", text, &index) || pass("handle_bus_lock: ", text, &index)
            || pass("dmar_fault: ", text, &index) || pass("amd_iommu_report_page_fault: ", text, &index)
            || pass("amd_iommu_int_thread: ", text, &index) || pass("arm_smmu_evtq_thread: ", text, &index)
        guard isKnown, let count = Scan.number(text, &index), pass(" callbacks suppressed", text, &index) else {
            return nil
        }
        return .suppressed(count)
    }

    /// Passes `word` where it stands at `index`; else moves nothing and says `false`.
    private static func pass(_ word: StaticString, _ text: Span<UInt8>, _ index: inout Int) -> Bool {
        let length = word.utf8CodeUnitCount
        guard text.count - index >= length else { return false }
        for place in 0..<length {
            // SAFETY: `utf8Start` points to `length` bytes that live as long as the process.
            guard unsafe word.utf8Start[place] == text[index + place] else { return false }
        }
        index += length
        return true
    }
}
