import Sampling
import Signals
import TestSupport
import Testing

@Suite("vGPUs of VMs")
struct GPUShareTests {
    private let gpu = """
        gpu 0000:3b:00.0
        utilization 60 20
        memory 85899345920 600000000 80000000000 5000000000
        power 250500
        reasons 0x4
        ecc 7
        pcie 1500 2500
        events

        """

    /// A vGPU of the first VM, by its mediated device.
    private func own(_ time: Int = 1_000, _ shares: String = "25 5", _ lines: String = "fb 1073741824") -> String {
        "vgpu 11\nmdev \(GPUBed.mdev.uppercased())\n\(lines)\nsample \(time) \(shares)\n"
    }

    /// A vGPU of the second VM, by its VM.
    private func other(_ time: Int = 1_000, _ shares: String = "35 15") -> String {
        "vgpu 22\nvm \(GPUBed.second)\nfb 2147483648\nsample \(time) \(shares)\n"
    }

    /// A host with a mediated device for the first VM and a virtual function for the second.
    private func bed(_ script: String, release: ScriptedNVML.Release = .new) throws -> GPUBed {
        let bed = try GPUBed(script, release: release)
        try bed.stand.place("0000:3b:00.0", driver: "nvidia")
        try bed.stand.place("0000:3b:00.4", driver: "nvidia", of: "0000:3b:00.0")
        try bed.stand.place("0000:3b:00.5", driver: "vfio-pci", of: "0000:3b:00.0")
        try bed.stand.place(mediated: GPUBed.mdev, on: "0000:3b:00.4")
        bed.source.watch([
            GPUBed.vm(GPUBed.first, mdevs: [GPUBed.mdev]), GPUBed.vm(GPUBed.second, pci: ["0000:3b:00.5"]),
        ])
        return bed
    }

    @Test("vGPUs are found by mediated device and by VM; what is the GPU's is told of neither VM")
    func shared() throws {
        let bed = try bed(gpu + own() + other())
        bed.read()
        #expect(bed.reading(.gpuMemUsed) == Reading(1_073_741_824))
        #expect(bed.reading(.gpuMemUsed, of: GPUBed.second) == Reading(2_147_483_648))
        #expect(bed.reading(.gpuSMUtil) == nil, "the first samples are over all that the driver keeps")
        let wholeGPUs: [Signal] = [.gpuPower, .gpuThrottleReasons, .gpuECC, .gpuXID, .gpuPCIeRx, .gpuPCIeTx]
        #expect(bed.signals(.notObservable) == wholeGPUs)
        #expect(bed.signals(.notObservable, of: GPUBed.second) == wholeGPUs)
        try bed.read(gpu + own(2_000, "30 10") + other(2_100))
        #expect(bed.reading(.gpuSMUtil) == Reading(0.3))
        #expect(bed.reading(.gpuMemBandwidthUtil) == Reading(0.1))
        #expect(bed.reading(.gpuSMUtil, of: GPUBed.second) == Reading(0.35))
    }

    @Test("a vGPU without a new sample is left as it was while the GPU is busy, and idle while the GPU is")
    func noSample() throws {
        let bed = try bed(gpu + own() + other())
        bed.read()
        try bed.read(gpu + own(2_000) + other())
        #expect(bed.reading(.gpuSMUtil) == Reading(0.25))
        #expect(bed.reading(.gpuSMUtil, of: GPUBed.second) == nil)
        try bed.read(gpu.replacing("60 20", with: "0 0") + own(2_000) + other())
        #expect(bed.reading(.gpuSMUtil) == Reading(0) && bed.reading(.gpuMemBandwidthUtil) == Reading(0))
    }

    @Test("a driver's clock that went back is found out after ten reads")
    func clockBack() throws {
        let bed = try bed(gpu + own(9_000_000) + other(9_000_000))
        bed.read()
        for read in 0..<12 {
            try bed.read(gpu + own(1_000 + read) + other(1_000 + read))
            #expect(bed.reading(.gpuSMUtil) == (read == 11 ? Reading(0.25) : nil), "read \(read)")
        }
    }

    @Test("samples that are no percentages are not told")
    func hostileSamples() throws {
        let bed = try bed(gpu + own() + other())
        bed.read()
        try bed.read(gpu + own(2_000, "4294967295 0") + other(2_000))
        #expect(bed.reading(.gpuSMUtil) == nil)
        #expect(bed.reading(.gpuSMUtil, of: GPUBed.second) == Reading(0.35))
    }

    @Test("a VM that has all vGPUs on a GPU is told of the GPU; rates once it had it for a whole interval")
    func sole() throws {
        let bed = try bed(gpu + own() + other())
        bed.read()
        try bed.read(gpu + own(2_000))
        #expect(bed.reading(.gpuPower) == Reading(250.5))
        #expect(bed.reading(.gpuThrottleReasons) == Reading(1))
        #expect(bed.reading(.gpuPCIeRx) == Reading(1_500_000))
        #expect(bed.reading(.gpuMemUsed) == Reading(1_073_741_824), "its own memory, not the GPU's")
        #expect(bed.reading(.gpuSMUtil) == Reading(0.25))
        #expect(bed.signals(.missing) == [.gpuECC, .gpuXID])
        #expect(bed.signals(.missing, of: GPUBed.second) == GPUBed.signals, "its vGPU is not there any more")
        try bed.read(gpu.replacing("ecc 7", with: "ecc 8") + "xid 1 31\n" + own(3_000))
        #expect(bed.reading(.gpuECC) == Reading(1) && bed.reading(.gpuXID) == Reading(1))
        try bed.read(gpu + own(4_000) + other(4_000))
        #expect(bed.reading(.gpuPower) == .notObservable)
    }

