import HostReaders
import TestSupport
import Testing

@Suite("PCI functions")
struct PCIFunctionTests {
    private let uuid = "aa618089-8b16-4d01-a136-25a0f3c73123"

    @Test("a function tells its driver and whose virtual function it is")
    func function() throws {
        let stand = try ScriptedNVML("")
        let roots = HostRoots(tree: stand.root)
        try stand.place("0000:3b:00.0", driver: "nvidia")
        try stand.place("0000:3b:00.4", driver: "vfio-pci", of: "0000:3b:00.0")
        try stand.place("0000:5e:00.0", driver: nil)
        let physical = PCIFunction(at: "0000:3b:00.0", roots: roots)
        #expect(physical == PCIFunction(address: "0000:3b:00.0", driver: "nvidia"))
        #expect(physical?.isPassedThrough == false)
        let virtual = PCIFunction(at: "0000:3b:00.4", roots: roots)
        #expect(virtual?.physicalFunction == "0000:3b:00.0" && virtual?.isPassedThrough == true)
        #expect(PCIFunction(at: "0000:5e:00.0", roots: roots)?.driver == nil)
        #expect(PCIFunction(at: "0000:99:00.0", roots: roots) == nil)
    }

    @Test(
        "a driver of VFIO's for one kind of device passes it through too",
        arguments: [("nvgrace_gpu_vfio_pci", true), ("vfio-pci", true), ("nvidia", false), ("nouveau", false)]
    )
    func variants(driver: String, isPassedThrough: Bool) {
        #expect(PCIFunction(address: "0000:3b:00.0", driver: driver).isPassedThrough == isPassedThrough)
    }

    @Test(
        "what is no address leads nowhere",
        arguments: [
            "", "..", "0000:3b:00", "../0000:3b:00.0", "0000:3b:00.0/..", "0000:3b:0/.0", "000g:3b:00.0", ":::.",
        ]
    )
    func hostile(address: String) throws {
        let stand = try ScriptedNVML("")
        try stand.place("0000:3b:00.0", driver: "nvidia")
        #expect(PCIFunction(at: address, roots: HostRoots(tree: stand.root)) == nil)
    }

    @Test("a mediated device leads to its parent, and one that is not there, or no name at all, to none")
    func mediated() throws {
        let stand = try ScriptedNVML("")
        let roots = HostRoots(tree: stand.root)
        try stand.place("0000:3b:00.0", driver: "nvidia")
        try stand.place(mediated: uuid, on: "0000:3b:00.0")
        #expect(PCIFunction.parent(ofMediated: uuid, roots: roots)?.address == "0000:3b:00.0")
        #expect(PCIFunction.parent(ofMediated: "bb618089-8b16-4d01-a136-25a0f3c73123", roots: roots) == nil)
        #expect(PCIFunction.parent(ofMediated: "../devices", roots: roots) == nil)
        try stand.remove("sys/bus/pci/devices/0000:3b:00.0")
        #expect(PCIFunction.parent(ofMediated: uuid, roots: roots) == nil)
    }

    @Test("NVIDIA's GPUs are found by vendor and class, without virtual functions, sound and network")
    func gpus() throws {
        let stand = try ScriptedNVML("")
        try stand.place("0000:5e:00.0", driver: nil, kind: "0x030000")
        try stand.place("0000:3b:00.0", driver: "nvidia")
        try stand.place("0000:3b:00.4", driver: "nvidia", of: "0000:3b:00.0")
        try stand.place("0000:5e:00.1", driver: "snd_hda_intel", kind: "0x040300")
        try stand.place("0000:66:00.0", driver: "amdgpu", vendor: "0x1002")
        let gpus = PCIFunction.nvidiaGPUs(roots: HostRoots(tree: stand.root))
        #expect(gpus.map(\.address) == ["0000:3b:00.0", "0000:5e:00.0"])
        #expect(PCIFunction.nvidiaGPUs(roots: HostRoots(tree: "/none")).isEmpty)
    }
}
