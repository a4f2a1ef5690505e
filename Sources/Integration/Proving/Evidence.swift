import Foundation
import Proving
import QuellRuntime

/// Where runs leave their figures: the directory that `QUELL_EVIDENCE` names, and nowhere without it.
enum Evidence {
    /// Leaves a table.
    ///
    /// - Parameters:
    ///   - table: The table, whose day and host are filled in.
    ///   - name: Its file's name without the ending.
    /// - Throws: ``BedError/file(path:why:)``.
    static func leave(_ table: EvidenceTable, as name: String) throws(BedError) {
        guard let place = ProcessInfo.processInfo.environment["QUELL_EVIDENCE"] else { return }
        var table = table
        table.date = Date().formatted(.iso8601.year().month().day())
        table.host = host
        try Files.makeDirectory(place)
        try Files.write(table.text, to: place + "/" + name + ".tsv")
    }

    /// What this host is.
    private static var host: String {
        let release =
            (Files.text("/proc/sys/kernel/osrelease") ?? "").split(separator: "-").first.map(String.init) ?? ""
        let isUnified = FileManager.default.fileExists(atPath: "/sys/fs/cgroup/cgroup.controllers")
        let groups = isUnified ? "cgroup v2" : "cgroup v1 beside a bare v2 tree"
        return "\(HostClock.onlineCPUs) CPUs, Linux \(release), \(groups), guests emulated (TCG)"
    }
}
