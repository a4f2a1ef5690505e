import Foundation
import HostReaders
import Signals
import Testing

@testable import Sampling

@Suite("VMs that are moved to another control group while they are monitored")
struct ResctrlMovedTests {
    private typealias Place = ResctrlTree.Place

    private let old = Place(control: "", monitor: ResctrlHost.group(700))
    private let held = Place(control: "quell-throttled", monitor: ResctrlHost.group(700))

    /// A host with a control group of Quell's.
    private func host() throws -> ResctrlHost {
        try ResctrlHost { mount in
            let group = URL(fileURLWithPath: mount + "/quell-throttled")
            try FileManager.default.createDirectory(at: group, withIntermediateDirectories: true)
            try Data().write(to: group.appending(path: "tasks"))
        }
    }

    /// Moves threads as the kernel does: they are in no monitoring group after that.
    private func move(_ threads: [Int32], to control: String, on host: ResctrlHost) throws {
        for thread in threads {
            let file = host.path + "/proc/700/task/\(thread)/cpu_resctrl_groups"
            let handle = try #require(FileHandle(forWritingAtPath: file))
            defer { try? handle.close() }
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data("res:\(control)\nmon:\n".utf8))
        }
        for place in host.tree.owned {
            let left = host.tree.threads(in: place).filter { !threads.contains($0) }
            let file = URL(fileURLWithPath: host.tree.directory(of: place) + "/tasks")
            try Data(left.map { "\($0)\n" }.joined().utf8).write(to: file)
        }
    }

    @Test("what the old group says after the move is not told; from the next tick on the new group is read")
    func throttled() throws {
        let host = try host()
        host.add(ResctrlHost.vm(700))
        try host.write(old, "00", "llc_occupancy", "77\n")
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(77))
        try move([700, 701, 702, 703], to: "quell-throttled", on: host)
        host.tick()
        #expect(host.reading(.llcOccupancy).quality == .missing)
        #expect(host.reading(.mbmTotal).quality == .missing)
        // Given its group and read in the same tick; the counters of bandwidth begin anew.
        host.tick()
        #expect(host.tree.owned == [held])
        #expect(host.reading(.llcOccupancy) == Reading(0))
        #expect(host.reading(.mbmTotal).quality != .ok)
        try host.write(held, "00", "llc_occupancy", "55\n")
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(55))
        #expect(host.reading(.mbmTotal) == Reading(0))
    }

    @Test("given back it is followed again")
    func released() throws {
        let host = try host()
        host.add(ResctrlHost.vm(700))
        try move([700, 701, 702, 703], to: "quell-throttled", on: host)
        host.tick()
        host.tick()
        #expect(host.tree.owned == [held])
        try move([700, 701, 702, 703], to: "/", on: host)
        host.tick()
        #expect(host.reading(.llcOccupancy).quality == .missing)
        host.tick()
        #expect(host.tree.owned == [old])
        #expect(host.reading(.llcOccupancy).quality == .ok)
    }

    @Test("the main thread is the first to be moved, so that once it is gone nothing more is told")
    func half() throws {
        let host = try host()
        host.add(ResctrlHost.vm(700))
        host.tick()
        try move([700], to: "quell-throttled", on: host)
        host.tick()
        #expect(host.reading(.llcOccupancy).quality == .missing)
        // Both parts are read, each in a group of its own.
        host.tick()
        #expect(Set(host.tree.owned) == [old, held])
        #expect(host.reading(.llcOccupancy).quality == .ok)
    }

    @Test("without a monitoring id for the new group it is not observable")
    func noID() throws {
        let host = try host()
        host.add(ResctrlHost.vm(700))
        host.tick()
        try Data("7\n".utf8).write(to: URL(fileURLWithPath: host.tree.mountPoint + "/info/L3_MON/num_rmids"))
        host.restart()
        host.add(ResctrlHost.vm(700))
        try move([700, 701, 702, 703], to: "quell-throttled", on: host)
        host.tick()
        host.tick()
        #expect(host.reading(.llcOccupancy) == .notObservable)
    }

    @Test("a kernel that does not tell which group a thread is in leaves what is read as it is")
    func untold() throws {
        let host = try host()
        for thread in 700...703 {
            try FileManager.default.removeItem(atPath: host.path + "/proc/700/task/\(thread)/cpu_resctrl_groups")
        }
        // Before Linux 5.6 the threads are found by the groups' own lists.
        #expect(host.kernel.makeGroup(host.tree.directory(of: old)) == 0)
        try Data("700\n701\n702\n703\n".utf8).write(
            to: URL(fileURLWithPath: host.tree.directory(of: old) + "/tasks")
        )
        host.add(ResctrlHost.vm(700))
        host.tick()
        host.tick()
        #expect(host.reading(.llcOccupancy).quality == .ok)
    }
}
