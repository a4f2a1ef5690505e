import HostReaders
import Signals
import Testing

@Suite("Hostile bytes of the kernel's log and of devices")
struct HostileLogTests {
    /// Feeds bytes to one of the parsers; says whether it took them.
    private func feed(_ bytes: Span<UInt8>, to parser: Int) -> Bool {
        do {
            switch parser {
            case 0:
                let record = try KernelLogRecord(bytes)
                _ = KernelEvent(bytes.extracting(record.text))
                return record.text.upperBound < bytes.count
            case 1: return KernelEvent(bytes) != nil
            case 2: return KernelEvent(bytes) != nil
            case 3: return KernelEvent(bytes) != nil
            case 4: return KernelEvent(bytes) != nil
            case 5: _ = try AERTotal(bytes)
            case 6: _ = try MigrationCount(bytes)
            default: return CPUInfoFrequency(bytes).hertz?.isFinite == true
            }
            return true
        } catch {
            _ = ReaderError(path: "/fixture", malformed: error, in: bytes)
            return false
        }
    }

    /// Real text for each parser, to be damaged.
    private static let seeds = [
        "4,160,424069,-;x86/split lock detection: #AC: CPU 0/KVM/1234 took a split_lock trap at address: 0x1e3\n KEY=v\n",
        "x86/split lock detection: #DB: CPU 0/KVM/1234 took a bus_lock trap at address: 0x1e3",
        "DMAR: [DMA Read NO_PASID] Request device [3b:00.1] fault addr 0x0",
        "vfio-pci 0000:3b:00.1: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0037 address=0x7b657064 flags=0x0000]",
        "NVRM: Xid (PCI:0000:83:00): 79, GPU has fallen off the bus.",
        "RxErr 0\nBadTLP 2\nTOTAL_ERR_COR 5\n",
        "CPU 0/KVM (4250, #threads: 5)\n---\nse.nr_migrations                             :                   42\nnr_switches : 7\n",
        "processor\t: 0\ncpu MHz\t\t: 2000.500\n",
    ]

    @Test("random and damaged bytes never trap a parser, and undamaged ones are taken", .timeLimit(.minutes(5)))
    func neverTraps() {
        for (parser, seed) in Self.seeds.enumerated() {
            let bytes = Array(seed.utf8)
            let isTaken = feed(bytes.span, to: parser)
            #expect(isTaken, "parser \(parser) refuses real text")
        }
        var generator = SplitMix64(seed: 20_261_124)
        var refused = 0
        var taken = 0
        for _ in 0..<100_000 {
            let parser = Int(generator.next() % UInt64(Self.seeds.count))
            var bytes = Array(Self.seeds[parser].utf8)
            for _ in 0...generator.next() % 4 where !bytes.isEmpty {
                let place = Int(generator.next() % UInt64(bytes.count))
                switch generator.next() % 4 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: bytes.removeLast(bytes.count - place)
                case 2:
                    bytes.insert(contentsOf: [0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39, 0x39], at: place)
                default: bytes.remove(at: place)
                }
            }
            if feed(bytes.span, to: parser) { taken += 1 } else { refused += 1 }
        }
        #expect(refused > 20_000 && taken > 1_000)
    }
}
