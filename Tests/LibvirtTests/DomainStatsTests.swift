import Signals
import Testing

@testable import Libvirt

@Suite("What libvirt counts of a domain")
struct DomainStatsTests {
    private func read(_ values: [(String, TypedValue)], _ groups: StatsGroups = []) -> DomainStats {
        var builder = DomainStatsBuilder(uuid: vm(1))
        for (name, value) in values { builder.take(name, value) }
        return builder.finish(requested: groups)
    }

    private static let all: [(String, TypedValue)] = [
        ("state.state", .int(1)), ("state.reason", .int(1)),
        ("balloon.current", .uint(98_304)), ("balloon.maximum", .uint(131_072)), ("balloon.swap_in", .uint(1)),
        ("balloon.swap_out", .uint(2)), ("balloon.major_fault", .uint(3)), ("balloon.minor_fault", .uint(4)),
        ("balloon.unused", .uint(5)), ("balloon.available", .uint(6)), ("balloon.usable", .uint(7)),
        ("balloon.disk_caches", .uint(8)), ("balloon.last-update", .uint(1_700_000_000)), ("balloon.rss", .uint(9)),
        ("vcpu.current", .uint(2)), ("vcpu.maximum", .uint(4)),
        ("vcpu.1.time", .uint(20)), ("vcpu.0.state", .int(1)), ("vcpu.0.time", .uint(10)), ("vcpu.0.wait", .uint(11)),
        ("vcpu.0.delay", .uint(12)), ("vcpu.0.halted", .bool(true)),
        ("net.count", .uint(1)), ("net.0.name", .string("vnet0")), ("net.0.rx.bytes", .uint(1)),
        ("net.0.rx.pkts", .uint(2)), ("net.0.rx.errs", .uint(3)), ("net.0.rx.drop", .uint(4)),
        ("net.0.tx.bytes", .uint(5)), ("net.0.tx.pkts", .uint(6)), ("net.0.tx.errs", .uint(7)),
        ("net.0.tx.drop", .uint(8)),
        ("block.count", .uint(1)), ("block.0.name", .string("vda")), ("block.0.path", .string("/img")),
        ("block.0.rd.reqs", .uint(1)), ("block.0.rd.bytes", .uint(2)), ("block.0.rd.times", .uint(3)),
        ("block.0.wr.reqs", .uint(4)), ("block.0.wr.bytes", .uint(5)), ("block.0.wr.times", .uint(6)),
        ("block.0.fl.reqs", .uint(7)), ("block.0.fl.times", .uint(8)), ("block.0.allocation", .uint(9)),
        ("block.0.capacity", .uint(10)), ("block.0.physical", .uint(11)),
    ]

    @Test("Every figure is found, sizes in bytes")
    func everything() throws {
        let stats = read(Self.all, [.state, .balloon, .vcpu, .interface, .block])
        #expect(stats.state == .running)
        #expect(stats.vcpuCount == 2)
        var first = DomainStats.VCPU(index: 0)
        (first.time, first.wait, first.delay, first.halted) = (10, 11, 12, true)
        var second = DomainStats.VCPU(index: 1)
        second.time = 20
        #expect(stats.vcpus == [first, second])
        var balloon = DomainStats.Balloon()
        (balloon.current, balloon.maximum) = (96 << 20, 128 << 20)
        (balloon.swapIn, balloon.swapOut, balloon.majorFaults, balloon.minorFaults) = (1024, 2048, 3, 4)
        (balloon.unused, balloon.available, balloon.usable, balloon.diskCaches) = (5120, 6144, 7168, 8192)
        (balloon.lastUpdate, balloon.rss) = (1_700_000_000, 9216)
        #expect(stats.balloon == balloon)
        var interface = DomainStats.Interface(index: 0)
        interface.name = "vnet0"
        (interface.rxBytes, interface.rxPackets, interface.rxErrors, interface.rxDrops) = (1, 2, 3, 4)
        (interface.txBytes, interface.txPackets, interface.txErrors, interface.txDrops) = (5, 6, 7, 8)
        #expect(stats.interfaces == [interface])
        var block = DomainStats.Block(index: 0)
        (block.name, block.path) = ("vda", "/img")
        (block.readRequests, block.readBytes, block.readTime) = (1, 2, 3)
        (block.writeRequests, block.writeBytes, block.writeTime) = (4, 5, 6)
        (block.flushRequests, block.flushTime) = (7, 8)
        (block.allocation, block.capacity, block.physical) = (9, 10, 11)
        #expect(stats.blocks == [block])
        #expect(stats.missed == [])
    }

