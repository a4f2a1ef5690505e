import Foundation
import Glibc
import HostReaders
import Signals
import Testing

@testable import Sampling

/// Stands in for the kernel below a copy of a fixture tree: makes the files of groups, keeps `tasks` and
/// `cpu_resctrl_groups` in step, and runs out of monitoring ids.
struct FakeResctrl: ResctrlKernel {
    /// The process whose threads are moved.
    let pid: Int32
    /// The tree that stands in for `/`.
    let path: String
    /// What every attempt to make a group fails with; 0 to let it succeed.
    var makeError: Int32 = 0
    /// What every attempt to move a thread fails with; 0 to let it succeed.
    var assignError: Int32 = 0

    private var mount: String { path + "/sys/fs/resctrl" }

    func makeGroup(_ directory: String) -> Int32 {
        guard makeError == 0 else { return makeError }
        guard !FileManager.default.fileExists(atPath: directory) else { return EEXIST }
        for domain in ["mon_L3_00", "mon_L3_01"] {
            for event in ResctrlInfo.events { write("\(directory)/mon_data/\(domain)/\(event)", "0\n") }
        }
        write(directory + "/tasks", "")
        return 0
    }

    func removeGroup(_ directory: String) -> Int32 {
        guard FileManager.default.fileExists(atPath: directory) else { return ENOENT }
        for thread in tasks(directory) { write(groups(of: thread), "res:\(control(of: directory))\nmon:\n") }
        try? FileManager.default.removeItem(atPath: directory)
        return 0
    }

    func assign(_ thread: Int32, to directory: String) -> Int32 {
        guard assignError == 0 else { return assignError }
        guard let text = HostDirectory.text(of: groups(of: thread)) else { return ESRCH }
        let control = control(of: directory)
        guard text.hasPrefix("res:\(control)\n") else { return EINVAL }
        let tree = ResctrlTree(mountPoint: mount)
        for place in tree.monitors(of: control == "/" ? "" : control) {
            let other = tree.directory(of: place)
            set(tasks(other).filter { $0 != thread }, of: other)
        }
        set(tasks(directory) + [thread], of: directory)
        write(groups(of: thread), "res:\(control)\nmon:\(directory.split(separator: "/").last ?? "")\n")
        return 0
    }

    /// The file in which the kernel says which groups a thread is in.
    private func groups(of thread: Int32) -> String { "\(path)/proc/\(pid)/task/\(thread)/cpu_resctrl_groups" }

    /// The control group of a monitoring group, as `cpu_resctrl_groups` names it.
    private func control(of directory: String) -> String {
        let parts = directory.dropFirst(mount.count).split(separator: "/")
        return parts.count == 2 ? "/" : String(parts[0])
    }

    private func tasks(_ directory: String) -> [Int32] {
        (HostDirectory.text(of: directory + "/tasks") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    private func set(_ threads: [Int32], of directory: String) {
        write(directory + "/tasks", threads.map { "\($0)\n" }.joined())
    }

    private func write(_ file: String, _ text: String) {
        let directory = URL(fileURLWithPath: file).deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try? Data(text.utf8).write(to: URL(fileURLWithPath: file), options: [])
    }
}

/// A copy of a resctrl fixture with a source over it, and the tick that drives the source.
final class ResctrlHost {
    let path = FileManager.default.temporaryDirectory.path + "/quell-" + UUID().uuidString
    let kernel: FakeResctrl
    private(set) var source: ResctrlSource
    private(set) var frame = Frame(hostCPUs: 2)
    private var context = TickContext()
    private var now = MonotonicTime(seconds: 100.0)

    init(
        _ tree: String = "resctrl",
        pid: Int32 = 700,
        makeError: Int32 = 0,
        assignError: Int32 = 0,
        attachesPerTick: Int = 1_000,
        _ prepare: (String) throws -> Void = { _ in }
    ) throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try FileManager.default.copyItem(atPath: fixtures.path + "/HostReadersTests/Fixtures/" + tree, toPath: path)
        try prepare(path + "/sys/fs/resctrl")
        kernel = FakeResctrl(pid: pid, path: path, makeError: makeError, assignError: assignError)
        source = ResctrlSource(roots: HostRoots(tree: path), kernel: kernel, attachesPerTick: attachesPerTick)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var tree: ResctrlTree { ResctrlTree(mountPoint: path + "/sys/fs/resctrl") }

    /// The VM of the process of this number.
    static func vm(_ pid: Int32, generation: UInt64 = 5) -> VMDescription {
        let identity = VMIdentity(uuid: VMUUID(high: 0, low: UInt64(pid)), generation: generation)
        return VMDescription(record: VMRecord(identity: identity, name: "vm\(pid)", vcpus: 2), pid: pid, taps: [])
    }

    /// The name of its group.
    static func group(_ pid: Int32, generation: UInt64 = 5) -> String {
        "quell-\(VMUUID(high: 0, low: UInt64(pid)))-\(generation)"
    }

    /// Watches a VM and lists its threads.
    @discardableResult
    func add(_ vm: VMDescription) -> VMSlot {
        let slot = frame.place(vm.record)
        source.watch(WatchedVM(slot: slot, description: vm, cgroups: CgroupPaths()))
        list(vm, slot)
        return slot
    }

    /// Lists the threads of a VM.
    func list(_ vm: VMDescription, _ slot: VMSlot) {
        source.list(QEMUThreads(of: vm.process, cgroups: CgroupPaths(), roots: HostRoots(tree: path)), of: slot)
    }

    /// Begins anew over the same tree, as after a restart.
    func restart() {
        source = ResctrlSource(roots: HostRoots(tree: path), kernel: kernel)
        frame = Frame(hostCPUs: 2)
    }

    /// Writes a file of a group in place.
    func write(_ place: ResctrlTree.Place, _ domain: String, _ event: String, _ text: String) throws {
        let file = "\(tree.directory(of: place))/mon_data/mon_L3_\(domain)/\(event)"
        let handle = try #require(FileHandle(forWritingAtPath: file), "\(file)")
        defer { try? handle.close() }
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// Runs a tick.
    func tick(after seconds: Double = 1, paused: Set<Int> = []) {
        now = now.advanced(bySeconds: seconds)
        frame.begin(at: now)
        context.time = now
        context.tick = frame.tick
        context.disturbances = frame.records.indices.map { paused.contains($0) }
        source.sample(into: &frame, &context)
    }

    func reading(_ signal: Signal, _ slot: Int = 0) -> Reading { frame[VMSlot(slot), signal] }
}
