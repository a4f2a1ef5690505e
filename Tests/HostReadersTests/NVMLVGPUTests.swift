import HostReaders
import TestSupport
import Testing

@Suite("NVML, vGPUs")
struct NVMLVGPUTests {
    private let address = "0000:3b:00.0"
    private let two = """
        gpu 0000:3b:00.0
        vgpu 3251634178
        mdev AA618089-8B16-4D01-A136-25A0F3C73123
        vm 11111111-2222-3333-4444-555555555555
        fb 1073741824
        sample 1000 25 5
        vgpu 7
        domain 12
        fb 5
        backed 3
        sample 2000 50 10

        """

    @Test("vGPUs tell their VM, their mediated device, their memory and their instance")
    func identity() throws {
        let stand = try ScriptedNVML(two)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        let vgpus = try nvml.vgpus(of: gpu)
        #expect(vgpus.map(\.id) == [3_251_634_178, 7])
        #expect(try nvml.mediatedDevice(of: vgpus[0]) == "AA618089-8B16-4D01-A136-25A0F3C73123")
        #expect(try nvml.virtualMachine(of: vgpus[0]) == "11111111-2222-3333-4444-555555555555")
        #expect(try nvml.memoryUsed(of: vgpus[0]) == 1 << 30)
        #expect(try nvml.instance(of: vgpus[0]) == nil)
        #expect(try nvml.virtualMachine(of: vgpus[1]) == nil, "a number of another hypervisor's is no UUID")
        #expect(try nvml.instance(of: vgpus[1]) == 3)
        #expect(throws: NVMLError.self) { () throws(NVMLError) in try nvml.mediatedDevice(of: vgpus[1]) }
    }

    @Test("a GPU without vGPUs at present has an empty list, not an error")
    func empty() throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\nvgpus\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(try nvml.vgpus(of: gpu).isEmpty)
        #expect(try nvml.vgpuSamples(of: gpu, since: 0).isEmpty)
    }

    @Test("samples are those since a time, and none is no error")
    func samples() throws {
        let stand = try ScriptedNVML(two)
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        let all = try nvml.vgpuSamples(of: gpu, since: 0)
        #expect(all.map(\.time) == [1_000, 2_000])
        #expect(all.map { $0.shares?.sm } == [0.25, 0.5] && all.map { $0.shares?.memory } == [0.05, 0.1])
        #expect(try nvml.vgpuSamples(of: gpu, since: 1_000).map(\.vgpu.id) == [7])
        #expect(try nvml.vgpuSamples(of: gpu, since: 2_000).isEmpty)
    }

    @Test("samples are read by the type that comes with them; one that is not known gives none", arguments: 0...7)
    func types(kind: Int) throws {
        let stand = try ScriptedNVML(two + "samples \(kind)\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        let shares = try nvml.vgpuSamples(of: gpu, since: 0).map(\.shares)
        #expect(shares.count == 2)
        #expect(shares.allSatisfy { $0 == nil } == (kind == 7))
        if kind < 7 { #expect(shares.last??.sm == 0.5) }
    }

    @Test("shares that are no percentages are left out")
    func hostileShares() throws {
        let stand = try ScriptedNVML("gpu 0000:3b:00.0\nvgpu 1\nsample 5 -1 0\nvgpu 2\nsample 6 nan 1\nsamples 0\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        let samples = try nvml.vgpuSamples(of: gpu, since: 0)
        #expect(samples.map(\.time) == [5, 6] && samples.allSatisfy { $0.shares == nil })
    }

    @Test("a vGPU that has ended is not found")
    func ended() throws {
        let stand = try ScriptedNVML(two)
        var nvml = try NVML(path: stand.library)
        let vgpus = try nvml.vgpus(of: nvml.attach(address))
        try stand.write("gpu 0000:3b:00.0\nvgpus\n")
        do {
            _ = try nvml.memoryUsed(of: vgpus[0])
            Issue.record("found")
        } catch {
            #expect(error.code == .notFound && !error.isLasting)
        }
    }

    @Test("more vGPUs than any GPU has are an error, not an allocation")
    func tooMany() throws {
        let stand = try ScriptedNVML(two + "error nvmlDeviceGetActiveVgpus insufficient_size\n")
        var nvml = try NVML(path: stand.library)
        let gpu = try nvml.attach(address)
        #expect(throws: NVMLError.self) { () throws(NVMLError) in try nvml.vgpus(of: gpu) }
    }
}
