import Foundation
import HostReaders
import Sampling
import Signals
import Testing

@Suite("Where a VM lies on the host")
struct ScopeReaderTests {
    /// Writes a file below a tree.
    private func write(_ path: String, _ text: String) throws {
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// A tree with one VM of two vCPUs, pinned to CPUs 0 and 1, and another thread that may run anywhere.
    private func tree() throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/quell-" + UUID().uuidString
        try write(path + "/sys/devices/system/cpu/online", "0-3\n")
        for cpu in 0..<4 {
            let index = path + "/sys/devices/system/cpu/cpu\(cpu)/cache/index2"
            try write(index + "/level", "2\n")
            try write(index + "/id", "\(cpu / 2)\n")
        }
        for (tid, name, cpus) in [(42, "qemu", "0-3"), (43, "CPU 0/KVM", "0"), (44, "CPU 1/KVM", "1")] {
            try write(path + "/proc/42/task/\(tid)/comm", name + "\n")
            try write(
                path + "/proc/42/task/\(tid)/status",
                "Name:\tx\nCpus_allowed_list:\t\(cpus)\nMems_allowed_list:\t0\n"
            )
        }
        try write(path + "/proc/42/status", "Name:\tx\nCpus_allowed_list:\t0-3\nMems_allowed_list:\t0-1\n")
        return path
    }

    /// The VM.
    private var vm: VMDescription {
        let identity = VMIdentity(uuid: VMUUID(high: 1, low: 1), generation: 1)
        return VMDescription(record: VMRecord(identity: identity, name: "vm", vcpus: 2), pid: 42, taps: [])
    }

    @Test("its vCPUs' affinity gives CPUs and caches, its cpuset the nodes")
    func found() throws {
        let path = try tree()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = ScopeReader(roots: HostRoots(tree: path))
        let scope = reader.scope(of: vm)
        #expect(scope.cpus == [0, 1])
        #expect(scope.caches == [0])
        #expect(scope.nodes == [0, 1])
        #expect(scope.disks.isEmpty && scope.links.isEmpty && scope.gpus.isEmpty)
    }

    @Test("another affinity is seen at the next look, a vCPU that cannot be read makes it unknown")
    func changes() throws {
        let path = try tree()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = ScopeReader(roots: HostRoots(tree: path))
        try write(path + "/proc/42/task/44/status", "Cpus_allowed_list:\t2-3\n")
        #expect(reader.scope(of: vm).cpus == [0, 2, 3])
        #expect(reader.scope(of: vm).caches == [0, 1])
        try write(path + "/proc/42/task/44/status", "nonsense\n")
        #expect(reader.scope(of: vm).cpus == [])
        #expect(reader.scope(of: vm).caches == [])
    }

    @Test("what cannot be told stays empty: a process that is gone, a network disk, an unplugged interface")
    func unknown() {
        var reader = ScopeReader(roots: HostRoots(tree: "/no/such/tree"))
        var vm = vm
        vm.diskSources = ["pool/volume", "/no/such/file"]
        vm.taps = ["vnet9"]
        vm.pciDevices = ["nonsense"]
        vm.mdevs = ["no-such-uuid"]
        #expect(reader.scope(of: vm) == VMScope())
    }

    @Test("a device that is passed through is named by its address")
    func functions() {
        var reader = ScopeReader(roots: HostRoots(tree: "/no/such/tree"))
        var vm = vm
        vm.pciDevices = ["0000:3b:00.0"]
        #expect(reader.scope(of: vm).gpus == [0x3b00])
    }
}