    @Test("Exits, polls and interrupts of KVM guests, under the kernel's names")
    func kvm() {
        let stats = read(
            [
                ("vcpu.0.time", .uint(1)), ("vcpu.0.exits.sum", .uint(28_094_008)),
                ("vcpu.0.mmio_exits.sum", .uint(6)), ("vcpu.0.halt_attempted_poll.sum", .uint(610_576)),
                ("vcpu.0.halt_successful_poll.sum", .uint(5)), ("vcpu.0.irq_injections.sum", .uint(594)),
                ("vcpu.0.exits", .uint(9)), ("vcpu.0.exits.cur", .uint(9)), ("vcpu.0.blocking.cur", .bool(true)),
                ("vcpu.1.time", .uint(1)), ("vcpu.1.exits.sum", .string("x")), ("vcpu.1.irq_injections.sum", .int(-1)),
            ],
            .vcpu
        )
        #expect(stats.vcpus.map(\.exits) == [28_094_008, nil])
        #expect(stats.vcpus.map(\.haltPolls) == [610_576, nil])
        #expect(stats.vcpus.map(\.interrupts) == [594, nil])
    }

    @Test("The dirty rate is in bytes and told to be over or not; one that makes no sense is none")
    func dirtyRate() {
        let over = read([
            ("dirtyrate.calc_status", .int(2)), ("dirtyrate.calc_start_time", .int(7)),
            ("dirtyrate.calc_period", .int(1)), ("dirtyrate.megabytes_per_second", .int(3)),
            ("dirtyrate.vcpu.0.megabytes_per_second", .uint(99)),
        ]).dirtyRate
        #expect(over?.isMeasured == true && over?.bytesPerSecond == 3 << 20)
        #expect(read([("dirtyrate.calc_status", .int(1))]).dirtyRate?.isMeasured == false)
        #expect(read([("dirtyrate.megabytes_per_second", .int(-1))]).dirtyRate == nil)
        #expect(read([("dirtyrate.megabytes_per_second", .uint(.max))]).dirtyRate?.bytesPerSecond == .max)
        #expect(read([("state.state", .int(1))]).dirtyRate == nil)
    }

    @Test("What holds a domain is told with its age, and a job that is over has none")
    func control() {
        #expect(DomainControl(state: 0, milliseconds: 9) == .free)
        #expect(DomainControl(state: 1, milliseconds: 1_500) == .job(1.5))
        #expect(DomainControl(state: 2, milliseconds: 250).age == 0.25)
        #expect(DomainControl(state: 3, milliseconds: 9).age == nil)
        #expect(DomainControl(state: 77, milliseconds: 9) == .broken)
        #expect((0...5).map { DomainControl.jobAge(type: $0, milliseconds: 2_000) } == [0, 2, 2, 0, 0, 0])
    }

    @Test("What is not there is nil, never 0")
    func missing() {
        let stats = read([("vcpu.0.time", .uint(1)), ("block.0.name", .string("vda"))])
        #expect(stats.state == nil)
        #expect(stats.balloon == nil)
        #expect(stats.vcpus.first?.delay == nil)
        #expect(stats.blocks.first?.readBytes == nil)
        #expect(read([]) == DomainStats(uuid: vm(1)))
    }

    @Test("Names that are unknown, and values of a strange type or sign, are passed over")
    func strange() {
        let stats = read([
            ("", .uint(1)), (".", .uint(1)), ("cpu.time", .uint(1)), ("state", .int(1)), ("state.state.x", .int(1)),
            ("vcpu", .uint(1)), ("vcpu.0", .uint(1)), ("vcpu.x.time", .uint(1)), ("vcpu.-1.time", .uint(1)),
            ("vcpu.99999999999999999999.time", .uint(1)), ("vcpu.4096.time", .uint(1)), ("balloon.new", .uint(1)),
            ("balloon.rss", .int(-1)), ("balloon.rss", .string("1")), ("net.0", .uint(1)),
        ])
        #expect(stats == DomainStats(uuid: vm(1)))
        #expect(read([("vcpu.4095.time", .uint(1))]).vcpus.map(\.index) == [4095])
        #expect(read([("vcpu.0.time", .int(-1)), ("vcpu.0.halted", .int(1))]).vcpus == [DomainStats.VCPU(index: 0)])
    }

