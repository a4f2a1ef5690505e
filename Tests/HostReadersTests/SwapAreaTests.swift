import Foundation
import HostReaders
import TestSupport
import Testing

@Suite("Swap areas, and how the kernel clears memory")
struct SwapAreaTests {
    private let head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
    private let tree = FixtureTree()
    private var roots: HostRoots { HostRoots(tree: tree.path) }

    private func store(_ path: String, kind: String = "partition") throws -> SwapArea.Store {
        let text = head + "\(path) \(kind)\t1000\t10\t-2\n"
        return try #require(SwapArea.all(text)?.first).store(roots)
    }

    @Test("The table is read line by line; what is none is passed over, and a file of another form is none")
    func table() {
        let text =
            head + "/dev/dm-1                               partition\t8388604\t1024\t\t-2\n"
            + "/swap\\040file                          file\t\t1024\t\t0\t\t-3\nrubbish\n/dev/sdb partition x 0 -1\n"
        let areas = SwapArea.all(text)
        #expect(areas?.map(\.path) == ["/dev/dm-1", "/swap file"])
        #expect(areas?.map(\.size) == [8_388_604 << 10, 1 << 20])
        #expect(areas?.map(\.used) == [1 << 20, 0])
        #expect(SwapArea.all(head)?.isEmpty == true)
        #expect(SwapArea.all("") == nil && SwapArea.all("/dev/sda partition 1 1 1\n") == nil)
    }

    @Test("Encrypted: the device itself, or all below it; plain: one of them is not")
    func encryption() throws {
        tree.write("CRYPT-PLAIN-swap\n", to: "sys/class/block/dm-0/dm/uuid")
        tree.write("LVM-abc\n", to: "sys/class/block/dm-1/dm/uuid")
        tree.write("", to: "sys/class/block/dm-1/slaves/dm-0/x")
        tree.write("8:1\n", to: "sys/class/block/sda1/dev")
        #expect(try store("/dev/dm-0") == .encrypted)
        #expect(try store("/dev/dm-1") == .encrypted)
        #expect(try store("/dev/sda1") == .plain)
        tree.write("", to: "sys/class/block/dm-1/slaves/sda1/x")
        #expect(try store("/dev/dm-1") == .plain)
    }

    @Test("zram is in memory, unless it writes back to a device")
    func zram() throws {
        tree.write("none\n", to: "sys/class/block/zram0/backing_dev")
        #expect(try store("/dev/zram0") == .memory)
        tree.write("8:1\n", to: "sys/class/block/sda1/dev")
        tree.write("/dev/sda1\n", to: "sys/class/block/zram0/backing_dev")
        #expect(try store("/dev/zram0") == .plain)
        tree.write("", to: "sys/class/block/zram1/dev")
        #expect(try store("/dev/zram1") == .memory)
    }

    @Test("What is not known is no pass: a device that sysfs lacks, a file whose device cannot be told, a loop")
    func unknown() throws {
        #expect(try store("/dev/sdz") == .unknown("sysfs has no device sdz"))
        #expect(try store("/swap", kind: "file") == .unknown("the device under the file /swap cannot be told"))
        #expect(try store("/dev/mapper/gone") == .unknown("/dev/mapper/gone leads to no device"))
        #expect(try store("/dev/..") == .unknown("the devices below it cannot be told"))
        tree.write("", to: "sys/class/block/dm-9/slaves/dm-9/x")
        #expect(try store("/dev/dm-9") == .unknown("the devices below it cannot be told"))
    }

    @Test("A swap file lies on the device of its file system; the deepest mount point counts")
    func file() throws {
        tree.write(
            "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 20 253:0 / /swap rw - ext4 /dev/dm-0 rw\n",
            to: "proc/self/mountinfo"
        )
        tree.write("CRYPT-LUKS2-x\n", to: "sys/class/block/dm-0/dm/uuid")
        tree.write("8:1\n", to: "sys/class/block/sda1/dev")
        tree.link("../../devices/virtual/block/dm-0", to: "sys/dev/block/253:0")
        tree.link("../../devices/pci/block/sda/sda1", to: "sys/dev/block/8:1")
        #expect(try store("/swap/file", kind: "file") == .encrypted)
        #expect(try store("/swapfile", kind: "file") == .plain)
    }

    @Test("A name below /dev/mapper is followed")
    func mapper() throws {
        tree.write("CRYPT-PLAIN-swap\n", to: "sys/class/block/dm-3/dm/uuid")
        tree.link("../dm-3", to: "dev/mapper/swap")
        #expect(try store("/dev/mapper/swap") == .encrypted)
    }

    @Test(
        "The last boot parameter that is one decides",
        arguments: [
            ("quiet init_on_alloc=1", true), ("init_on_alloc=0", false), ("init_on_alloc=1 init_on_alloc=off", false),
            ("init_on_alloc=0 init_on_alloc=maybe", false), ("init_on_alloc=y\n", true),
        ]
    )
    func parameter(line: String, isOn: Bool) {
        tree.write(line, to: "proc/cmdline")
        #expect(MemoryInit(roots).answer(.alloc)?.isOn == isOn)
        #expect(MemoryInit(roots).answer(.free) == nil)
    }

    @Test("Without a parameter the configuration of the running kernel decides, and without that nothing is known")
    func configuration() {
        tree.write("quiet -- init_on_alloc=0\n", to: "proc/cmdline")
        tree.write("6.1.0-9\n", to: "proc/sys/kernel/osrelease")
        #expect(MemoryInit(roots).answer(.alloc) == nil)
        tree.write(
            "CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y\n# CONFIG_INIT_ON_FREE_DEFAULT_ON is not set\n",
            to: "boot/config-6.1.0-9"
        )
        let answers = MemoryInit(roots)
        #expect(answers.answer(.alloc)?.isOn == true && answers.answer(.free)?.isOn == false)
        #expect(answers.answer(.alloc)?.source.hasPrefix("CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y in ") == true)
        tree.write("not a configuration\n", to: "boot/config-6.1.0-9")
        #expect(MemoryInit(roots).answer(.alloc) == nil)
        tree.write("../../etc/passwd\n", to: "proc/sys/kernel/osrelease")
        #expect(MemoryInit(roots).answer(.alloc) == nil)
    }

    @Test("Without the boot parameters nothing is known, whatever the configuration says")
    func noParameters() {
        tree.write("6.1.0-9\n", to: "proc/sys/kernel/osrelease")
        tree.write("CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y\n", to: "boot/config-6.1.0-9")
        #expect(MemoryInit(roots).answer(.alloc) == nil)
    }

    @Test("The core-scheduling cookie of a thread that is gone, and of this process")
    func cookies() {
        #expect([.gone, .unsupported].contains(CoreCookie.of(Int32.max)))
        switch CoreCookie.of(ProcessInfo.processInfo.processIdentifier) {
        case .cookie, .unsupported: break
        case .gone, .failed: Issue.record("this process can be asked of")
        }
    }
}
