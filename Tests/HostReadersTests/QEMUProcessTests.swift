import Glibc
import HostReaders
import Testing

@Suite("QEMU processes")
struct QEMUProcessTests {
    private let uuid = "8d3f2f0e-7f0a-4a55-9d0c-0b1f6c1f2a10"

    @Test("the pid file leads to the process, in either case of the UUID")
    func pidFile() {
        let found = QEMUProcess.locate(uuid: uuid.uppercased(), name: "vm-b", roots: Fixtures.roots("v2"))
        #expect(found == QEMUProcess(pid: 4_242, startTicks: 215_515))
    }

    @Test("without a usable pid file every process is looked at")
    func scan() throws {
        let scratch = try Scratch(copying: "v2")
        for text in ["1\n", "99999", "no number", ""] {
            try scratch.write("run/libvirt/qemu/vm-b.pid", text)
            #expect(QEMUProcess.locate(uuid: uuid, name: "vm-b", roots: scratch.roots)?.pid == 4_242)
        }
        #expect(QEMUProcess.locate(uuid: uuid, name: "../../etc/x", roots: scratch.roots)?.pid == 4_242)
    }

    @Test("a process with another UUID, or that is no emulator, is not taken")
    func wrongProcess() throws {
        let other = "00000000-0000-0000-0000-000000000000"
        #expect(QEMUProcess.locate(uuid: other, name: "vm-b", roots: Fixtures.roots("v2")) == nil)
        let scratch = try Scratch(copying: "v2")
        try scratch.write("proc/4242/cmdline", "/usr/bin/grep\0-uuid\0\(uuid)\0")
        #expect(QEMUProcess.locate(uuid: uuid, name: "vm-b", roots: scratch.roots) == nil)
        try scratch.write("proc/4242/cmdline", "/usr/bin/qemu-system-x86_64\0-uuid")
        #expect(QEMUProcess.locate(uuid: uuid, name: "vm-b", roots: scratch.roots) == nil)
    }

    @Test("a process of anybody's that says it runs the VM is not taken while a file of libvirt's says otherwise")
    func impostor() throws {
        let scratch = try Scratch(copying: "v2")
        try scratch.write("proc/17/cmdline", "/tmp/qemu-system-x86_64\0-uuid\0\(uuid)\0")
        try scratch.write("proc/17/stat", "17 (qemu-system-x86) S 1 17 17 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 9 0 0\n")
        // libvirt writes some names otherwise than it tells them, and cache groups are asked for without a name.
        for name in ["vm-b", "vm&b", ""] {
            #expect(QEMUProcess.locate(uuid: uuid, name: name, roots: scratch.roots)?.pid == 4_242)
        }
        try scratch.remove("run/libvirt/qemu/vm-b.pid")
        #expect(QEMUProcess.locate(uuid: uuid, name: "vm-b", roots: scratch.roots) != nil)
    }

    @Test("another start of the same process number is another process")
    func generation() throws {
        let scratch = try Scratch(copying: "v2")
        let first = try #require(QEMUProcess(pid: 4_242, roots: scratch.roots))
        #expect(first.isAlive(roots: scratch.roots))
        #expect(!QEMUProcess(pid: 4_242, startTicks: 1).isAlive(roots: scratch.roots))
        try scratch.remove("proc/4242/stat")
        #expect(!first.isAlive(roots: scratch.roots))
    }

    @Test("vCPU threads come from their groups", arguments: [("v2", Int32(4_242), 2), ("hybrid", 20_169, 1)])
    func threads(tree: String, pid: Int32, vcpus: Int) throws {
        let roots = Fixtures.roots(tree)
        let process = try #require(QEMUProcess(pid: pid, roots: roots))
        let cgroups = CgroupPaths.resolve(pid: pid, mounts: MountTable(roots: roots), roots: roots)
        let threads = QEMUThreads(of: process, cgroups: cgroups, roots: roots)
        #expect(threads.vcpus.map(\.index) == Array(0..<vcpus))
        #expect(threads.vcpus.allSatisfy { $0.directory != nil })
        #expect(threads.iothreads.count == 1)
        #expect(threads.emulator.contains(pid))
    }

    @Test("without groups vCPU threads come from their names")
    func names() throws {
        let roots = Fixtures.roots("v2")
        let process = try #require(QEMUProcess(pid: 4_242, roots: roots))
        let threads = QEMUThreads(of: process, cgroups: CgroupPaths(), roots: roots)
        #expect(
            threads.vcpus == [.init(index: 0, tid: 4_250, directory: nil), .init(index: 1, tid: 4_251, directory: nil)]
        )
        #expect(threads.iothreads == [4_244])
        #expect(threads.emulator == [4_242, 4_252])
    }

    @Test("descriptors are counted, of a real process too")
    func descriptors() {
        let listed = DescriptorCount(pid: 4_242, roots: Fixtures.roots("v2")).count()
        #expect(listed == 3)
        let gone = DescriptorCount(pid: 1, roots: Fixtures.roots("v2")).count()
        #expect(gone == nil)
        let own = DescriptorCount(pid: getpid(), roots: HostRoots()).count()
        #expect((own ?? 0) >= 3)
    }
}
