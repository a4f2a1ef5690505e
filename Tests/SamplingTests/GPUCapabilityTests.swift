import Foundation
import HostReaders
import Sampling
import Signals
import TestSupport
import Testing

@Suite("Capabilities of GPUs")
struct GPUCapabilityTests {
    /// What is said of a signal.
    private func judge(_ gpu: GPUFacts, _ signal: Signal = .gpuPower) throws -> Capability {
        var facts = HostFacts()
        facts.gpu = gpu
        return try #require(CapabilityProbe.judge(facts).first { $0.signal == signal })
    }

    /// Why a signal is not available; `nil` where it is.
    private func absence(_ gpu: GPUFacts, _ signal: Signal = .gpuPower) throws -> String? {
        guard case .notAvailable(let why) = try judge(gpu, signal).state else { return nil }
        return why
    }

    /// A host that lacks nothing.
    private func rich() -> GPUFacts {
        var facts = GPUFacts()
        facts.gpus = [PCIFunction(address: "0000:3b:00.0", driver: "nvidia")]
        facts.hasLibrary = true
        facts.library = "570.86.15"
        facts.driver = "570.86.15"
        return facts
    }

    @Test("a host without NVIDIA GPUs has nothing to remedy")
    func none() throws {
        #expect(try absence(GPUFacts()) == "this host has no NVIDIA GPU")
        #expect(try judge(GPUFacts()).remedy == nil)
    }

    @Test("where every GPU is passed through that is said, and where to look instead")
    func passedThrough() throws {
        var facts = rich()
        facts.gpus = [PCIFunction(address: "0000:3b:00.0", driver: "vfio-pci")]
        for signal in Signal.allCases where signal.name.hasPrefix("gpu.") {
            #expect(try absence(facts, signal)?.contains("passed through") == true)
            #expect(try judge(facts, signal).remedy?.contains("guest") == true)
        }
        facts.gpus.append(PCIFunction(address: "0000:5e:00.0", driver: "nvidia"))
        #expect(try judge(facts, .gpuMemUsed).state == .degraded("1 of 2 GPUs are passed through and not observable"))
    }

    @Test("another driver, or none, is named")
    func otherDriver() throws {
        var facts = rich()
        facts.gpus = [
            PCIFunction(address: "0000:3b:00.0", driver: "nouveau"), PCIFunction(address: "0000:5e:00.0", driver: nil),
        ]
        #expect(try absence(facts)?.hasSuffix("but to no driver, nouveau") == true)
        #expect(try judge(facts).remedy?.contains("NVIDIA's driver") == true)
    }

    @Test("a library that is missing, or of another release than the loaded driver, is named with its remedy")
    func library() throws {
        var facts = rich()
        facts.driver = "550.90.07"
        #expect(try absence(facts) == "the library is of release 570.86.15 and the loaded driver of 550.90.07")
        #expect(try judge(facts).remedy?.contains("reboot") == true)
        facts.driver = nil
        #expect(try absence(facts) == nil, "what is not known is no mismatch")
        facts.hasLibrary = false
        #expect(try absence(facts) == "libnvidia-ml.so.1 is not installed")
        #expect(try judge(facts).remedy?.contains("libnvidia-ml1") == true)
    }

    @Test("on a host that lacks nothing memory is available, and the rest as far as vGPUs allow")
    func available() throws {
        #expect(try judge(rich(), .gpuMemUsed).state == .available)
        for signal in Signal.allCases where signal.name.hasPrefix("gpu.") && signal != .gpuMemUsed {
            guard case .degraded(let why) = try judge(rich(), signal).state else {
                Issue.record("\(signal)")
                continue
            }
            #expect(why.hasPrefix("of a vGPU"))
            #expect(try judge(rich(), signal).source.hasSuffix("(NVML)"))
        }
    }

    @Test("the facts are read off sysfs and the library's file, without the driver")
    func facts() throws {
        let stand = try ScriptedNVML("")
        let roots = HostRoots(tree: stand.root)
        let libraries = [stand.root + "/usr/lib64", stand.root + "/usr/lib"]
        #expect(GPUFacts(probing: roots, libraries: libraries) == GPUFacts(), "no GPU, no facts")
        try stand.place("0000:3b:00.0", driver: "nvidia")
        try stand.write("570.86.15\n", to: "sys/module/nvidia/version")
        var facts = GPUFacts(probing: roots, libraries: libraries)
        #expect(facts.hasLibrary && facts.library == nil && facts.driver == "570.86.15")
        #expect(facts.seen.map(\.address) == ["0000:3b:00.0"] && facts.passedThrough.isEmpty)
        #expect(GPUFacts(probing: roots, libraries: []).hasLibrary == false)
        let file = stand.root + "/usr/lib/libnvidia-ml.so.550.90.07"
        try FileManager.default.moveItem(atPath: stand.library, toPath: file)
        try FileManager.default.createSymbolicLink(
            atPath: stand.library,
            withDestinationPath: "libnvidia-ml.so.550.90.07"
        )
        facts = GPUFacts(probing: roots, libraries: libraries)
        #expect(facts.library == "550.90.07")
        #expect(stand.log.isEmpty)
    }
}
