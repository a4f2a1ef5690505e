import Foundation
import HostReaders
import Signals
import TestSupport
import Testing

@testable import Sampling

@Suite("The dump of interfaces in the tick")
struct NetworkSourceTests {
    /// A source on a recording, with one VM in row 0.
    private final class Stand {
        let tree = NetworkTree()
        let recording = NetlinkRecording([])
        let source: NetworkSource
        var frame = Frame(hostCPUs: 2)
        var context = TickContext()
        var numbers: [String: Int32]
        private var sequence: UInt32 = 0
        private(set) var slot = VMSlot(0)

        init(_ taps: [String], numbers: [String: Int32], file: String? = nil) throws {
            self.numbers = numbers
            for tap in taps { try tree.add(tap, "tun_flags") }
            if let file {
                let net = tree.path + "/proc/net"
                try FileManager.default.createDirectory(atPath: net, withIntermediateDirectories: true)
                try Data(file.utf8).write(to: URL(fileURLWithPath: net + "/dev"))
            }
            var lookUp: (String) -> Int32? = { _ in nil }
            source = NetworkSource(roots: tree.roots, links: LinkDump(adopting: recording.descriptor)) { lookUp($0) }
            lookUp = { [unowned self] in self.numbers[$0] }
            let vm = NetworkBed.vm(1, taps)
            slot = frame.place(vm.record)
            source.watch(
                WatchedVM(
                    slot: slot,
                    description: vm,
                    cgroups: CgroupPaths.resolve(pid: 1, mounts: MountTable(roots: tree.roots), roots: tree.roots)
                )
            )
        }

        /// Runs a tick a second after the one before; the kernel answers with these interfaces.
        func tick(_ links: [(UInt32, [UInt64])], answers: ((UInt32) -> [UInt8])? = nil, disturbed: Bool = false) {
            sequence += 1
            if let answers {
                recording.add(answers(sequence))
            } else {
                let parts = links.flatMap { NetlinkBytes.stats($0.0, $0.1, sequence: sequence) }
                recording.add(parts + NetlinkBytes.done(sequence: sequence))
            }
            frame.begin(at: NetworkBed.time(Double(frame.tick)))
            context.time = frame.time
            context.tick = frame.tick
            context.disturbances = [disturbed]
            source.sample(into: &frame, &context)
        }

        /// Skips the numbers of dumps that were asked for beside the first of a tick.
        func skip() { sequence += 1 }

        func reading(_ signal: Signal) -> Reading { frame[slot, signal] }
    }

    @Test("what the host receives from a tap is what the guest sent, over all interfaces of a VM")
    func guestView() throws {
        let stand = try Stand(["vnet0", "vnet1"], numbers: ["vnet0": 3, "vnet1": 4])
        // Packets received and sent, bytes received and sent, errors and drops, received and sent.
        stand.tick([(3, [1, 2, 100, 200, 0, 0, 0, 0]), (4, [0, 0, 0, 0]), (9, [5])])
        #expect(stand.reading(.netTxBytes).quality == .missing)
        stand.tick([(3, [4, 7, 130, 250, 1, 0, 0, 2]), (4, [10, 0, 1_000, 0]), (9, [500])])
        #expect(stand.reading(.netTxPackets) == Reading(3 + 10))
        #expect(stand.reading(.netRxPackets) == Reading(5))
        #expect(stand.reading(.netTxBytes) == Reading(30 + 1_000))
        #expect(stand.reading(.netRxBytes) == Reading(50))
        #expect(stand.reading(.netErrors) == Reading(1))
        #expect(stand.reading(.netDrops) == Reading(2))
        #expect(stand.reading(.netMulticast) == .notObservable)
        #expect(stand.context.faults.count == 0)
    }

    @Test("an interface that was unplugged and came back under another number begins anew, without a spike")
    func hotPlug() throws {
        let stand = try Stand(["vnet0"], numbers: ["vnet0": 3])
        stand.tick([(3, [1])])
        stand.tick([(3, [2])])
        #expect(stand.reading(.netTxPackets) == Reading(1))
        stand.numbers["vnet0"] = 12
        stand.tick([(12, [1_000_000])])
        #expect(stand.reading(.netTxPackets) == .missing)
        stand.tick([(12, [1_000_000])])
        #expect(stand.reading(.netTxPackets) == .missing)
        stand.tick([(12, [1_000_007])])
        #expect(stand.reading(.netTxPackets) == Reading(7))
        // The old number may be another's by now.
        stand.tick([(3, [9]), (12, [1_000_008])])
        #expect(stand.reading(.netTxPackets) == Reading(1))
    }

