import Foundation
import Glibc

/// Tidies up after runs that were killed before they could do it themselves.
enum Leftovers {
    /// The file in a bed's directory that says which process it belongs to.
    static let owner = "owner"
    /// The file in a bed's directory that lists the mount points that it had to make.
    static let made = "made"

    /// Ends what such runs have left, and removes their cgroups, bridges and directories.
    ///
    /// A run's processes are known by the directory that is bound over their files, so nobody else's are touched.
    static func sweep() {
        for name in Files.names(in: "/tmp") where name.hasPrefix("quell-bed.") {
            let directory = "/tmp/" + name
            guard let owner = Files.number(directory + "/" + owner), !isAlive(owner) else { continue }
            say("tidying up after the run of process \(owner), which was killed")
            for entry in Files.names(in: "/proc") {
                guard let pid = Int32(entry), pid != getpid(),
                    let mounts = Files.text("/proc/\(pid)/mountinfo"), mounts.contains(directory + "/")
                else { continue }
                _ = kill(pid, SIGKILL)
            }
            Thread.sleep(forTimeInterval: 0.5)
            _ = try? Shell.attempt(["ip", "link", "delete", "qb\(owner)"])
            for path in Cgroups.all().reversed() where path.contains("/qb\(owner)") || path.contains("-qb\(owner)-") {
                Files.removeEmptyDirectory(path)
            }
            // The kernel refuses to remove what holds somebody or something.
            for path in (Files.text(directory + "/" + made) ?? "").split(separator: "\n").reversed() {
                Files.removeEmptyDirectory(String(path))
            }
            for path in Cgroups.all() where path.hasSuffix("/machine") { Files.removeEmptyDirectory(path) }
            Files.removeTree(directory)
        }
    }

    /// Whether a process is a run of this program.
    private static func isAlive(_ pid: Int64) -> Bool {
        Files.text("/proc/\(pid)/comm")?.hasPrefix("Integration") ?? false
    }
}
