import Sampling
import Signals
import TestSupport
import Testing

@Suite("GPUs of VMs")
struct GPUSourceTests {
    private let full = """
        gpu 0000:3b:00.0
        utilization 35 12
        memory 85899345920 600000000 80000000000 5000000000
        power 250500
        reasons 0x44
        ecc 7
        pcie 1500 2500
        events

        """

    /// A bed whose first VM has the GPU to itself while the host's driver holds it.
    private func whole(_ script: String, release: ScriptedNVML.Release = .new) throws -> GPUBed {
        let bed = try GPUBed(script, release: release)
        try bed.stand.place("0000:3b:00.0", driver: "nvidia")
        bed.source.watch([GPUBed.vm(GPUBed.first, pci: ["0000:3b:00.0"])])
        return bed
    }

    @Test("a VM without a GPU is not observable, and the library is not even loaded")
    func none() throws {
        let bed = try GPUBed(full)
        try bed.stand.place("0000:3b:00.0", driver: "nvidia")
        try bed.stand.place("0000:18:00.0", driver: "vfio-pci", vendor: "0x8086", kind: "0x020000")
        bed.source.watch([GPUBed.vm(GPUBed.first), GPUBed.vm(GPUBed.second, pci: ["0000:18:00.0"])])
        bed.read()
        #expect(bed.signals(.notObservable) == GPUBed.signals)
        #expect(bed.signals(.notObservable, of: GPUBed.second) == GPUBed.signals)
        #expect(!bed.source.isOpen && bed.stand.log.isEmpty && bed.source.fault == nil)
    }

    @Test("what is not observable is told a few times after a change, then every thirtieth")
    func bystanders() throws {
        let bed = try GPUBed("")
        bed.source.watch([GPUBed.vm(GPUBed.first)])
        var told: [Int] = []
        for index in 0..<65 {
            bed.read()
            if !bed.batch.vms.isEmpty { told.append(index) }
        }
        #expect(told == [0, 1, 2, 30, 60])
        bed.source.watch([GPUBed.vm(GPUBed.second)])
        bed.read()
        #expect(bed.signals(.notObservable, of: GPUBed.second) == GPUBed.signals)
    }

    @Test("a GPU that is passed through is not observable, and is not held open", arguments: ["vfio-pci", "nouveau"])
    func passedThrough(driver: String) throws {
        let bed = try GPUBed(full)
        try bed.stand.place("0000:3b:00.0", driver: driver)
        bed.source.watch([GPUBed.vm(GPUBed.first, pci: ["0000:3b:00.0"])])
        bed.read()
        #expect(bed.signals(.notObservable) == GPUBed.signals)
        #expect(bed.stand.log.isEmpty)
    }

    @Test("a whole GPU tells levels at once and errors as rates")
    func wholeGPU() throws {
        let bed = try whole(full)
        bed.read()
        #expect(bed.reading(.gpuSMUtil) == Reading(0.35))
        #expect(bed.reading(.gpuMemBandwidthUtil) == Reading(0.12))
        #expect(bed.reading(.gpuMemUsed) == Reading(5_000_000_000))
        #expect(bed.reading(.gpuPower) == Reading(250.5))
        #expect(bed.reading(.gpuThrottleReasons) == Reading(2))
        #expect(bed.reading(.gpuPCIeRx) == Reading(1_500_000))
        #expect(bed.reading(.gpuPCIeTx) == Reading(2_500_000))
        #expect(bed.signals(.missing) == [.gpuECC, .gpuXID])
        try bed.read(full.replacing("ecc 7", with: "ecc 11") + "xid 1 31\n", after: 2)
        #expect(bed.reading(.gpuECC) == Reading(2))
        #expect(bed.reading(.gpuXID) == Reading(0.5))
        bed.read()
        #expect(bed.reading(.gpuXID) == Reading(0))
        #expect(bed.batch.lifetime == 5)
    }

    @Test("a counter that went back is a reset, not a spike")
    func counterReset() throws {
        let bed = try whole(full)
        bed.read()
        try bed.read(full.replacing("ecc 7", with: "ecc 2"))
        #expect(bed.reading(.gpuECC)?.quality == .reset)
        try bed.read(full.replacing("ecc 7", with: "ecc 3"))
        #expect(bed.reading(.gpuECC) == Reading(1))
    }

    @Test(
        "a call that is not supported makes its own reading not observable, one that fails makes it missing",
        arguments: [
            ("nvmlDeviceGetUtilizationRates", [Signal.gpuSMUtil, .gpuMemBandwidthUtil]),
            ("nvmlDeviceGetPowerUsage", [.gpuPower]), ("nvmlDeviceGetTotalEccErrors", [.gpuECC]),
            ("nvmlDeviceGetCurrentClocksEventReasons", [.gpuThrottleReasons]),
            ("nvmlDeviceGetPcieThroughput", [.gpuPCIeRx, .gpuPCIeTx]),
            ("nvmlEventSetWait_v2", [.gpuXID]),
        ]
    )
    func calls(function: String, signals: [Signal]) throws {
        let bed = try whole(full)
        bed.read()
        for (code, quality) in [("not_supported", Quality.notObservable), ("timeout_", .missing), ("success", .ok)] {
            let code = code == "timeout_" ? "24" : code
            try bed.read(full + "error \(function) \(code)\n")
            #expect(bed.signals(quality).filter(signals.contains) == signals, "\(code)")
            #expect(bed.signals(.ok).count == GPUBed.signals.count - (quality == .ok ? 0 : signals.count))
            #expect(bed.source.fault == nil, "a GPU of which the rest is read is not opened anew")
        }
    }

