import Foundation

/// Where the kernel keeps the control groups of this host.
enum Cgroups {
    /// The directory of the cgroup that holds a task's CPU controller.
    ///
    /// - Parameter task: The task's directory in `/proc`.
    /// - Returns: The directory and whether it is a cgroup v2, or `nil` where the task is gone.
    static func cpu(ofTask task: String) -> (path: String, isUnified: Bool)? {
        guard let text = Files.text(task + "/cgroup") else { return nil }
        var unified: String?
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1].split(separator: ",").contains("cpu"), let mount = mount(type: "cgroup", option: "cpu") {
                return (mount + parts[2], false)
            }
            if parts[1].isEmpty { unified = String(parts[2]) }
        }
        guard let unified, let mount = mount(type: "cgroup2", option: nil) else { return nil }
        return (mount + unified, true)
    }

    /// The directory of the cgroup that holds a task's memory controller; that of cgroup v2 where v1 has none.
    ///
    /// - Parameter task: The task's directory in `/proc`.
    /// - Returns: The directory, or `nil` where the task is gone.
    static func memory(ofTask task: String) -> String? {
        for line in (Files.text(task + "/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if parts.count == 3, parts[1].split(separator: ",").contains("memory"),
                let mount = mount(type: "cgroup", option: "memory")
            {
                return mount + parts[2]
            }
        }
        // A domain's limits of memory are those of the whole of it, above the groups of its threads.
        guard let place = cpu(ofTask: task), place.isUnified else { return nil }
        var path = place.path
        while !path.hasSuffix("/sys/fs/cgroup"), path != "/", Files.text(path + "/memory.high") == nil {
            path = (path as NSString).deletingLastPathComponent
        }
        return path
    }

    /// Every directory below `/sys/fs/cgroup`, each after those above it.
    static func all() -> [String] {
        var found: [String] = []
        var open = ["/sys/fs/cgroup"]
        while let directory = open.popLast() {
            for name in Files.names(in: directory) {
                let path = directory + "/" + name
                guard Files.isDirectory(path) else { continue }
                found.append(path)
                open.append(path)
            }
        }
        return found.sorted()
    }

    /// Where a hierarchy is mounted.
    private static func mount(type: Substring, option: Substring?) -> String? {
        for line in (Files.text("/proc/self/mounts") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 4, words[2] == type else { continue }
            if let option, !words[3].split(separator: ",").contains(option) { continue }
            return String(words[1])
        }
        return nil
    }
}
