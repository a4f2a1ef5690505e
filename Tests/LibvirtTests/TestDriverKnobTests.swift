import CLibvirt
import Signals
import TestSupport
import Testing

@testable import Libvirt

/// The calls of the knobs against the driver that libvirt has for tests: what it has, and what it refuses.
@Suite("Knobs of libvirt's own test driver")
struct TestDriverKnobTests {
    private let host = TestDriverHost()
    private let connection: LibvirtConnection

    init() { connection = LibvirtConnection(uri: host.uri) }

    /// The domain that the driver has from the beginning.
    private func testDomain() async throws -> DomainDescription {
        try await connection.connect()
        return try #require(try await connection.domains().first { $0.name == host.name })
    }

    /// What a call throws; `nil` where it goes well.
    private func failure(_ call: () async throws(LibvirtError) -> Void) async -> LibvirtError? {
        do throws(LibvirtError) {
            try await call()
            return nil
        } catch {
            return error
        }
    }

    @Test("limits of a disk are set whole, read back, and taken off")
    func disk() async throws {
        let uuid = try await testDomain().uuid
        #expect(try await connection.diskLimit("vda", of: uuid).isNone)
        let first = DiskLimit([
            "total_bytes": 4_000_000, "total_bytes_max": 8_000_000, "total_iops": 200, "total_iops_max": 300,
        ])
        try await connection.setDiskLimit(first, "vda", of: uuid)
        #expect(try await connection.diskLimit("vda", of: uuid).values == first.values)
        // This driver, unlike QEMU's, wants a burst with each limit.
        let second = DiskLimit(["read_iops": 50, "read_iops_max": 60])
        try await connection.setDiskLimit(second, "vda", of: uuid)
        #expect(try await connection.diskLimit("vda", of: uuid).values == second.values)
        try await connection.setDiskLimit(DiskLimit(), "vda", of: uuid)
        #expect(try await connection.diskLimit("vda", of: uuid).isNone)
    }

    @Test("a disk that is not there, a total beside its part and an unknown limit are refused and change nothing")
    func noDisk() async throws {
        let uuid = try await testDomain().uuid
        let limit = DiskLimit(["total_bytes": 1])
        #expect(await code { _ = try await connection.diskLimit("vdz", of: uuid) } == .invalidArgument)
        #expect(await code { try await connection.setDiskLimit(limit, "vdz", of: uuid) } == .invalidArgument)
        let both = DiskLimit(["total_bytes": 5, "read_bytes": 5])
        #expect(await code { try await connection.setDiskLimit(both, "vda", of: uuid) } == .invalidArgument)
        let unknown = DiskLimit(["bytes_per_minute": 5])
        #expect(await code { try await connection.setDiskLimit(unknown, "vda", of: uuid) } == .invalidArgument)
        #expect(try await connection.diskLimit("vda", of: uuid).isNone)
    }

