import CLibvirt
import Signals
import Testing

@testable import Libvirt

/// Runs against the driver that libvirt has for tests, which keeps its domains in this process.
@Suite("libvirt's own test driver", .serialized)
struct TestDriverTests {
    private static let uri = "test:///default"
    private let connection = LibvirtConnection(uri: uri)

    /// The domain that the driver has from the beginning.
    private func testDomain() async throws -> DomainDescription {
        try await connection.connect()
        return try #require(try await connection.domains().first { $0.name == "test" })
    }

    /// Changes the test domain as an administrator would.
    private func change(
        _ function: String,
        _ uuid: VMUUID,
        _ call: @escaping @Sendable (OpaquePointer) -> Int32
    ) async throws {
        try await connection.call(function, on: uuid) { (domain) throws(LibvirtError) in
            _ = try unsafe domain.withPointer { pointer throws(LibvirtError) in
                try CallContext(function, uuid).check(unsafe call(pointer))
            }
        }
    }

    /// Starts domains that are gone once they stop.
    private func create(_ names: [String], metadata: String = "") async throws {
        try await connection.call(CallContext("virDomainCreateXML")) { (handle) throws(LibvirtError) in
            for name in names {
                let xml = """
                    <domain type='test'><name>\(name)</name><metadata>\(metadata)</metadata>
                    <memory>1024</memory><os><type>hvm</type></os></domain>
                    """
                try unsafe handle.withPointer { pointer throws(LibvirtError) in
                    // SAFETY: the text lives for the call, and the reference that comes back is freed at once.
                    guard let domain = unsafe virDomainCreateXML(pointer, xml, 0) else {
                        throw CallContext("virDomainCreateXML").lastFailure()
                    }
                    _ = unsafe virDomainFree(domain)
                }
            }
        }
    }

    @Test("Its domain is listed and described, alike both ways")
    func list() async throws {
        let domain = try await testDomain()
        #expect(domain.id == 1)
        #expect(domain.vcpus >= 1)
        #expect(try await connection.domain(domain.uuid) == domain)
        #expect(try await connection.listing().failures.isEmpty)
    }

    @Test("Many domains are listed in libvirt's order, several at once, and each once")
    func many() async throws {
        try await connection.connect()
        let names = (0..<25).map { "many-\($0)" }
        let first = try await connection.domains().map(\.name)
        try await create(names)
        let listing = try await connection.listing()
        #expect(listing.failures.isEmpty)
        #expect(Set(listing.domains.map(\.name)) == Set(first + names))
        #expect(listing.domains.count == first.count + names.count)
        #expect(listing.domains.map(\.uuid) == (try await connection.listing().domains.map(\.uuid)))
        let uuids = listing.domains.filter { names.contains($0.name) }.map(\.uuid)
        #expect(await connection.states(of: uuids).values.allSatisfy { $0.power == .running })
        for uuid in uuids {
            try await unsafe change("virDomainDestroy", uuid) { unsafe virDomainDestroy($0) }
        }
        #expect(try await connection.domains().map(\.name).sorted() == first.sorted())
        #expect(await connection.states(of: uuids).isEmpty)
    }

    @Test("A domain that is not there is told so, on every call")
    func noDomain() async throws {
        try await connection.connect()
        let gone = vm(404)
        #expect(await code { _ = try await connection.domain(gone) } == .noDomain)
        #expect(await code { _ = try await connection.state(gone) } == .noDomain)
        #expect(await code { _ = try await connection.quota(of: gone) } == .noDomain)
        let quota = VCPUQuota(period: 100_000, quota: nil)
        #expect(await code { try await connection.setQuota(quota, of: gone) } == .noDomain)
        #expect(connection.openCircuits.isEmpty)
    }

    @Test("Pausing and resuming shows in its state and in the events")
    func pause() async throws {
        let uuid = try await testDomain().uuid
        var events = connection.events.makeAsyncIterator()
        #expect(try await connection.state(uuid) == DomainStatus(power: .running, job: .none))
        try await unsafe change("virDomainSuspend", uuid) { unsafe virDomainSuspend($0) }
        #expect(await events.next() == .changed(uuid))
        #expect(try await connection.state(uuid).power == .paused)
        try await unsafe change("virDomainResume", uuid) { unsafe virDomainResume($0) }
        #expect(await events.next() == .changed(uuid))
        #expect(try await connection.state(uuid).power == .running)
    }

