import Enforcement
import Foundation
import Glibc
import HostReaders
import Signals
import Synchronization

@testable import QuellRuntime

/// A generated resctrl tree with VMs, and the kernel behind it: what is moved, made and written takes effect in its files
/// in the kernel's forms.
final class CacheTree: ResctrlController {
    /// What a generated host has.
    struct Host {
        /// The file `schemata` of the default group.
        var schemata = "    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n"
        /// The files of `info`.
        var info = [
            "L3/cbm_mask": "7ff\n", "L3/min_cbm_bits": "1\n", "L3/shareable_bits": "600\n", "L3/num_closids": "16\n",
            "L3/bit_usage": "0=XXSSSSSSSSS;1=XXSSSSSSSSS\n", "MB/min_bandwidth": "10\n", "MB/bandwidth_gran": "10\n",
            "MB/num_closids": "8\n", "last_cmd_status": "ok\n",
        ]
        /// The options of the mount.
        var options = "rw"
    }

    /// What the kernel does beside what it is asked.
    struct Behaviour {
        /// Fails to make groups with this, and says why.
        var make: (code: Int32, status: String)?
        /// Fails to take schemata with this, and says why.
        var share: (code: Int32, status: String)?
        /// Fails to move a thread with this.
        var assign: [Int32: Int32] = [:]
        /// Fails to move this thread to the default group.
        var stuck: Int32?
        /// Takes schemata and keeps others.
        var kept: String?
        /// Has a thread end just before it is moved.
        var ends: Int32?
        /// Starts a thread once another was moved, in the group that this other one comes from.
        var births: [Int32: Int32] = [:]
        /// Starts a thread in the default group whenever one is moved.
        var isBreeding = false
    }

    static let uuid = VMUUID(high: 0x1111_1111_2222_3333, low: 0x4444_5555_5555_5555)
    static let vm = VMIdentity(uuid: uuid, generation: 4_321)

    let path = FileManager.default.temporaryDirectory.path + "/quell-cache-" + UUID().uuidString
    private let behaviour = Mutex(Behaviour())
    private let moves = Mutex([Int32]())

