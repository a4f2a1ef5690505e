internal import HostReaders
internal import Signals

/// The storage signals of one VM that the kernel gives.
///
/// Bytes and requests come from `io.stat` of v2, else from `blkio.throttle.*` of v1. A kernel that counts nothing there
/// (v1 groups without a limit since Linux 6.8) leaves bytes from `/proc/<pid>/io` and no requests. They are read in every
/// tick of a VM that uses or waits for its disks and in every eighth tick of others.
struct DiskReader: ~Copyable {
    /// The counters of one device.
    private struct Device {
        var number: UInt64
        var seen: UInt64
        var counters = InlineArray<4, Counter>(repeating: Counter())
    }

    private let ioStat: KernelFile
    private let blkBytes: KernelFile
    private let blkOps: KernelFile
    private let processIO: KernelFile
    private var pressure: PressureReader
    private var devices: [Device] = []
    private var hasReadIOStat = false
    private var looks: UInt64 = 0
    private var readings = InlineArray<4, Reading>(repeating: .missing)
    private var readBytes = Counter()
    private var writeBytes = Counter()

    /// Bytes a second, one way, up to which storage counts as calm.
    static let calmBytes = 65_536.0

    /// The signals in the order of a device's counters.
    private static let signals: InlineArray<4, Signal> = [
        .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps,
    ]

    /// Opens the files of a VM.
    init(_ cgroups: CgroupPaths, of process: QEMUProcess, roots: HostRoots) {
        ioStat = cgroups.unified.map { KernelFile(directory: $0, name: "io.stat") } ?? KernelFile()
        let old = ioStat.isOpen ? nil : cgroups.blkio
        blkBytes = Self.throttleFile("blkio.throttle.io_service_bytes", old)
        blkOps = Self.throttleFile("blkio.throttle.io_serviced", old)
        processIO =
            ioStat.isOpen ? KernelFile() : KernelFile(directory: "\(roots.proc)/\(process.pid)", name: "io")
        pressure = PressureReader(directory: cgroups.unified, name: "io.pressure")
    }

    /// The file that counts the children too, where the kernel has it.
    private static func throttleFile(_ name: String, _ directory: String?) -> KernelFile {
        guard let directory else { return KernelFile() }
        let recursive = KernelFile(directory: directory, name: name + "_recursive")
        return recursive.isOpen ? recursive : KernelFile(directory: directory, name: name)
    }

    /// Writes the signals of a tick.
    mutating func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) {
        let pressures = pressure.sample(&context, isStill: context.isStorageStill)
        frame[slot, .ioPressureSome] = pressures.some
        frame[slot, .ioPressureFull] = pressures.full
        if context.isDue(slot) || isStirring(pressures.some) { read(&context) }
        for column in 0..<4 {
            frame[slot, Self.signals[column]] = readings[column]
            readings[column].age()
        }
    }

    /// Whether the disks are to be looked at in every tick.
    private func isStirring(_ pressure: Reading) -> Bool {
        if (pressure.trusted ?? 0) > 0 { return true }
        for column in 0..<2 {
            if readings[column].isUnsettled || readings[column].value > Self.calmBytes { return true }
        }
        return false
    }

    /// Reads what the disks did.
    private mutating func read(_ context: inout TickContext) {
        var sums = InlineArray<4, RateSum>(repeating: RateSum())
        if ioStat.isOpen {
            sampleStat(&sums, &context)
        } else if !sampleThrottle(&sums, &context) {
            sampleProcess(&sums, &context)
        }
        for column in 0..<4 { readings[column] = sums[column].sum }
    }

    /// Reads `io.stat`; a group that has moved nothing yet has no line, which is 0.
    private mutating func sampleStat(_ sums: inout InlineArray<4, RateSum>, _ context: inout TickContext) {
        guard let count = context.fetch(ioStat) else {
            for column in 0..<4 { sums[column].add(Reading(0, context.absence)) }
            return
        }
        var lines = IOStatLines()
        var found = false
        do {
            let bytes = context.buffer.storage.span.extracting(first: count)
            while let line = lines.next(bytes) {
                found = true
                let place = place(of: line.device, context.tick)
                let values: InlineArray<4, UInt64> = [line.readBytes, line.writeBytes, line.readOps, line.writeOps]
                for column in 0..<4 {
                    sums[column].add(context.rate(&devices[place].counters[column], values[column]))
                }
            }
        }
        if let malformed = lines.malformed { context.note(ioStat, malformed, count) }
        if !found && lines.malformed == nil {
            let nothing = hasReadIOStat ? Reading(0, context.disturbed ? .reset : .ok) : .missing
            for column in 0..<4 { sums[column].add(nothing) }
        }
        hasReadIOStat = true
        dropUnseen(context.tick)
    }

    /// Reads the two files of v1; `false` where the kernel counts nothing in them.
    private mutating func sampleThrottle(
        _ sums: inout InlineArray<4, RateSum>,
        _ context: inout TickContext
    ) -> Bool {
        guard blkBytes.isOpen else { return false }
        // Where nothing was counted before, looking every tenth time is enough.
        looks &+= 1
        if devices.isEmpty && hasReadIOStat && looks % 10 != 0 { return false }
        hasReadIOStat = true
        sampleThrottle(ops: false, &sums, &context)
        if devices.isEmpty { return false }
        sampleThrottle(ops: true, &sums, &context)
        dropUnseen(context.tick)
        return !devices.isEmpty
    }

    /// Reads one file of v1: that of the requests, or that of the bytes.
    private mutating func sampleThrottle(
        ops: Bool,
        _ sums: inout InlineArray<4, RateSum>,
        _ context: inout TickContext
    ) {
        guard let count = ops ? context.fetch(blkOps) : context.fetch(blkBytes) else { return }
        var lines = BlkIOLines()
        do {
            let bytes = context.buffer.storage.span.extracting(first: count)
            while let line = lines.next(bytes) {
                let place = place(of: line.device, context.tick)
                let column = (ops ? 2 : 0) + (line.isWrite ? 1 : 0)
                sums[column].add(context.rate(&devices[place].counters[column], line.value))
            }
        }
        guard let malformed = lines.malformed else { return }
        if ops {
            context.note(blkOps, malformed, count)
        } else {
            context.note(blkBytes, malformed, count)
        }
    }

    /// Reads the bytes that the process moved.
    private mutating func sampleProcess(_ sums: inout InlineArray<4, RateSum>, _ context: inout TickContext) {
        guard let io = context.read(processIO, { bytes throws(Malformed) in try ProcessIO(bytes) }) else { return }
        sums[0].add(context.rate(&readBytes, io.readBytes))
        sums[1].add(context.rate(&writeBytes, io.writeBytes))
    }

    /// The counters of a device, made where it is new.
    private mutating func place(of number: UInt64, _ tick: UInt64) -> Int {
        for place in devices.indices where devices[place].number == number {
            devices[place].seen = tick
            return place
        }
        devices.append(Device(number: number, seen: tick))
        return devices.count - 1
    }

    /// Forgets devices that are gone.
    private mutating func dropUnseen(_ tick: UInt64) {
        var place = 0
        while place < devices.count {
            if devices[place].seen == tick {
                place += 1
            } else {
                devices.swapAt(place, devices.count - 1)
                devices.removeLast()
            }
        }
    }
}