    @Test("A size too large for bytes is the largest there is")
    func overflow() {
        #expect(read([("balloon.rss", .uint(.max))]).balloon?.rss == .max)
    }

    @Test("A group that came without what only QEMU can give is missed")
    func missed() {
        let groups: StatsGroups = [.state, .balloon, .vcpu, .interface, .block]
        let busy = Self.all.filter { name, _ in
            !name.hasSuffix(".rss") && !name.contains(".rd.") && !name.contains(".wr.") && !name.contains(".fl.")
        }
        #expect(read(busy, groups).missed == [.balloon, .block])
        #expect(read(busy, [.state]).missed == [])
        #expect(read([], groups).missed == [.state, .balloon, .vcpu])
    }

    @Test("An empty drive beside a disk is no miss, and no disk at all is none either")
    func emptyDrive() {
        let stats = read(
            [("block.0.name", .string("sda")), ("block.1.name", .string("vda")), ("block.1.rd.reqs", .uint(0))],
            .block
        )
        #expect(stats.missed == [])
        #expect(read([("block.count", .uint(0))], .block).missed == [])
    }
}

@Suite("libvirt's numbers in Quell's words")
struct NumbersTests {
    @Test("States, with an unknown one called so")
    func power() {
        let expected: [DomainPower] = [
            .unknown, .running, .blocked, .paused, .shuttingDown, .shutOff, .crashed, .suspended, .unknown,
        ]
        #expect((0...8).map { DomainPower(number: $0) } == expected)
        #expect(DomainPower(number: .min) == .unknown)
    }

    @Test("A job counts only while it is under way")
    func job() {
        #expect(DomainJob(type: 0, operation: 5) == .none)
        #expect(DomainJob(type: 3, operation: 5) == .none)
        #expect(DomainJob(type: 1, operation: 5) == .migrationOut)
        #expect(DomainJob(type: 2, operation: 9) == .backup)
        #expect(DomainJob(type: 2, operation: nil) == .unknown)
        #expect(DomainJob(type: 2, operation: 99) == .unknown)
        #expect(DomainJob.allCases.filter { $0.activity.isEmpty } == [.none])
    }

    @Test("Errors, with a broken connection told apart by the part of libvirt that raised it")
    func errors() {
        #expect(LibvirtError.Code(number: 42, origin: 10) == .noDomain)
        #expect(LibvirtError.Code(number: 55, origin: 10) == .operationInvalid)
        #expect(LibvirtError.Code(number: 68, origin: 10) == .timedOut)
        #expect(LibvirtError.Code(number: 86, origin: 10) == .agentBusy)
        #expect(LibvirtError.Code(number: 1, origin: 10) == .other(1))
        #expect(LibvirtError.Code(number: 1, origin: 7) == .disconnected)
        #expect(LibvirtError.Code(number: 38, origin: 7) == .disconnected)
        #expect(LibvirtError.Code(number: 9_999, origin: 7) == .other(9_999))
        #expect(LibvirtError.Code(number: -1, origin: 0) == .other(-1))
    }

    @Test("Only failures after which a change may be in force have an unknown outcome")
    func outcome() {
        let context = CallContext("x")
        #expect(context.failure(.deadline, "").outcomeUnknown)
        #expect(context.failure(.disconnected, "").outcomeUnknown)
        #expect(!context.failure(.busy, "").outcomeUnknown)
        #expect(!context.failure(.invalidArgument, "").outcomeUnknown)
    }

    @Test("An error is told in one line")
    func text() {
        let error = CallContext("virDomainGetState", vm(1)).failure(.noDomain, "gone")
        #expect(error.description == "virDomainGetState of \(vm(1)): gone (noDomain)")
    }

    @Test("Lifecycle events")
    func lifecycle() {
        #expect(DomainEvent(lifecycle: 2, detail: 0, of: vm(1)) == .booted(vm(1)))
        for arrival: Int32 in 1...4 {
            #expect(DomainEvent(lifecycle: 2, detail: arrival, of: vm(1)) == .started(vm(1)))
        }
        #expect(DomainEvent(lifecycle: 5, detail: 0, of: vm(1)) == .stopped(vm(1)))
        for event: Int32 in [0, 1, 3, 4, 6, 7, 8, 99, -1] {
            #expect(DomainEvent(lifecycle: event, detail: 0, of: vm(1)) == .changed(vm(1)))
        }
    }
}