    @Test("several vGPUs of one VM on one GPU add up, to the whole GPU at most")
    func severalOfOne() throws {
        let twin = "vgpu 12\nvm \(GPUBed.first)\nfb 5\n"
        let bed = try bed(gpu + own() + twin + "sample 1000 1 1\n")
        bed.read()
        try bed.read(gpu + own(2_000, "70 10") + twin + "sample 2000 60 10\n")
        #expect(bed.reading(.gpuSMUtil) == Reading(1) && bed.reading(.gpuMemBandwidthUtil) == Reading(0.2))
        #expect(bed.reading(.gpuMemUsed) == Reading(1_073_741_829))
        #expect(bed.reading(.gpuPower) == Reading(250.5))
    }

    @Test(
        "a vGPU of nobody's, or of which NVML does not say whose, keeps the GPU from being told",
        arguments: ["vgpu 33\nvm 77777777-2222-3333-4444-555555555555\n", "vgpu 33\ndomain 5\n", "vgpu 33\n"]
    )
    func stranger(lines: String) throws {
        let bed = try bed(gpu + own() + lines + "error nvmlVgpuInstanceGetVmID unknown 33\n")
        bed.read()
        #expect(bed.reading(.gpuPower) == .notObservable)
        #expect(bed.reading(.gpuMemUsed) == Reading(1_073_741_824))
        try bed.read(gpu + own() + lines)
        #expect(bed.reading(.gpuPower) == .notObservable)
        try bed.read(gpu + own())
        #expect(bed.reading(.gpuPower) == Reading(250.5))
    }

    @Test("a vGPU whose VM is told later is found then")
    func laterVM() throws {
        let bed = try bed(gpu + other() + "error nvmlVgpuInstanceGetVmID 27\n")
        bed.read()
        #expect(bed.signals(.missing, of: GPUBed.second) == GPUBed.signals)
        try bed.read(gpu + other())
        #expect(bed.reading(.gpuMemUsed, of: GPUBed.second) == Reading(2_147_483_648))
    }

    @Test("a vGPU that a MIG instance backs has the instance's memory and Xid errors, and no utilisation")
    func mig() throws {
        let mig = gpu + "mig\ninstance 1 111\ninstance 5 555\n"
        let own = "vgpu 11\nmdev \(GPUBed.mdev)\nbacked 5\n"
        let other = "vgpu 22\nvm \(GPUBed.second)\nbacked 1\nfb 7\n"
        let bed = try bed(mig + own + other)
        bed.read()
        #expect(bed.reading(.gpuMemUsed) == Reading(555), "NVML does not tell it of the vGPU")
        #expect(bed.reading(.gpuMemUsed, of: GPUBed.second) == Reading(7))
        #expect(bed.signals(.missing) == [.gpuXID])
        #expect(bed.reading(.gpuSMUtil) == .notObservable)
        try bed.read(mig + own + other + "xid 1 13 5\nxid 2 13 5\n")
        #expect(bed.reading(.gpuXID) == Reading(2) && bed.reading(.gpuXID, of: GPUBed.second) == Reading(0))
        try bed.read(mig + own + other + "xid 3 79\n")
        #expect(bed.reading(.gpuXID) == Reading(1) && bed.reading(.gpuXID, of: GPUBed.second) == Reading(1))
        try bed.read(mig.replacing("instance 5 555\n", with: "") + own + other)
        #expect(bed.reading(.gpuMemUsed) == .missing)
    }

    @Test("a GPU or a library without vGPUs makes them not observable, one that fails makes them missing")
    func noVGPUs() throws {
        let bed = try bed(gpu)
        bed.read()
        #expect(bed.signals(.notObservable) == GPUBed.signals)
        try bed.read(gpu + own() + "error nvmlDeviceGetActiveVgpus unknown\n")
        #expect(bed.signals(.missing) == GPUBed.signals)
        try bed.read(gpu + "vgpus\n")
        #expect(bed.signals(.missing) == GPUBed.signals, "the VM has one that is not there yet")
        let old = try self.bed(gpu, release: .old)
        old.read()
        #expect(old.signals(.notObservable) == GPUBed.signals)
    }

    @Test("samples that NVML does not give are not observable, except where the GPU's own stand for them")
    func noSamples() throws {
        let refusal = "error nvmlDeviceGetVgpuUtilization not_supported\n"
        let bed = try bed(gpu + own() + other() + refusal)
        bed.read()
        #expect(bed.reading(.gpuSMUtil) == .notObservable)
        try bed.read(gpu + own() + refusal)
        #expect(bed.reading(.gpuSMUtil) == Reading(0.6) && bed.reading(.gpuMemBandwidthUtil) == Reading(0.2))
        try bed.read(gpu + own() + "error nvmlDeviceGetVgpuUtilization unknown\n")
        #expect(bed.reading(.gpuSMUtil) == .missing)
    }

    @Test("a vGPU of another maker's GPU, or of one that VFIO holds, is not observable")
    func unseenParents() throws {
        let bed = try GPUBed(gpu + own())
        try bed.stand.place("0000:3b:00.0", driver: "i915", vendor: "0x8086")
        try bed.stand.place(mediated: GPUBed.mdev, on: "0000:3b:00.0")
        bed.source.watch([GPUBed.vm(GPUBed.first, mdevs: [GPUBed.mdev])])
        bed.read()
        #expect(bed.signals(.notObservable) == GPUBed.signals && bed.stand.log.isEmpty)
    }
}