    @Test("one direction of an interface is limited and the other stays; a floor is refused away from the VM")
    func bandwidth() async throws {
        let domain = try await testDomain()
        let device = try #require(domain.tapNames.first)
        let limit = Bandwidth(average: 300, peak: 400, burst: 64)
        try await connection.setBandwidth(limit, .receive, device, of: domain.uuid)
        #expect(try await connection.bandwidth(.receive, device, of: domain.uuid) == limit)
        #expect(try await connection.bandwidth(.transmit, device, of: domain.uuid).isNone)
        let floor = Bandwidth(average: 1, floor: 1)
        #expect(
            await code { try await connection.setBandwidth(floor, .transmit, device, of: domain.uuid) }
                == .invalidArgument
        )
        try await connection.setBandwidth(Bandwidth(), .receive, device, of: domain.uuid)
        #expect(try await connection.bandwidth(.receive, device, of: domain.uuid).isNone)
        #expect(await code { _ = try await connection.bandwidth(.receive, "none", of: domain.uuid) } != nil)
    }

    @Test("memory: a soft limit of whole KiB or none; a balloon up to what the domain may have, and not beyond")
    func memory() async throws {
        let domain = try await testDomain()
        let most = try #require(domain.memory)
        #expect(try await connection.memorySoftLimit(of: domain.uuid) == nil)
        try await connection.setMemorySoftLimit(64 << 20 | 0x3ff, of: domain.uuid)
        #expect(try await connection.memorySoftLimit(of: domain.uuid) == 64 << 20)
        try await connection.setMemorySoftLimit(nil, of: domain.uuid)
        #expect(try await connection.memorySoftLimit(of: domain.uuid) == nil)
        let before = try await connection.balloon(of: domain.uuid)
        try await connection.setBalloon(most, of: domain.uuid)
        #expect(try await connection.balloon(of: domain.uuid) == most)
        #expect(
            await code { try await connection.setBalloon(most + 1_024, of: domain.uuid) } == .invalidArgument
        )
        #expect(try await connection.balloon(of: domain.uuid) == most)
        try await connection.setBalloon(before, of: domain.uuid)
    }

    @Test("pins of the emulator: set, read back, all CPUs again; no CPUs and ones that the host lacks are refused")
    func pins() async throws {
        let uuid = try await testDomain().uuid
        let all = try await connection.pins(of: .emulator, of: uuid)
        let host = try await connection.hostCPUs()
        // This driver counts those that are not online, too.
        #expect(all == [CPUSet(0..<host.count)])
        try await connection.setPins([CPUSet([1])], of: .emulator, of: uuid)
        #expect(try await connection.pins(of: .emulator, of: uuid) == [CPUSet([1])])
        for bad in [[], [CPUSet([host.count + 1_000])]] {
            #expect(await code { try await connection.setPins(bad, of: .emulator, of: uuid) } == .invalidArgument)
        }
        #expect(try await connection.pins(of: .emulator, of: uuid) == [CPUSet([1])])
        try await connection.setPins(all, of: .emulator, of: uuid)
        #expect(try await connection.pins(of: .emulator, of: uuid) == all)
        #expect(try await connection.pins(of: .iothreads, of: uuid) == [])
    }

    @Test("suspended and resumed; twice is once; a domain that is off is refused")
    func power() async throws {
        let uuid = try await testDomain().uuid
        #expect(try await connection.powerState(of: uuid) == .running)
        for state in [PowerState.paused, .paused, .running, .running] {
            try await connection.setPowerState(state, of: uuid)
            #expect(try await connection.powerState(of: uuid) == state)
        }
        try await connection.call("virDomainDestroy", on: uuid) { (domain) throws(LibvirtError) in
            _ = try unsafe domain.withPointer { pointer throws(LibvirtError) in
                try CallContext("virDomainDestroy").check(unsafe virDomainDestroy(pointer))
            }
        }
        for state in [PowerState.paused, .running] {
            #expect(await code { try await connection.setPowerState(state, of: uuid) } == .operationInvalid)
        }
        #expect(try await connection.powerState(of: uuid) == .other("off"))
    }

    @Test("a mark is set, replaced and taken off; none is not an empty one")
    func mark() async throws {
        let uuid = try await testDomain().uuid
        #expect(try await connection.mark(of: uuid) == nil)
        for text in ["a <b> & 'c'\n", "", "ü"] {
            try await connection.setMark(text, of: uuid)
            #expect(try await connection.mark(of: uuid) == text)
        }
        #expect(await code { try await connection.setMark("\u{1}", of: uuid) } == .invalidArgument)
        #expect(try await connection.mark(of: uuid) == "ü")
        try await connection.setMark(nil, of: uuid)
        #expect(try await connection.mark(of: uuid) == nil)
    }

    @Test("what the driver lacks is refused in one line each, and nothing is left undecided")
    func lacking() async throws {
        let domain = try await testDomain()
        let uuid = domain.uuid
        let device = try #require(domain.tapNames.first)
        let quota = VCPUQuota(period: 100_000, quota: 50_000)
        var failures: [LibvirtError?] = []
        for threads in [DomainThreads.vcpus, .emulator, .iothreads] {
            failures.append(
                await failure { () throws(LibvirtError) in
                    try await connection.setQuota(quota, of: uuid, threads: threads)
                }
            )
        }
        failures.append(await failure { () throws(LibvirtError) in try await connection.setCPUShares(512, of: uuid) })
        failures.append(
            await failure { () throws(LibvirtError) in
                try await connection.setPins([CPUSet([0])], of: .vcpus, of: uuid)
            }
        )
        failures.append(
            await failure { () throws(LibvirtError) in try await connection.setLink(false, device, of: uuid) }
        )
        failures.append(
            await failure { () throws(LibvirtError) in
                try await connection.setNetworkFilter(.isolate, device, of: uuid)
            }
        )
        #expect(failures.count == 7)
        for failure in failures {
            let failure = try #require(failure)
            #expect(failure.code == .unsupported || failure.code == .invalidArgument)
            #expect(!failure.outcomeUnknown)
            let isOneLine = !failure.description.contains { $0.isNewline }
            #expect(isOneLine)
        }
        #expect(try await connection.isLinkUp(device, of: uuid))
        #expect(try await connection.networkFilter(device, of: uuid) == nil)
    }
}