    @Test("an old library tells of a whole GPU what it can")
    func oldLibrary() throws {
        let bed = try whole(full, release: .old)
        bed.read()
        bed.read()
        #expect(bed.signals(.notObservable) == [.gpuXID])
        #expect(bed.signals(.ok).count == 8)
    }

    @Test("GPUs of one VM are summed and averaged; one that fails makes a sum missing and not a mean")
    func several() throws {
        let second = full.replacing("3b", with: "5e").replacing("utilization 35 12", with: "utilization 65 0")
            .replacing("0x44", with: "0x4")
        let bed = try GPUBed(full + second)
        try bed.stand.place("0000:3b:00.0", driver: "nvidia")
        try bed.stand.place("0000:5e:00.0", driver: "nvidia")
        bed.source.watch([GPUBed.vm(GPUBed.first, pci: ["0000:3b:00.0", "0000:5e:00.0"])])
        bed.read()
        #expect(bed.reading(.gpuSMUtil) == Reading(0.5))
        #expect(bed.reading(.gpuMemBandwidthUtil) == Reading(0.06))
        #expect(bed.reading(.gpuMemUsed) == Reading(10_000_000_000))
        #expect(bed.reading(.gpuPower) == Reading(501))
        #expect(bed.reading(.gpuThrottleReasons) == Reading(2), "of the GPU that has most")
        #expect(bed.reading(.gpuPCIeTx) == Reading(5_000_000))
        try bed.read(full + second + "lost\n")
        #expect(bed.reading(.gpuPower) == .missing)
        #expect(bed.reading(.gpuSMUtil) == Reading(0.35))
    }

    @Test("waiting for PCIe traffic is spread where many GPUs are read", arguments: [(6, 1), (7, 2)])
    func manyGPUs(count: Int, turns: Int) throws {
        let addresses = (0..<count).map { "0000:4\($0):00.0" }
        let bed = try GPUBed(addresses.map { "gpu \($0)\npcie 1 1\npower 1000\n" }.joined())
        for address in addresses { try bed.stand.place(address, driver: "nvidia") }
        bed.source.watch([GPUBed.vm(GPUBed.first, pci: addresses)])
        for index in 0..<6 {
            bed.read()
            #expect(bed.reading(.gpuPower) == Reading(Double(count)))
            #expect(bed.reading(.gpuPCIeRx) == (index % turns == 0 ? Reading(Double(count) * 1_000) : nil))
            #expect(bed.batch.lifetime == Double(4 + turns))
        }
    }

    @Test("only GPUs that VMs have are attached, and none is held longer than that")
    func attachment() throws {
        let bed = try GPUBed(full + full.replacing("3b", with: "5e"))
        try bed.stand.place("0000:3b:00.0", driver: "nvidia")
        try bed.stand.place("0000:5e:00.0", driver: "nvidia")
        let first = GPUBed.vm(GPUBed.first, pci: ["0000:3b:00.0"])
        let second = GPUBed.vm(GPUBed.second, pci: ["0000:5e:00.0"])
        bed.source.watch([first])
        bed.read()
        #expect(bed.stand.log == ["init", "attach 0000:3b:00.0"])
        bed.source.watch([first, second])
        bed.read()
        #expect(bed.stand.log.last == "attach 0000:5e:00.0")
        bed.source.watch([second])
        #expect(bed.stand.log.last == "shutdown" && !bed.source.isOpen, "let go before the next read")
        bed.read()
        #expect(Array(bed.stand.log.suffix(2)) == ["init", "attach 0000:5e:00.0"])
        bed.source.watch([])
        #expect(!bed.source.isOpen)
        bed.read()
        #expect(bed.stand.log.last == "shutdown" && bed.batch.vms.isEmpty)
    }

    @Test("a GPU that VFIO takes while it is watched is let go when the VMs are looked at anew")
    func rebound() throws {
        let bed = try whole(full)
        bed.read()
        try bed.stand.place("0000:3b:00.0", driver: "vfio-pci")
        for _ in 0..<30 { bed.read() }
        #expect(!bed.source.isOpen)
        #expect(bed.signals(.notObservable) == GPUBed.signals)
    }

    @Test("what a source says goes through the sampler, grows stale and then missing")
    func throughSampler() throws {
        let tree = try HostTree("v2")
        let vm = virtualMachineB()
        tree.sampler.add(vm)
        var batch = SideBatch(lifetime: 5)
        batch.vms.append((vm.record.identity, [SideReading(.gpuPower, Reading(250))]))
        tree.sampler.take(batch, at: tree.now)
        tree.tick()
        tree.tick()
        #expect(tree.reading(.gpuPower) == Reading(250, .stale))
        tree.tick(after: 10)
        #expect(tree.reading(.gpuPower) == .missing)
    }
}
