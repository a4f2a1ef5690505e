import Policy
import Signals
import Testing

@testable import Enforcement

/// Marks of a hold that somebody wrote who is no Quell: to be rid of the limits of the VM's owner, or to trouble another.
@Suite("Forged marks")
struct ForgedMarkTests {
    let bench = Bench()
    let vm = Bench.arrived

    /// What the VM's owner has limited it to, and a mark that says this was Quell, and that before there was no limit.
    private func forge() async throws -> Setting {
        try await bench.arrive(heldBy: [Bench.order(Bench.d, over: .cpu, .throttle(0.5))])
        #expect(bench.world.mark(vm) != nil)
        return try #require(bench.world.setting(vm, .vcpuQuota))
    }

    @Test("A VM that is started with a mark in its description keeps its owner's limits, and loses the mark")
    func booted() async throws {
        let own = try await forge()
        let enforcer = try bench.enforcer()
        let events = await enforcer.disown(vm, name: "vm-13", now: Bench.at(1))
        #expect(events.count == 1)
        guard case .failed(let key, name: _, let text) = try #require(events.first) else {
            Issue.record("it is not told: \(events)")
            return
        }
        #expect(key.vm == vm && text.contains("nothing that it says is put back"))
        #expect(bench.world.mark(vm) == nil)
        #expect(await enforcer.leases.isEmpty)
        _ = await enforcer.tick(now: Bench.at(4_000))
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(4_001))
        #expect(bench.world.setting(vm, .vcpuQuota) == own)
        #expect(bench.world.edit { $0.sets }.isEmpty)
    }

    @Test("The same VM with the same mark that came from another host is taken up and given back")
    func migrated() async throws {
        let own = try await forge()
        let enforcer = try bench.enforcer()
        _ = await enforcer.arrive(vm, name: "vm-13", vcpus: 4, now: Bench.at(1))
        _ = await enforcer.releaseAll(.operatorRequest, now: Bench.at(2))
        #expect(bench.world.setting(vm, .vcpuQuota) != own)
    }

    @Test("A VM that is held here keeps its mark whatever is told of its start")
    func held() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        _ = await enforcer.arrive(vm, name: "vm-13", vcpus: 4, now: Bench.at(1))
        #expect(await enforcer.disown(vm, name: "vm-13", now: Bench.at(2)).isEmpty)
        #expect(bench.world.mark(vm) != nil)
        #expect(await !enforcer.leases.isEmpty)
    }

    @Test(
        "A mark that is none of Quell's puts nothing back",
        arguments: [
            "", "{}", "[]", "null", "{\"version\":1}", "\u{1B}]0;owned\u{07}", String(repeating: "[", count: 60_000),
            "{\"bootID\":\"x\",\"entries\":[{\"knob\":\"vcpu-quota\"}],\"interfaces\":[]}",
        ]
    )
    func nonsense(mark: String) async throws {
        try await bench.arrive(mark: mark)
        let before = bench.world.edit { $0.guests[vm]?.settings }
        let enforcer = try bench.enforcer()
        _ = await enforcer.arrive(vm, name: "vm-13", vcpus: 4, now: Bench.at(1))
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(2))
        #expect(bench.world.edit { $0.guests[vm]?.settings } == before)
        #expect(await enforcer.leases.isEmpty)
    }
}