    @Test("an interface that comes after the VM was found is looked for, rarely")
    func late() throws {
        let stand = try Stand(["vnet0"], numbers: [:])
        stand.tick([(3, [1])])
        #expect(stand.reading(.netTxPackets) == .missing)
        stand.numbers["vnet0"] = 3
        for _ in 0..<VMReader.rarely + 1 { stand.tick([(3, [5])]) }
        stand.tick([(3, [6])])
        #expect(stand.reading(.netTxPackets) == Reading(1))
    }

    @Test("a dump that is told twice in one tick is one interval")
    func interrupted() throws {
        let stand = try Stand(["vnet0"], numbers: ["vnet0": 3])
        stand.tick([(3, [1])])
        stand.tick([]) { sequence in
            let flags = NetlinkBytes.multi | NetlinkBytes.interrupted
            stand.recording.add(
                NetlinkBytes.stats(3, [5], sequence: sequence, flags: flags)
                    + NetlinkBytes.done(sequence: sequence, flags: flags)
            )
            return NetlinkBytes.stats(3, [6], sequence: sequence + 1) + NetlinkBytes.done(sequence: sequence + 1)
        }
        stand.skip()
        #expect(stand.reading(.netTxPackets) == Reading(4))
        stand.tick([(3, [6])])
        #expect(stand.reading(.netTxPackets) == Reading(1))
    }

    @Test("a paused VM gives resets")
    func disturbed() throws {
        let stand = try Stand(["vnet0"], numbers: ["vnet0": 3])
        stand.tick([(3, [1])])
        stand.tick([(3, [1])], disturbed: true)
        #expect(stand.reading(.netTxPackets).quality == .reset)
    }

    @Test("where the dump is refused the file stands in at once, and the refusal is counted once")
    func refused() throws {
        let file = "h\nh\n vnet0: 1000 10 1 2 0 0 0 0 5000 50 3 4 0 0 0 0\n"
        let stand = try Stand(["vnet0"], numbers: ["vnet0": 3], file: file)
        stand.tick([(3, [10, 50, 900, 5_000])])
        stand.tick([]) { NetlinkBytes.error(-1, sequence: $0) }
        #expect(stand.reading(.netTxBytes) == Reading(100))
        #expect(stand.reading(.netRxBytes) == Reading(0))
        #expect(stand.context.faults.count == 1)
        #expect(stand.context.faults.latest == ReaderError(path: "rtnetlink", errno: 1))
        let before = stand.recording.request() != nil && stand.recording.request() != nil
        #expect(before)
        stand.tick([])
        #expect(stand.reading(.netTxBytes) == Reading(0))
        // For a while nothing more is asked.
        #expect(stand.recording.request() == nil)
    }

    @Test("a VM that goes leaves its interface to the one that took it over")
    func unwatch() throws {
        let stand = try Stand(["vnet0"], numbers: ["vnet0": 3])
        let other = NetworkBed.vm(2, ["vnet0"])
        let slot = stand.frame.place(other.record)
        let cgroups = CgroupPaths.resolve(pid: 1, mounts: MountTable(roots: stand.tree.roots), roots: stand.tree.roots)
        stand.source.watch(WatchedVM(slot: slot, description: other, cgroups: cgroups))
        stand.source.unwatch(stand.slot)
        stand.frame.remove(stand.slot)
        stand.tick([(3, [1])])
        stand.tick([(3, [3])])
        #expect(stand.frame[slot, .netTxPackets] == Reading(2))
    }

    @Test("dumps are left out for a while after one that has waited or failed, and only then")
    func patience() {
        var patience = DumpPatience()
        #expect(patience.isDue(1))
        patience.note(seconds: DumpPatience.limit, failed: false, in: 1)
        #expect(patience.isDue(2))
        patience.note(seconds: DumpPatience.limit * 1.01, failed: false, in: 2)
        #expect(!patience.isDue(3))
        #expect(!patience.isDue(1 + DumpPatience.pause))
        #expect(patience.isDue(2 + DumpPatience.pause))
        patience.note(seconds: 0, failed: true, in: 100)
        #expect(!patience.isDue(101))
    }
}
