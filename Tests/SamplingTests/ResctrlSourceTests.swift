import Foundation
import Glibc
import HostReaders
import Signals
import Testing

@testable import Sampling

@Suite("Cache and memory bandwidth by resctrl")
struct ResctrlSourceTests {
    private typealias Place = ResctrlTree.Place

    private static let signals: [Signal] = [.llcOccupancy, .mbmTotal, .mbmLocal]
    private let own = Place(control: "", monitor: ResctrlHost.group(700))

    @Test("a VM gets a group of its own with all its threads, and its values are the sums over the domains")
    func group() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        #expect(Set(host.tree.threads(in: own)) == [700, 701, 702, 703])
        for (domain, scale) in [("00", 1), ("01", 2)] {
            try host.write(own, domain, "llc_occupancy", "\(1_000 * scale)\n")
            try host.write(own, domain, "mbm_total_bytes", "\(5_000 * scale)\n")
        }
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(3_000))
        #expect(host.reading(.mbmTotal) == .missing)
        try host.write(own, "00", "mbm_total_bytes", "9000\n")
        try host.write(own, "01", "mbm_local_bytes", "600\n")
        host.tick(after: 2)
        #expect(isAbout(host.reading(.mbmTotal), 2_000))
        #expect(isAbout(host.reading(.mbmLocal), 300))
    }

    @Test("the parts of a cache under Sub-NUMA Clustering are not counted twice")
    func clustered() throws {
        let host = try ResctrlHost("resctrl-snc") { mount in
            try FileManager.default.createDirectory(
                atPath: mount + "/mon_groups",
                withIntermediateDirectories: true
            )
            let group = mount + "/mon_groups/" + ResctrlHost.group(700)
            try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: mount + "/mon_data", toPath: group + "/mon_data")
            try Data("700\n".utf8).write(to: URL(fileURLWithPath: group + "/tasks"))
        }
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(4_194_304 + 2_097_152))
    }

    @Test("threads that are listed anew join; one that has ended is passed over")
    func relist() throws {
        let host = try ResctrlHost()
        let vm = ResctrlHost.vm(700)
        let slot = host.add(vm)
        let task = host.path + "/proc/700/task/"
        try FileManager.default.copyItem(atPath: task + "703", toPath: task + "704")
        try Data("res:/\nmon:\n".utf8).write(to: URL(fileURLWithPath: task + "704/cpu_resctrl_groups"))
        try FileManager.default.removeItem(atPath: task + "703")
        host.list(vm, slot)
        #expect(host.tree.threads(in: own).contains(704))
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(0))
    }

    @Test("a VM that leaves takes its group along, and no other")
    func leaves() throws {
        let host = try ResctrlHost()
        let slot = host.add(ResctrlHost.vm(700))
        #expect(host.tree.owned == [own])
        host.source.unwatch(slot)
        #expect(host.tree.owned.isEmpty)
        #expect(host.tree.monitors(of: "").count == 1 && host.tree.controls.count == 3)
        host.source.unwatch(slot)
        host.source.unwatch(VMSlot(9))
    }

    @Test("another start in the same row has another group")
    func restarted() throws {
        let host = try ResctrlHost()
        let slot = host.add(ResctrlHost.vm(700))
        let next = ResctrlHost.vm(700, generation: 6)
        host.source.watch(WatchedVM(slot: slot, description: next, cgroups: CgroupPaths()))
        host.list(next, slot)
        #expect(host.tree.owned == [Place(control: "", monitor: ResctrlHost.group(700, generation: 6))])
    }

    @Test("Unavailable is not zero: a domain without traffic is left out, one that counted leaves the sum unknown")
    func unavailable() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        for event in ResctrlInfo.events { try host.write(own, "01", event, "Unavailable\n") }
        try host.write(own, "00", "llc_occupancy", "700\n")
        host.tick()
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(700))
        #expect(isAbout(host.reading(.mbmTotal), 0))
        for event in ResctrlInfo.events { try host.write(own, "00", event, "Unavailable\n") }
        host.tick()
        for signal in Self.signals { #expect(host.reading(signal) == .missing) }
    }

    @Test("after a gap the counter is taken up anew, so that what it gained meanwhile is no spike")
    func gap() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        host.tick()
        host.tick()
        #expect(isAbout(host.reading(.mbmTotal), 0))
        try host.write(own, "00", "mbm_total_bytes", "Unavailable\n")
        host.tick()
        try host.write(own, "00", "mbm_total_bytes", "1000000000\n")
        host.tick()
        #expect(host.reading(.mbmTotal).value == 0)
        try host.write(own, "00", "mbm_total_bytes", "1000000500\n")
        host.tick()
        #expect(isAbout(host.reading(.mbmTotal), 500))
    }

    @Test("Error, Unassigned and a file that makes no sense are told apart from zero")
    func errors() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        try host.write(own, "00", "llc_occupancy", "Error\n")
        try host.write(own, "00", "mbm_total_bytes", "Unassigned\n")
        try host.write(own, "00", "mbm_local_bytes", "12 apples\n")
        host.tick()
        host.tick()
        #expect(host.reading(.llcOccupancy) == .missing)
        #expect(host.reading(.mbmTotal) == .notObservable)
        #expect(host.reading(.mbmLocal) == .missing)
    }

    @Test("a counter that went back or leapt by a whole turn of the hardware is reset, at the boundary it is not")
    func leaps() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        try host.write(own, "00", "mbm_total_bytes", "1000\n")
        host.tick()
        try host.write(own, "00", "mbm_total_bytes", "\(UInt64(1_000 + 4_000_000_000_000))\n")
        host.tick()
        #expect(isAbout(host.reading(.mbmTotal), 4e12))
        try host.write(own, "00", "mbm_total_bytes", "\(UInt64(1) << 50)\n")
        host.tick()
        #expect(host.reading(.mbmTotal) == Reading(0, .reset))
        try host.write(own, "00", "mbm_total_bytes", "5\n")
        host.tick()
        #expect(host.reading(.mbmTotal) == Reading(0, .reset))
    }

    @Test("over a pause no bandwidth is told")
    func paused() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        host.tick()
        host.tick(paused: [0])
        #expect(host.reading(.mbmTotal) == Reading(0, .reset))
        #expect(host.reading(.llcOccupancy) == Reading(0))
    }

    @Test("a host without monitoring tells nothing and makes nothing")
    func absent() throws {
        for missing in ["/info/L3_MON", "/info/L3_MON/num_rmids", "/info/L3_MON/mon_features"] {
            let host = try ResctrlHost { try FileManager.default.removeItem(atPath: $0 + missing) }
            host.add(ResctrlHost.vm(700))
            host.tick()
            for signal in Self.signals { #expect(host.reading(signal) == .notObservable) }
            #expect(host.tree.owned.isEmpty)
        }
    }

    @Test("an event that the host does not monitor is not observable, the others are")
    func partly() throws {
        let host = try ResctrlHost { mount in
            let file = URL(fileURLWithPath: mount + "/info/L3_MON/mon_features")
            try Data("llc_occupancy\n".utf8).write(to: file)
        }
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(0))
        #expect(host.reading(.mbmTotal) == .notObservable)
    }

    @Test("a file that is found empty leaves the sum unknown, and the next whole one is read")
    func cut() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(0))
        try host.write(own, "01", "llc_occupancy", "")
        host.tick()
        #expect(host.reading(.llcOccupancy) == .missing)
        try host.write(own, "01", "llc_occupancy", "40\n")
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(40))
    }
}