    @Test("A domain whose description is too large to be read is still told of by name, number and vCPUs")
    func outline() async throws {
        try await connection.connect()
        let padding = String(repeating: "m", count: DomainDescription.sizeLimit)
        try await create(["hidden"], metadata: "<x:a xmlns:x='urn:x'>\(padding)</x:a>")
        let listing = try await connection.listing()
        #expect(!listing.domains.contains { $0.name == "hidden" })
        let (uuid, error) = try #require(listing.failures.first)
        #expect(error.code == .malformed)
        let outline = try await connection.outline(uuid)
        #expect(outline.name == "hidden")
        #expect(outline.id > 0 && outline.vcpus >= 1 && outline.memory ?? 0 > 0)
        #expect(outline.tenants.isEmpty && outline.disks.isEmpty && outline.interfaces.isEmpty)
    }

    @Test("What is remembered of calls on a domain that is gone is forgotten")
    func forgotten() {
        for number in 1...1_000 {
            let vm = VMUUID(high: 1, low: UInt64(number))
            connection.note(vm, CallContext("virDomainGetState", vm).failure(.deadline, "late"))
            #expect(connection.breakers == 1)
            connection.forget(vm)
        }
        #expect(connection.breakers == 0)
    }

    @Test("Stopping and starting shows in the list and in the events")
    func restart() async throws {
        let uuid = try await testDomain().uuid
        var events = connection.events.makeAsyncIterator()
        try await unsafe change("virDomainDestroy", uuid) { unsafe virDomainDestroy($0) }
        #expect(await events.next() == .stopped(uuid))
        #expect(try await connection.domains().contains { $0.uuid == uuid } == false)
        #expect(try await connection.state(uuid) == DomainStatus(power: .shutOff, job: .none))
        try await unsafe change("virDomainCreate", uuid) { unsafe virDomainCreate($0) }
        var started: DomainEvent?
        repeat { started = await events.next() } while started != nil && started != .booted(uuid)
        #expect(started == .booted(uuid))
        #expect(try await connection.domains().contains { $0.uuid == uuid })
    }

    @Test("A driver that refuses the calls for a vCPU quota says so")
    func unsupported() async throws {
        let uuid = try await testDomain().uuid
        // The driver knows a scheduler but refuses the flags that the calls need.
        #expect(await code { _ = try await connection.quota(of: uuid) } == .invalidArgument)
        let limit = VCPUQuota(period: 100_000, quota: 1_000)
        #expect(await code { try await connection.setQuota(limit, of: uuid) } == .invalidArgument)
    }

    @Test("Bulk stats of all, of some with one that is gone, and of none")
    func stats() async throws {
        let uuid = try await testDomain().uuid
        let stats = try await connection.stats([.state, .balloon])
        #expect(stats.contains { $0.uuid == uuid && $0.state == .running && $0.missed == .balloon })
        #expect(try await connection.stats(.state, of: [uuid, vm(404)]).map(\.uuid) == [uuid])
        #expect(try await connection.stats(.state, of: [vm(404)]).isEmpty)
        #expect(try await connection.stats(.state, of: []).isEmpty)
    }

    @Test("A domain is looked up once, and forgotten when it is gone")
    func references() async throws {
        try await connection.connect()
        try await create(["passing"])
        let uuid = try #require(try await connection.domains().first { $0.name == "passing" }).uuid
        let handle = try #require(connection.handle)
        let count = handle.domains.count
        #expect(count >= 2)
        #expect(try await connection.state(uuid).power == .running)
        #expect(handle.domains.count == count)
        try await unsafe change("virDomainDestroy", uuid) { unsafe virDomainDestroy($0) }
        #expect(try await connection.stats(.state, of: [uuid]).isEmpty)
        #expect(handle.domains.count == count - 1)
        #expect(await code { _ = try await connection.state(uuid) } == .noDomain)
        #expect(await code { _ = try await connection.stats(.state, alone: uuid) } == .noDomain)
    }

