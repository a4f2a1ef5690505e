import Libvirt
import Reporting
import Sampling
import Signals
import Synchronization
import Testing

@testable import HostReaders
@testable import QuellRuntime

@Suite("What a host gives, and no longer gives")
struct CapabilityWatchTests {
    private func capability(_ signal: Signal, _ state: Capability.State) -> Capability {
        Capability(signal: signal, state: state, source: "test", remedy: "do something")
    }

    private let first: [Capability.State] = [.available, .degraded("in part"), .notAvailable("not there")]

    private func capabilities(_ states: [Capability.State]) -> [Capability] {
        zip([Signal.cpuUsage, .netMulticast, .llcOccupancy], states).map { capability($0, $1) }
    }

    @Test("The first look is summed up in one record")
    func summary() {
        var watch = CapabilityWatch()
        let alerts = watch.take(capabilities(first))
        #expect(alerts.map(\.id) == [.capabilitiesProbed])
        #expect(alerts.first?.text.contains("of 3 signals 1 are available, 1 degraded, 1 not available") == true)
    }

    @Test("Each signal that changed is told with before, after, why and remedy; a loss is a warning")
    func changes() throws {
        var watch = CapabilityWatch()
        _ = watch.take(capabilities(first))
        let alerts = watch.take(capabilities([.notAvailable("gone"), .degraded("in part"), .available]))
        #expect(alerts.map { $0[.signal] } == ["cpu.usage", "llc.occupancy"])
        let loss = try #require(alerts.first)
        #expect(loss.id == .capabilityChanged && loss.severity == .warning)
        #expect(loss[.before] == "available" && loss[.value] == "not available" && loss[.reason] == "gone")
        #expect(loss[.remedy] == "do something")
        #expect(loss.text == "cpu.usage is not available, it was available: gone; to change it: do something")
        #expect(alerts.last?.severity == .info)
        #expect(alerts.last?.text == "llc.occupancy is available, it was not available")
    }

    @Test("The same again, or for another reason, is told no second time; going back is")
    func same() {
        var watch = CapabilityWatch()
        _ = watch.take(capabilities(first))
        #expect(watch.take(capabilities(first)).isEmpty)
        #expect(watch.take(capabilities([.available, .degraded("else"), .notAvailable("else")])).isEmpty)
        #expect(watch.take(capabilities([.degraded("x"), .degraded("else"), .notAvailable("else")])).count == 1)
        #expect(watch.take(capabilities(first)).map { $0[.before] } == ["degraded"])
    }

    @Test("A signal that was never judged before, or is judged no more, is no change")
    func unknown() {
        var watch = CapabilityWatch()
        _ = watch.take([capability(.cpuUsage, .available)])
        #expect(watch.take([capability(.memRSS, .notAvailable("x"))]).isEmpty)
        #expect(watch.take([capability(.memRSS, .available)]).count == 1)
    }

    @Test("A daemon whose libvirt does not answer looks all the same and says so of libvirt's signals")
    func noLibvirt() async {
        let connection = LibvirtConnection(uri: "test:///default")
        let (access, before) = await Doctor.probe(HostRoots(tree: "/nowhere"), connection)
        guard case .unreachable(let why) = access else {
            Issue.record("it was not connected")
            return
        }
        #expect(why.contains("no connection"))
        var watch = CapabilityWatch()
        _ = watch.take(before)
        try? await connection.connect()
        let (now, after) = await Doctor.probe(HostRoots(tree: "/nowhere"), connection)
        #expect(now == .reachable)
        let told = watch.take(after)
        #expect(told.contains { $0[.signal] == "libvirt.latency" && $0[.value] == "available" })
        #expect(!told.contains { $0[.signal] == "cpu.usage" })
    }
}
