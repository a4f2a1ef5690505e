import Foundation
import Glibc
import HostReaders
import Signals
import Testing

@testable import Sampling

@Suite("Groups of resctrl that run out, are refused or belong to others")
struct ResctrlLimitsTests {
    private typealias Place = ResctrlTree.Place

    private let own = Place(control: "", monitor: ResctrlHost.group(700))

    /// Replaces the number of monitoring ids.
    private static func rmids(_ count: Int) -> (String) throws -> Void {
        { try Data("\(count)\n".utf8).write(to: URL(fileURLWithPath: $0 + "/info/L3_MON/num_rmids")) }
    }

    @Test("without an id a VM is not observable, and nothing else happens", arguments: [ENOSPC, EBUSY])
    func full(code: Int32) throws {
        let host = try ResctrlHost(makeError: code)
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == .notObservable)
        #expect(host.source.mayChange)
        #expect(host.tree.owned.isEmpty)
    }

    @Test("the last ids are left to others; one more than the reserve is used")
    func reserve() throws {
        // Five are in use; the reserve is four.
        let host = try ResctrlHost("resctrl", Self.rmids(9))
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == .notObservable)
        let roomier = try ResctrlHost("resctrl", Self.rmids(10))
        roomier.add(ResctrlHost.vm(700))
        roomier.tick()
        #expect(roomier.reading(.llcOccupancy).quality == .ok)
    }

    @Test("a VM that found no id is tried again after a while, and not before")
    func retried() throws {
        let host = try ResctrlHost { mount in
            try Self.rmids(10)(mount)
            try FileManager.default.createDirectory(atPath: mount + "/other", withIntermediateDirectories: false)
            try Data().write(to: URL(fileURLWithPath: mount + "/other/tasks"))
        }
        host.add(ResctrlHost.vm(700))
        for _ in 0..<2 { host.tick() }
        #expect(host.reading(.llcOccupancy) == .notObservable)
        try FileManager.default.removeItem(atPath: host.path + "/sys/fs/resctrl/other")
        for _ in 2..<59 { host.tick() }
        #expect(host.reading(.llcOccupancy) == .notObservable)
        host.tick()
        #expect(host.reading(.llcOccupancy).quality == .ok)
    }

    @Test(
        "without privilege nothing is made, nothing is left behind, and it is not tried again",
        arguments: [EPERM, EROFS]
    )
    func refused(code: Int32) throws {
        for host in [try ResctrlHost(makeError: code), try ResctrlHost(assignError: code)] {
            host.add(ResctrlHost.vm(700))
            host.tick()
            #expect(host.reading(.mbmTotal) == .notObservable)
            #expect(!host.source.mayChange)
            #expect(host.tree.owned.isEmpty)
        }
    }

    @Test("a VM in libvirt's control group is read there and left alone")
    func libvirts() throws {
        for error in [0, EPERM] {
            let host = try ResctrlHost(pid: 900, makeError: error)
            host.add(ResctrlHost.vm(900))
            host.tick()
            // What the emulator holds beside the vCPUs counts only where its group could be made.
            #expect(host.reading(.llcOccupancy) == Reading(2_097_152 + 1_048_576))
            let libvirts = host.tree.monitors(of: "qemu-2-db-vcpus_0-1").map(\.monitor)
            #expect(libvirts == ["qemu-2-db-vcpus_0"])
            #expect(host.tree.owned.count == (error == 0 ? 1 : 0))
        }
    }

    @Test("in a control group that others share a VM has its group there, beside a group of libvirt's")
    func shared() throws {
        let host = try ResctrlHost(pid: 900) { mount in
            let tasks = mount + "/qemu-2-db-vcpus_0-1/tasks"
            try Data("901\n902\n4711\n".utf8).write(to: URL(fileURLWithPath: tasks))
        }
        host.add(ResctrlHost.vm(900))
        let inside = Place(control: "qemu-2-db-vcpus_0-1", monitor: ResctrlHost.group(900))
        #expect(host.tree.threads(in: inside) == [902])
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(1_048_576 + 524_288))
    }

    @Test("a group of others that holds more than the VM is neither read nor robbed")
    func foreign() throws {
        let host = try ResctrlHost { mount in
            let group = URL(fileURLWithPath: mount + "/mon_groups/pqos-77/tasks")
            try Data("77\n701\n".utf8).write(to: group)
            let thread = mount + "/../../../proc/700/task/701/cpu_resctrl_groups"
            try Data("res:/\nmon:pqos-77\n".utf8).write(to: URL(fileURLWithPath: thread))
        }
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == .notObservable)
        #expect(host.tree.threads(in: Place(control: "", monitor: "pqos-77")) == [77, 701])
    }

    @Test("groups of the past: empty ones go at once, living ones are taken over, nobody's go later")
    func sweep() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        try host.write(own, "00", "llc_occupancy", "77\n")
        #expect(host.kernel.makeGroup(host.tree.directory(of: Place(control: "", monitor: "quell-empty"))) == 0)
        let nobodys = Place(control: "web", monitor: "quell-nobodys")
        #expect(host.kernel.makeGroup(host.tree.directory(of: nobodys)) == 0)
        try Data("80\n".utf8).write(to: URL(fileURLWithPath: host.tree.directory(of: nobodys) + "/tasks"))
        host.restart()
        #expect(Set(host.tree.owned) == [own, nobodys])
        host.add(ResctrlHost.vm(700))
        host.tick()
        #expect(host.reading(.llcOccupancy) == Reading(77))
        for _ in 0..<60 { host.tick() }
        #expect(host.tree.owned == [own])
        #expect(host.reading(.llcOccupancy) == Reading(77))
    }

    @Test("a VM whose threads were moved to another control group is followed there")
    func followed() throws {
        let host = try ResctrlHost()
        let vm = ResctrlHost.vm(700)
        let slot = host.add(vm)
        for thread in 700...703 {
            let file = host.path + "/proc/700/task/\(thread)/cpu_resctrl_groups"
            try Data("res:web\nmon:\n".utf8).write(to: URL(fileURLWithPath: file))
        }
        host.list(vm, slot)
        #expect(host.tree.owned == [Place(control: "web", monitor: ResctrlHost.group(700))])
    }

    @Test("with more files than a tick reads, VMs take turns and the others are stale")
    func turns() throws {
        let host = try ResctrlHost { mount in
            try Self.rmids(300)(mount)
            let proc = mount + "/../../../proc/"
            for pid in 1_001...1_150 { try FileManager.default.copyItem(atPath: proc + "700", toPath: proc + "\(pid)") }
        }
        // Each reads two domains of three files: 128 VMs fill a tick.
        for pid in 1_001...1_150 {
            let vm = ResctrlHost.vm(Int32(pid))
            let name = Place(control: "", monitor: ResctrlHost.group(Int32(pid)))
            #expect(host.kernel.makeGroup(host.tree.directory(of: name)) == 0)
            for thread in 700...703 {
                let file = host.path + "/proc/\(pid)/task/\(thread)/cpu_resctrl_groups"
                try Data("res:/\nmon:\(ResctrlHost.group(Int32(pid)))\n".utf8).write(to: URL(fileURLWithPath: file))
            }
            host.add(vm)
        }
        host.tick()
        let first = (0..<150).filter { host.reading(.llcOccupancy, $0).quality == .ok }
        #expect(first == Array(0..<128))
        host.tick()
        let second = (0..<150).filter { host.reading(.llcOccupancy, $0).quality == .ok }
        #expect(second == Array(0..<106) + Array(128..<150))
        #expect(host.reading(.llcOccupancy, 110).quality == .stale)
    }

    @Test("of many VMs that come at once only some are given groups in a tick, the others in the next")
    func startUp() throws {
        let host = try ResctrlHost(attachesPerTick: 2) { mount in
            let proc = mount + "/../../../proc/"
            for pid in 1_001...1_005 { try FileManager.default.copyItem(atPath: proc + "700", toPath: proc + "\(pid)") }
        }
        for pid: Int32 in 1_001...1_005 { host.add(ResctrlHost.vm(pid)) }
        #expect(host.tree.owned.count == 2)
        host.tick()
        #expect(host.tree.owned.count == 4)
        #expect((0..<5).map { host.reading(.llcOccupancy, $0).quality } == [.ok, .ok, .ok, .ok, .missing])
        host.tick()
        #expect(host.tree.owned.count == 5)
        #expect(host.reading(.llcOccupancy, 4) == Reading(0))
    }

    @Test("free classes and ids are what the groups of all leave, and not observable without any")
    func counts() throws {
        let host = try ResctrlHost()
        host.add(ResctrlHost.vm(700))
        let now = MonotonicTime(seconds: 1.0)
        let source = ResctrlCounts(roots: HostRoots(tree: host.path))
        #expect(
            source.read(at: now).host == [
                SideReading(.hostFreeCLOS, Reading(8 - 3)), SideReading(.hostFreeRMIDs, Reading(32 - 6)),
            ]
        )
        let none = ResctrlCounts(roots: HostRoots(tree: "/none")).read(at: now)
        #expect(none.host.map(\.reading) == [.notObservable, .notObservable])
        #expect(none.vms.isEmpty)
    }
}