    @Test("Jobs, control state, dirty rate and versions: what the driver has, and what it refuses")
    func control() async throws {
        let uuid = try await testDomain().uuid
        #expect(try await connection.jobAges(of: [uuid, vm(404)]) == [uuid: 0])
        #expect(try await connection.jobAges(of: []).isEmpty)
        #expect(try await connection.control(of: uuid) == .free)
        #expect(await code { _ = try await connection.control(of: vm(404)) } == .noDomain)
        #expect(await code { try await connection.startDirtyRate(of: uuid, seconds: 1) } == .unsupported)
        #expect(try await connection.stats(.state, alone: uuid).state == .running)
        let versions = try await connection.versions()
        #expect(versions.libvirt ?? 0 >= 5_000_000)
        #expect(versions.hypervisor != nil)
        #expect(await connection.states(of: [uuid, vm(404)]).keys.sorted { $0.low < $1.low } == [uuid])
    }

    @Test("A connection without domain events tells its own edges, and nothing of domains")
    func edgesAlone() async throws {
        let quiet = LibvirtConnection(uri: Self.uri, watchesDomains: false)
        var events = quiet.events.makeAsyncIterator()
        let run = Task { await quiet.run() }
        #expect(await events.next() == .reconnected)
        let uuid = try #require(try await quiet.domains().first).uuid
        try await quiet.call("virDomainSuspend", on: uuid) { (domain) throws(LibvirtError) in
            _ = try unsafe domain.withPointer { pointer throws(LibvirtError) in
                try CallContext("virDomainSuspend").check(unsafe virDomainSuspend(pointer))
            }
        }
        let handle = try #require(quiet.handle)
        handle.watch.noteClosed()
        #expect(await events.next() == .disconnected)
        run.cancel()
        await run.value
    }

    @Test("Before it is connected, and after, every call says that there is no connection")
    func disconnected() async throws {
        #expect(!connection.isConnected)
        #expect(await code { _ = try await connection.domains() } == .disconnected)
        #expect(await code { _ = try await connection.stats(.state) } == .disconnected)
    }

    @Test("What runs connects, tells so, connects again after a loss, and closes when cancelled")
    func running() async throws {
        var events = connection.events.makeAsyncIterator()
        let run = Task { [connection] in await connection.run() }
        #expect(await events.next() == .reconnected)
        #expect(connection.isConnected)
        let lost = try #require(connection.handle)
        lost.watch.noteClosed()
        #expect(await events.next() == .disconnected)
        #expect(await events.next() == .reconnected)
        #expect(connection.handle !== lost)
        run.cancel()
        await run.value
        #expect(await events.next() == .disconnected)
        #expect(!connection.isConnected)
    }

    @Test("A place where nothing is gives a failure to connect, which running survives")
    func nowhere() async throws {
        let clock = ManualClock()
        let nowhere = LibvirtConnection(uri: "qemu:///nowhere", deadline: .seconds(5), clock: clock)
        #expect(await code { try await nowhere.connect() } != nil)
        #expect(await code { try await LibvirtConnection(uri: "").connect() } != .deadline)
        let run = Task { await nowhere.run() }
        await clock.sleepers(1)
        run.cancel()
        await run.value
        #expect(!nowhere.isConnected)
    }

    @Test("A VM that does not answer is left alone after three deadlines, and asked again after the back-off")
    func breaker() async throws {
        let clock = ManualClock()
        let connection = LibvirtConnection(uri: Self.uri, deadline: .seconds(1), clock: clock)
        try await connection.connect()
        let uuid = try #require(try await connection.domains().first).uuid
        for _ in 0..<3 {
            let gate = Gate()
            async let outcome = code {
                try await connection.call("test", on: uuid) { (_) throws(LibvirtError) in gate.pass() }
            }
            await gate.arrivals(1)
            await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            #expect(await outcome == .deadline)
            gate.open()
            await eventually { connection.stuckCalls == 0 }
        }
        #expect(connection.openCircuits == [uuid])
        #expect(await code { _ = try await connection.state(uuid) } == .circuitOpen)
        #expect(try await connection.listing().failures[uuid]?.code == .circuitOpen)
        clock.advance(by: .seconds(5))
        #expect(await code { _ = try await connection.state(uuid) } == nil)
        #expect(connection.openCircuits.isEmpty)
    }
}
