import HostReaders
import Sampling
import Signals
import TestSupport

/// A source of GPUs on a scripted host, read second by second.
final class GPUBed {
    /// The first VM.
    static let first = VMUUID(high: 0x1111_1111_2222_3333, low: 0x4444_5555_5555_5555)
    /// The second VM.
    static let second = VMUUID(high: 0x9999_9999_2222_3333, low: 0x4444_5555_5555_5555)
    /// The mediated device of the first VM.
    static let mdev = "aa618089-8b16-4d01-a136-25a0f3c73123"
    /// The mediated device of the second VM.
    static let other = "bb618089-8b16-4d01-a136-25a0f3c73123"
    /// The signals of GPUs.
    static let signals = Signal.allCases.filter { $0.name.hasPrefix("gpu.") }

    let stand: ScriptedNVML
    let source: GPUSource
    private(set) var now = MonotonicTime(seconds: 100.0)
    private(set) var batch = SideBatch(lifetime: 0)

    init(_ script: String, release: ScriptedNVML.Release = .new) throws {
        stand = try ScriptedNVML(script, release: release)
        source = GPUSource(roots: HostRoots(tree: stand.root), library: stand.library)
    }

    /// A VM with devices.
    static func vm(_ uuid: VMUUID, pci: [String] = [], mdevs: [String] = []) -> VMDescription {
        let record = VMRecord(identity: VMIdentity(uuid: uuid, generation: 1), name: "vm-\(uuid.high)")
        return VMDescription(record: record, pid: 1, taps: [], pciDevices: pci, mdevs: mdevs)
    }

    /// Reads once, the given number of seconds after the last time.
    func read(after seconds: Double = 1) {
        now = now.advanced(bySeconds: seconds)
        batch = source.read(at: now)
    }

    /// Writes another script and reads.
    func read(_ script: String, after seconds: Double = 1) throws {
        try stand.write(script)
        read(after: seconds)
    }

    /// What the latest batch says; `nil` for nothing.
    func reading(_ signal: Signal, of uuid: VMUUID = GPUBed.first) -> Reading? {
        batch.vms.first { $0.0.uuid == uuid }?.1.first { $0.signal == signal }?.reading
    }

    /// The signals of a VM that have a quality.
    func signals(_ quality: Quality, of uuid: VMUUID = GPUBed.first) -> [Signal] {
        Self.signals.filter { reading($0, of: uuid)?.quality == quality }
    }
}
