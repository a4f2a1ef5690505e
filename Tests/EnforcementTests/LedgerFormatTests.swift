import Foundation
import Signals
import Testing

@testable import Enforcement

/// Ledgers of earlier releases, of hostile names, and one that another process keeps.
@Suite("Ledgers of others")
struct LedgerFormatTests {
    let bench = Bench()

    /// What the first release wrote while it held one VM and was killed as it was about to hold another.
    private static let firstFormat = """
        78e00a7a {"kind":"head","next":2,"v":1}
        2fc9b2d9 {"kind":"applied","lease":{"before":{"period":100000},"bootID":"boot-1","changed":{"boot":\
        {"nanoseconds":1002000000000},"wall":1700000000000000000},"created":{"boot":{"nanoseconds":1001000000000},\
        "wall":1700000000000000000},"expires":{"boot":{"nanoseconds":1602000000000},"wall":1700000600000000000},\
        "id":1,"knob":"vcpu-quota","name":"vm-10","reason":"rule steal: held back for shop","rule":"steal",\
        "set":{"period":100000,"quota":30000},"victim":{"generation":400,"uuid":\
        "00000000-0000-0001-0000-00000000000f"},"vm":{"generation":100,"uuid":\
        "00000000-0000-0001-0000-00000000000a"}},"v":1}
        3aaad248 {"end":"expired","id":2,"kind":"closed","v":1}
        87cdb734 {"kind":"open","lease":{"before":{"period":100000,"quota":80000},"bootID":"boot-1","changed":\
        {"boot":{"nanoseconds":1010000000000},"wall":1700000000000000000},"created":{"boot":\
        {"nanoseconds":1010000000000},"wall":1700000000000000000},"expires":{"boot":{"nanoseconds":1070000000000},\
        "wall":1700000060000000000},"id":3,"knob":"vcpu-quota","name":"vm-12","pending":{"period":100000,\
        "quota":25000},"reason":"rule steal: held back for shop","rule":"steal","set":{"period":100000,\
        "quota":80000},"victim":{"generation":400,"uuid":"00000000-0000-0001-0000-00000000000f"},"vm":\
        {"generation":300,"uuid":"00000000-0000-0001-0000-00000000000c"}},"v":1}

        """

    private func plant(_ bytes: [UInt8]) throws {
        do { _ = try bench.ledger() }
        bench.world.edit { state in
            state.inodes[99] = World.Inode(cached: bytes, durable: bytes)
            state.names["ledger"] = 99
            state.durableNames["ledger"] = 99
        }
    }

