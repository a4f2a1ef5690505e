import HostReaders
import Libvirt

/// Files that libvirt keeps of a VM.
extension TurnoverLook {
    /// libvirt's own directory of QEMU's VMs.
    private var library: String { roots.state + "/lib/libvirt/qemu" }

    /// What belongs to one start of it, and should have gone with that.
    mutating func lookAtStartFiles() {
        guard let name = subject.name else { return }
        let run = roots.run + "/libvirt/qemu"
        for ending in ["pid", "xml"] { leave(file: "\(run)/\(name).\(ending)", "runtime file") }
        for (directory, prefix) in [
            (library, "domain-"), (library + "/channel/target", "domain-"), (run + "/channel", ""),
        ] {
            for entry in names(in: directory, "runtime file") where subject.isOfOneStart(entry, prefix: prefix) {
                leaveUnused(directory + "/" + entry, "runtime file")
            }
        }
        for ending in ["-swtpm.pid", "-swtpm.sock"] {
            for entry in names(in: run + "/swtpm", "runtime file")
            where subject.isOfOneStart(entry, suffix: ending) {
                leaveUnused("\(run)/swtpm/\(entry)", "runtime file")
            }
        }
        var memory = [library + "/ram"]
        for entry in names(in: roots.dev, "memory") where entry.hasPrefix("hugepages") {
            memory.append("\(roots.dev)/\(entry)/libvirt/qemu")
        }
        for directory in memory {
            for entry in names(in: directory, "memory") where subject.isOfOneStart(entry) {
                leaveUnused(directory + "/" + entry, "memory")
            }
        }
    }

    /// Notes a file of one start, unless another VM that runs uses it: names are cut to 20 characters.
    private mutating func leaveUnused(_ path: String, _ kind: String) {
        // A fixture tree stands in for "/", so the end of the path is what command lines hold.
        let parts = path.split(separator: "/").suffix(2).joined(separator: "/")
        if !isUsedByOthers("/" + parts) { leave(file: path, kind, isDirectory: true) }
    }

    /// What libvirt keeps between starts.
    mutating func lookAtKeptFiles() {
        if let uuid = subject.uuid {
            leave(file: "\(roots.state)/lib/libvirt/swtpm/\(uuid)", "vtpm", isDirectory: true)
        }
        var seen: Set<String> = []
        if let name = subject.name {
            leave(file: "\(library)/save/\(name).save", "saved state")
            leave(file: "\(library)/snapshot/\(name)", "snapshots", isDirectory: true)
            leave(file: "\(library)/checkpoint/\(name)", "checkpoints", isDirectory: true)
            for entry in names(in: library + "/dump", "dump") {
                // <number>-<name>-<year>-<month>-<day>-<hour>:<minute>:<second>
                guard entry.count > 20, subject.isOfOneStart(String(entry.dropLast(20))),
                    entry.dropLast(19).last == "-"
                else { continue }
                leave(file: "\(library)/dump/\(entry)", "dump")
            }
            for ending in ["_VARS.fd", "_VARS.qcow2"] {
                let path = "\(library)/nvram/\(name)\(ending)"
                seen.insert(path)
                leave(file: path, "nvram")
            }
            lookAtLogs(name)
        }
        if let path = subject.definition?.nvram, path.hasPrefix("/"), !seen.contains(path) {
            leave(file: path, "nvram")
        }
    }

    private mutating func lookAtLogs(_ name: String) {
        let directory = roots.state + "/log/libvirt/qemu"
        for entry in HostDirectory.names(in: directory).sorted() {
            let isOld =
                entry.hasPrefix(name + ".log.")
                && entry.dropFirst(name.count + 5).allSatisfy { $0.isASCII && $0.isNumber }
            if entry == name + ".log" || isOld { mention("\(directory)/\(entry)") }
        }
        let swtpm = "\(roots.state)/log/swtpm/libvirt/qemu/\(name)-swtpm.log"
        if HostDirectory.presence(of: swtpm) == .there { mention(swtpm) }
    }
}