    init(_ host: Host = Host(), threads: [Int32: String] = [700: "", 701: "", 702: "", 703: ""]) {
        write("res:/\nmon:\n", to: "proc/self/cpu_resctrl_groups")
        write(
            "40 23 0:30 / /sys/fs/resctrl rw shared:9 - resctrl resctrl \(host.options)\n",
            to: "proc/self/mountinfo"
        )
        for (name, text) in host.info { write(text, to: "sys/fs/resctrl/info/" + name) }
        write(host.schemata, to: "sys/fs/resctrl/schemata")
        write("", to: "sys/fs/resctrl/tasks")
        addVM(threads)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var roots: HostRoots { HostRoots(tree: path) }
    var tree: ResctrlTree { ResctrlTree(mountPoint: path + "/sys/fs/resctrl") }

    /// A hand over the tree.
    func actuator(isRoot: Bool = true) -> ResctrlActuator {
        ResctrlActuator(roots: roots, kernel: self, isRoot: isRoot)
    }

    /// Puts a VM into the tree, with its threads and the control group of each, or `/` and a monitoring group.
    func addVM(_ threads: [Int32: String], pid: Int32 = 700, uuid: VMUUID = CacheTree.uuid) {
        write("/usr/bin/qemu-system-x86_64\0-uuid\0\(uuid)\0", to: "proc/\(pid)/cmdline")
        let zeros = { (count: Int) in String(repeating: " 0", count: count) }
        write("\(pid) (qemu-system-x86) S\(zeros(18)) 4321\(zeros(30))\n", to: "proc/\(pid)/stat")
        for (thread, group) in threads { place(thread, in: group, of: pid) }
    }

    /// Changes what the kernel does.
    func behave(_ change: (inout Behaviour) -> Void) { behaviour.withLock { change(&$0) } }

    /// The threads that were moved, in order.
    var moved: [Int32] { moves.withLock { $0 } }

    /// Puts a thread somewhere, as if it had been there before; `/name` stands for a monitoring group of the default one.
    func place(_ thread: Int32, in group: String, of pid: Int32 = 700) {
        let isMonitor = group.hasPrefix("/")
        let control = isMonitor ? "/" : group.isEmpty ? "/" : group
        let monitor = isMonitor ? String(group.dropFirst()) : ""
        write("res:\(control)\nmon:\(monitor)\n", to: "proc/\(pid)/task/\(thread)/cpu_resctrl_groups")
        for control in tree.controls {
            let file = "sys/fs/resctrl/\(control.isEmpty ? "" : control + "/")tasks"
            var threads = tree.threads(in: ResctrlTree.Place(control: control)).filter { $0 != thread }
            if control == (isMonitor ? "" : group) { threads.append(thread) }
            write(threads.map { "\($0)\n" }.joined(), to: file)
        }
    }

    /// The control group of each thread of a VM.
    func groups(of pid: Int32 = 700) -> [Int32: String] {
        let threads = HostDirectory.names(in: "\(path)/proc/\(pid)/task").compactMap { Int32($0) }
        return tree.places(of: threads, in: pid, roots: roots).mapValues(\.control)
    }

    /// Makes a control group as somebody else would.
    func make(_ control: String) {
        write("", to: "sys/fs/resctrl/\(control)/tasks")
        write(HostDirectory.text(of: tree.mountPoint + "/schemata") ?? "", to: "sys/fs/resctrl/\(control)/schemata")
    }

    /// Removes a file or a directory.
    func remove(_ file: String) { try? FileManager.default.removeItem(atPath: path + "/" + file) }

    /// Ends a VM.
    func end(_ pid: Int32) {
        for thread in groups(of: pid).keys {
            for control in tree.controls {
                let threads = tree.threads(in: ResctrlTree.Place(control: control)).filter { $0 != thread }
                let file = "sys/fs/resctrl/\(control.isEmpty ? "" : control + "/")tasks"
                write(threads.map { "\($0)\n" }.joined(), to: file)
            }
        }
        remove("proc/\(pid)")
    }

    func makeGroup(_ directory: String) -> Int32 {
        if let failure = behaviour.withLock({ $0.make }) {
            write(failure.status, to: "sys/fs/resctrl/info/last_cmd_status")
            return failure.code
        }
        make(String(directory.dropFirst(tree.mountPoint.count + 1)))
        return 0
    }

    func removeGroup(_ directory: String) -> Int32 {
        guard HostDirectory.exists(directory + "/tasks") else { return ENOENT }
        let control = String(directory.dropFirst(tree.mountPoint.count + 1))
        for pid in HostDirectory.names(in: path + "/proc").compactMap({ Int32($0) }) {
            for (thread, group) in groups(of: pid) where group == control { place(thread, in: "", of: pid) }
        }
        try? FileManager.default.removeItem(atPath: directory)
        return 0
    }

    func assign(_ thread: Int32, to directory: String) -> Int32 {
        let (code, birth, isBreeding) = behaviour.withLock { ($0.assign[thread], $0.births[thread], $0.isBreeding) }
        if let code { return code }
        if directory == tree.mountPoint, behaviour.withLock({ $0.stuck }) == thread { return EPERM }
        if behaviour.withLock({ $0.ends }) == thread { remove("proc/700/task/\(thread)") }
        for pid in HostDirectory.names(in: path + "/proc").compactMap({ Int32($0) }) {
            guard let old = groups(of: pid)[thread] else { continue }
            if let birth {
                place(birth, in: old, of: pid)
                behaviour.withLock { $0.births[thread] = nil }
            }
            if isBreeding { place(thread + 1_000, in: "", of: pid) }
            place(thread, in: String(directory.dropFirst(tree.mountPoint.count + 1)), of: pid)
            moves.withLock { $0.append(thread) }
            return 0
        }
        return ESRCH
    }

    func share(_ schemata: ResctrlSchemata, to directory: String) -> Int32 {
        let (failure, kept) = behaviour.withLock { ($0.share, $0.kept) }
        if let failure {
            write(failure.status, to: "sys/fs/resctrl/info/last_cmd_status")
            return failure.code
        }
        var all = tree.schemata(of: String(directory.dropFirst(tree.mountPoint.count + 1))) ?? ResctrlSchemata()
        for line in schemata.lines {
            guard let index = all.lines.firstIndex(where: { $0.resource == line.resource }) else { return EINVAL }
            all.lines[index] = line
        }
        write(kept ?? all.text, to: String(directory.dropFirst(path.count + 1)) + "/schemata")
        return 0
    }

    private func write(_ text: String, to file: String) {
        let file = URL(fileURLWithPath: path + "/" + file)
        let directory = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try? Data(text.utf8).write(to: file)
    }
}
