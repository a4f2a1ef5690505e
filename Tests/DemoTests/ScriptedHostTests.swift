import Demo
import Enforcement
import Signals
import Testing

@Suite("ScriptedHost")
struct ScriptedHostTests {
    private func vm(_ name: String, cores: Double, vcpus: Int = 2) -> ScriptedVM {
        ScriptedVM(name: name, tenant: "t", vcpus: vcpus, demand: .steady(cores))
    }

    @Test("On a host with room everybody gets what they ask for and hardly waits")
    func room() {
        var host = ScriptedHost(vms: [vm("a", cores: 1), vm("b", cores: 1)], hostCPUs: 4)
        host.advance()
        for slot in [VMSlot(0), VMSlot(1)] {
            #expect(abs(host.frame[slot, .cpuUsage].value - 1) < 0.1)
            #expect(host.frame[slot, .cpuRunDelay].value < 0.01)
        }
    }

    @Test("On a full host the CPUs are shared out whole, nobody below an even share goes short, and all wait")
    func full() {
        var host = ScriptedHost(vms: [vm("small", cores: 0.5), vm("big", cores: 4, vcpus: 4)], hostCPUs: 2)
        host.advance()
        let small = host.frame[VMSlot(0), .cpuUsage].value
        let big = host.frame[VMSlot(1), .cpuUsage].value
        #expect(abs(small + big - 2) < 1e-9)
        #expect(abs(small - 0.5) < 0.05)
        #expect(host.frame[VMSlot(0), .cpuRunDelay].value > 0.1)
        #expect(host.frame[VMSlot(1), .cpuRunDelay].value > 0.3)
    }

    private func quota(_ quota: Int64?) -> Setting { .quota(VCPUQuota(period: 100_000, quota: quota)) }

    @Test("A cap limits use, shows as throttled time and relieves the neighbour")
    func cap() async throws {
        let vms = [vm("small", cores: 0.5), vm("big", cores: 4, vcpus: 4)]
        let hypervisor = ScriptedHypervisor(ScriptedHost(vms: vms, hostCPUs: 2))
        try await hypervisor.set(.vcpuQuota, to: quota(25_000), of: vms[1].record.identity)
        hypervisor.tick(at: MonotonicTime(seconds: 0))
        #expect(hypervisor.frame[VMSlot(1), .cpuUsage].value <= 1 + 1e-9)
        #expect(hypervisor.frame[VMSlot(1), .cpuThrottled].value > 0.5)
        #expect(hypervisor.frame[VMSlot(0), .cpuRunDelay].value < 0.01)
        try await hypervisor.set(.vcpuQuota, to: quota(nil), of: vms[1].record.identity)
        #expect(try await hypervisor.read(.vcpuQuota, of: vms[1].record.identity) == quota(nil))
    }

    @Test("A VM that is not on the host can be neither read nor limited")
    func gone() async {
        let hypervisor = ScriptedHypervisor(ScriptedHost(vms: [vm("a", cores: 1)], hostCPUs: 2))
        let stranger = vm("stranger", cores: 1).record.identity
        await #expect(throws: ActuatorError.vmGone) { try await hypervisor.read(.vcpuQuota, of: stranger) }
        await #expect(throws: ActuatorError.vmGone) {
            try await hypervisor.set(.vcpuQuota, to: quota(10_000), of: stranger)
        }
    }

    @Test("The same seed makes the same frames, another seed others")
    func seeds() {
        var first = ScriptedHost(seed: 7)
        var second = ScriptedHost(seed: 7)
        var third = ScriptedHost(seed: 8)
        for _ in 0..<10 {
            first.advance()
            second.advance()
            third.advance()
        }
        #expect(first.frame[VMSlot(0), .cpuUsage] == second.frame[VMSlot(0), .cpuUsage])
        #expect(first.frame[VMSlot(0), .cpuUsage] != third.frame[VMSlot(0), .cpuUsage])
    }
}
