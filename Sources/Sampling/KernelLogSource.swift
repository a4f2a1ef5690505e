internal import HostReaders
internal import Signals

/// What the kernel's log tells of VMs: split locks, DMA faults of their devices, errors of NVIDIA's driver.
///
/// One read a tick while nothing is logged. The kernel limits these lines (see ``KernelEvent``), so that every rate is a
/// lower bound. Only what the kernel itself logged counts: anybody who may write to the device could blame a VM else.
final class KernelLogSource: SharedSource {
    /// Records read in one tick at most; what is left waits for the next.
    static let limit = 128

    private let log: KernelLog
    private let roots: HostRoots
    /// Whether the CPU traps split locks, so that no line means no lock.
    private let hasLockTraps: Bool
    /// Whether devices go through an IOMMU, so that no line means no fault.
    private let hasIOMMU: Bool
    private var rows: [Row] = []
    private var threads: [Int32: Int] = [:]
    private var devices: [PCIAddress: Int] = [:]
    /// Devices of VMs at whose place another segment has one as well.
    private var twins: Set<PCIAddress> = []
    private var gpus: [PCIAddress: [Int]] = [:]
    private var isOverrun = false
    private var next: UInt64?

    /// What could not be read.
    private(set) var loss = LogLoss()

    /// What has been counted of the VM in one row since it is watched.
    private struct Row {
        var locks: UInt64 = 0
        var faults: UInt64 = 0
        var gpuErrors: UInt64 = 0
        var lockRate = Counter()
        var faultRate = Counter()
        var gpuErrorRate = Counter()
        var threads: [Int32] = []
        var devices: [PCIAddress] = []
        var gpus: [PCIAddress] = []
    }

    /// Opens the log; what it holds by now is not told.
    init(roots: HostRoots) {
        self.roots = roots
        log = KernelLog(roots: roots)
        let flags = HostFacts.cpuFlags(roots)
        hasLockTraps = flags.contains("split_lock_detect") || flags.contains("bus_lock_detect")
        hasIOMMU = !HostDirectory.names(in: roots.sys + "/class/iommu").isEmpty
    }

    func watch(_ vm: WatchedVM) {
        let index = vm.slot.index
        while rows.count <= index { rows.append(Row()) }
        release(index)
        let passed = vm.description.pciDevices.compactMap { PCIAddress($0) }
        rows[index].devices = passed
        for device in passed {
            devices[device] = index
            if PCIDriver.hasTwin(device, roots: roots) { twins.insert(device) }
        }
        var owned: [PCIAddress] = []
        for gpu in PCIDriver.gpus(of: vm.description, roots: roots) where !owned.contains(gpu) { owned.append(gpu) }
        rows[index].gpus = owned
        for gpu in owned { gpus[gpu, default: []].append(index) }
    }

    func list(_ threads: QEMUThreads, of slot: VMSlot) {
        guard slot.index < rows.count else { return }
        for thread in rows[slot.index].threads where self.threads[thread] == slot.index { self.threads[thread] = nil }
        rows[slot.index].threads = threads.vcpus.map(\.tid)
        for thread in rows[slot.index].threads { self.threads[thread] = slot.index }
    }

    func unwatch(_ slot: VMSlot) {
        guard slot.index < rows.count else { return }
        release(slot.index)
        for thread in rows[slot.index].threads where threads[thread] == slot.index { threads[thread] = nil }
        rows[slot.index] = Row()
    }

    func sample(into frame: inout Frame, _ context: inout TickContext) {
        let isReadable = log.access == .readable
        if isReadable { drain(&context) }
        for index in rows.indices where frame.isRunning(VMSlot(index)) != nil {
            let slot = VMSlot(index)
            let hasLocks = isReadable && hasLockTraps
            frame[slot, .busSplitLocks] =
                hasLocks ? rate(&rows[index].lockRate, rows[index].locks, context) : .notObservable
            let hasFaults = isReadable && hasIOMMU && !rows[index].devices.isEmpty
            frame[slot, .pciIOMMUFaults] =
                hasFaults ? rate(&rows[index].faultRate, rows[index].faults, context) : .notObservable
            let hasGPU = isReadable && !rows[index].gpus.isEmpty
            frame[slot, .gpuXID] =
                hasGPU ? rate(&rows[index].gpuErrorRate, rows[index].gpuErrors, context) : .notObservable
        }
        isOverrun = false
    }

    /// The rate of one kind of line; `reset` where lines were lost, since some may have been of this kind.
    private func rate(_ counter: inout Counter, _ count: UInt64, _ context: borrowing TickContext) -> Reading {
        counter.rate(of: count, at: context.time, disturbed: isOverrun)
    }

    /// Reads what was logged since the last tick.
    private func drain(_ context: inout TickContext) {
        for _ in 0..<Self.limit {
            switch log.next(into: &context.buffer) {
            case .record(let count): take(context.buffer.storage.span.extracting(first: count))
            case .overrun:
                isOverrun = true
                loss.overruns &+= 1
            case .end: return
            case .failed(let code):
                isOverrun = true
                context.faults.note(log.path, errno: code)
                return
            }
        }
    }

    /// Takes one record.
    private func take(_ bytes: Span<UInt8>) {
        guard let record = try? KernelLogRecord(bytes) else { return }
        if let next, record.sequence > next {
            loss.records &+= record.sequence - next
            isOverrun = true
        }
        next = record.sequence &+ 1
        guard record.facility == 0, let event = KernelEvent(bytes.extracting(record.text)) else { return }
        switch event {
        case .busLock(let thread):
            if let index = threads[thread] { rows[index].locks &+= 1 }
        case .iommuFault(let address, let isLocal):
            if let index = isLocal ? onlyRow(of: address) : devices[address] { rows[index].faults &+= 1 }
        case .gpuError(let address):
            for index in gpus[address] ?? [] { rows[index].gpuErrors &+= 1 }
        case .suppressed(let count): loss.suppressed &+= count
        }
    }

    /// The row of the device at a place without a segment; `nil` where two segments have a device there, be it a VM's or
    /// not, since the wrong VM could be blamed.
    private func onlyRow(of local: PCIAddress) -> Int? {
        var found: Int?
        for (address, index) in devices {
            var place = address
            place.segment = local.segment
            guard place == local else { continue }
            if found != nil || twins.contains(address) { return nil }
            found = index
        }
        return found
    }

    /// Forgets the devices of the VM in a row.
    private func release(_ index: Int) {
        for device in rows[index].devices where devices[device] == index {
            devices[device] = nil
            twins.remove(device)
        }
        for gpu in rows[index].gpus { gpus[gpu]?.removeAll { $0 == index } }
    }
}
