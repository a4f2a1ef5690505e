import Foundation

/// What a run could leave behind on the host: taken before and after, the two must be the same.
struct Footprint {
    /// Directories whose files the testbed covers or writes.
    private static let directories = [
        "/etc/libvirt", "/etc/systemd", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt", "/run/libvirt",
        "/run/systemd/journal", "/run/log", "/var/log/journal", "/etc/quell", "/run/quell", "/var/lib/quell",
    ]

    private let items: Set<String>

    /// Looks at the host as it is now.
    ///
    /// Cgroups, network interfaces, the mounts of the host's first process, and the size, time and mode of every file
    /// that the testbed could have touched.
    static func take() -> Footprint {
        var items: Set<String> = []
        for path in Cgroups.all() { items.insert("cgroup \(path)") }
        for name in Files.names(in: "/sys/class/net") { items.insert("interface \(name)") }
        for line in (Files.text("/proc/1/mounts") ?? "").split(separator: "\n") { items.insert("mount \(line)") }
        for directory in directories { items.formUnion(files(below: directory)) }
        return Footprint(items: items)
    }

    /// Whether a cgroup was there.
    ///
    /// - Parameter path: Its directory.
    /// - Returns: Whether it was.
    func contains(cgroup path: String) -> Bool { items.contains("cgroup \(path)") }

    /// What differs now.
    ///
    /// - Parameters:
    ///   - now: The host now.
    ///   - name: The bed's name, which all that it makes carries.
    /// - Returns: A line for each difference; what others did to the host meanwhile is marked as not ours.
    func differences(to now: Footprint, name: String) -> (ours: [String], others: [String]) {
        var ours: [String] = []
        var others: [String] = []
        let changes =
            now.items.subtracting(items).map { "new: \($0)" } + items.subtracting(now.items).map { "gone: \($0)" }
        for change in changes.sorted() {
            let isForeign =
                !change.contains(name) && (change.contains(": cgroup") || change.contains(": interface"))
            if isForeign { others.append(change) } else { ours.append(change) }
        }
        return (ours, others)
    }

    private static func files(below directory: String) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: directory) else { return [] }
        var found = ["file \(directory)"]
        for case let name as String in walk {
            let path = directory + "/" + name
            let facts = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
            let isDirectory = facts[.type] as? FileAttributeType == .typeDirectory
            let size = isDirectory ? 0 : facts[.size] as? Int ?? 0
            let changed = isDirectory ? 0 : (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            let mode = facts[.posixPermissions] as? Int ?? 0
            found.append("file \(path) \(size) bytes, mode \(String(mode, radix: 8)), changed \(changed)")
        }
        return found
    }
}