    @Test("A ledger of the first format is read, and what it says is given back")
    func firstFormat() async throws {
        try plant(Array(Self.firstFormat.utf8))
        bench.world.edit { $0.put(Bench.a, .vcpuQuota, .quota(Bench.share(0.3))) }
        let enforcer = try bench.enforcer()
        #expect(await enforcer.damage.isEmpty)
        let leases = await enforcer.leases
        #expect(leases.map(\.id) == [1, 3] && leases.map(\.hold) == [1, 3])
        #expect(leases.allSatisfy { $0.knob == .vcpuQuota && $0.contention == .cpu && $0.origin == .ladder })
        #expect(leases.first?.set == .quota(Bench.share(0.3)) && leases.last?.pending == .quota(Bench.share(0.25)))
        _ = await enforcer.recover(now: Bench.at(20))
        // The set that was under way may still come.
        bench.world.edit { $0.put(Bench.c, .vcpuQuota, .quota(Bench.share(0.25))) }
        for second in 21...90 { _ = await enforcer.tick(now: Bench.at(Double(second))) }
        #expect(bench.world.wrongs().isEmpty)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A ledger of the first format goes on in the newest, with numbers that were never given")
    func goesOn() async throws {
        try plant(Array(Self.firstFormat.utf8))
        do {
            var ledger = try bench.ledger(compactFrom: 1)
            let now = Lease.Moment(wall: 5, boot: Bench.start)
            let order = Bench.order(Bench.b)
            let setting = Setting.quota(Bench.share(0.5))
            let lease = Lease(
                order: order,
                knob: .vcpuQuota,
                before: .quota(Bench.free),
                pending: setting,
                now: now,
                bootID: "boot-1"
            )
            #expect(try ledger.open(lease).id == 4)
        }
        #expect(try bench.leasesOnDisk().map(\.id) == [1, 3, 4])
        let text = String(decoding: try #require(bench.world.bytes("ledger")), as: UTF8.self)
        #expect(!text.contains(#""v":1"#))
    }

    @Test(
        "Names and parts of any characters are held, recovered and given back",
        arguments: [
            "a\nb", "a\u{0}b", "\u{1b}[2J", #"it's "quoted" \ and $(reboot)"#, "é😀\u{2028}\u{202e}", "a:b:c", "\"}",
            String(repeating: "x", count: 1_024), " ",
        ]
    )
    func hostileNames(name: String) async throws {
        var guest = World.Guest.full
        guest.parts.disks = [name]
        guest.parts.interfaces = [.init(device: name)]
        guest.settings[.disk(name)] = .disk(DiskLimit(group: name))
        for knob in [Knob.receive(name), .transmit(name)] { guest.settings[knob] = .bandwidth(Bandwidth()) }
        guest.settings[.link(name)] = .link(true)
        guest.settings[.filter(name)] = .filter(NetworkFilter(name: name, parameters: [.init(name: name, value: name)]))
        bench.world.add(Bench.d, guest)
        let orders = [
            Bench.order(Bench.d, over: .disk, .throttle(0.5)),
            Bench.order(Bench.d, over: .network, .quarantine, links: .isolate),
        ].map { order in
            var order = order
            (order.name, order.rule, order.victimName) = (name, name, name)
            return order
        }
        do {
            let enforcer = try bench.enforcer()
            #expect(
                await enforcer.carryOut(orders.map { .hold($0) }, now: Bench.at(1)).map(\.word) == [
                    "granted", "granted",
                ]
            )
            #expect(bench.world.setting(Bench.d, .filter(name)) == .filter(.isolate))
        }
        let leases = try bench.leasesOnDisk()
        #expect(leases.contains { $0.knob == .disk(name) } && leases.allSatisfy { $0.name == name && $0.rule == name })
        #expect(HoldMark(try #require(bench.world.mark(Bench.d))) != nil)
        let next = try bench.enforcer()
        #expect(await next.damage.isEmpty)
        #expect(await next.recover(now: Bench.at(2)).map(\.word) == ["released(recovered)", "released(recovered)"])
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("Every kind of setting is read from the ledger as it was written")
    func settings() throws {
        let settings: [(Knob, Setting)] =
            World.Guest.full.settings.map { ($0.key, $0.value) } + [
                (.memorySoftLimit, .memory(4_096)), (.power, .power(.paused)), (.power, .power(.other("I/O error"))),
                (.filter("vnet0"), .filter(.isolate)), (.cacheGroup, .cacheGroup(CacheGroups.throttled)),
                (.gpuSchedule("g"), .schedule(GPUSchedule(policy: 2, isAdaptive: true, parameters: [1, 2]))),
            ]
        for (knob, setting) in settings {
            let now = Lease.Moment(wall: 5, boot: Bench.start)
            var lease = Lease(
                order: Bench.order(),
                knob: knob,
                before: setting,
                pending: setting,
                now: now,
                bootID: "boot-1"
            )
            do {
                var ledger = try bench.ledger()
                lease = try ledger.open(lease)
            }
            #expect(try bench.leasesOnDisk().last == lease, "\(knob)")
        }
    }

    @Test("A ledger that another process keeps is refused, and read once that process has ended")
    func otherProcess() throws {
        let parent = FileManager.default.temporaryDirectory.appendingPathComponent("quell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: parent) }
        let directory = parent.path + "/quell"
        do { _ = try Ledger(directory: directory) }
        let other = Process()
        let (input, output) = (Pipe(), Pipe())
        other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        other.arguments = [directory + "/ledger.lock", "sh", "-c", "echo held; read line || true"]
        other.standardInput = input
        other.standardOutput = output
        try other.run()
        #expect(try output.fileHandleForReading.read(upToCount: 5) == Data("held\n".utf8))
        let pid = ProcessInfo.processInfo.processIdentifier
        // The number in the file is that of the last Quell that kept it.
        #expect(throws: LedgerError.locked(path: directory, pid: pid)) { _ = try Ledger(directory: directory) }
        try input.fileHandleForWriting.close()
        other.waitUntilExit()
        #expect(throws: Never.self) { _ = try Ledger(directory: directory) }
    }
}
