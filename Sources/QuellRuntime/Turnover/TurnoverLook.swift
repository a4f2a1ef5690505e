import HostReaders
import Libvirt
import Signals

/// Looks for what is left of a VM on a host.
struct TurnoverLook {
    /// An emulator that runs now.
    struct Emulator: Equatable {
        /// The process.
        var pid: Int32
        /// The UUID of its VM; empty where its command line names none.
        var uuid: String
        /// The name of its VM; empty where its command line names none.
        var name: String
        /// Its whole command line.
        var words: [String]
    }

    let subject: TurnoverSubject
    let roots: HostRoots
    /// The VMs that run now; what they use is not left over.
    let running: [DomainDescription]
    /// The emulators that run now.
    let emulators: [Emulator]

    private(set) var leftovers: [TurnoverReport.Leftover] = []
    private(set) var gaps: [TurnoverReport.Gap] = []
    private(set) var logs: [String] = []
    /// Volumes of it that libvirt lists.
    var volumes: [TurnoverReport.Volume] = []

    /// A look for a VM.
    ///
    /// - Parameters:
    ///   - subject: The VM.
    ///   - roots: Where the host's trees are.
    ///   - running: The VMs that run now.
    init(_ subject: TurnoverSubject, roots: HostRoots, running: [DomainDescription] = []) {
        self.subject = subject
        self.roots = roots
        self.running = running
        emulators = Self.emulators(roots)
    }

    /// Looks at all that files tell.
    mutating func lookAtFiles() {
        lookAtDefinition()
        lookAtProcesses()
        lookAtCgroups()
        lookAtResctrl()
        lookAtStartFiles()
        lookAtKeptFiles()
        lookAtInterfaces()
        if subject.name == nil {
            miss("files by name", "its name is not known, or another VM has it now: give --name")
        }
        if subject.uuid == nil { miss("files by UUID", "its UUID is not known: give --uuid") }
    }

    /// The report of all that was found.
    var report: TurnoverReport {
        TurnoverReport(subject, leftovers: leftovers, gaps: gaps, volumes: volumes, logs: logs)
    }

    /// Notes something that is left.
    mutating func leave(_ kind: String, _ what: String, remedy: String) {
        leftovers.append(TurnoverReport.Leftover(kind: kind, what: what, remedy: remedy))
    }

    /// Notes something that could not be looked at.
    mutating func miss(_ kind: String, _ why: String) {
        gaps.append(TurnoverReport.Gap(kind: kind, why: why))
    }

    /// Notes a log file.
    mutating func mention(_ path: String) { logs.append(path) }

    /// Notes a file that is there.
    mutating func leave(file path: String, _ kind: String, isDirectory: Bool = false) {
        switch HostDirectory.presence(of: path) {
        case .missing: break
        case .hidden(let code): miss(kind, "\(path): errno \(code)")
        case .there: leave(kind, path, remedy: (isDirectory ? "rm -r -- " : "rm -- ") + AuditJudge.quoted(path))
        }
    }

    /// The names in a directory; empty where it is not there, and a gap where it may not be read.
    mutating func names(in path: String, _ kind: String) -> [String] {
        switch HostDirectory.listing(of: path) {
        case .names(let names): return names
        case .missing: return []
        case .hidden(let code):
            miss(kind, "\(path): errno \(code)")
            return []
        }
    }

    /// Whether an emulator that runs is one of this VM: by UUID where both are known, else by name.
    func isOfSubject(_ emulator: Emulator) -> Bool {
        if let uuid = subject.uuid, !emulator.uuid.isEmpty { return emulator.uuid == uuid.description }
        return subject.name.map { $0 == emulator.name } ?? false
    }

    /// Whether another VM that runs uses a path: its command line names it.
    func isUsedByOthers(_ path: String) -> Bool {
        emulators.contains { emulator in
            !isOfSubject(emulator) && emulator.words.contains { $0.contains(path + "/") || $0.hasSuffix(path) }
        }
    }

    /// What libvirt itself still has.
    private mutating func lookAtDefinition() {
        guard let definition = subject.definition else { return }
        leave(
            "definition",
            "libvirt still defines it",
            remedy:
                "virsh undefine \(definition.uuid) --managed-save --snapshots-metadata --checkpoints-metadata --nvram "
                + "--tpm"
        )
        if definition.isMarked {
            leave(
                "mark",
                "Quell's mark in its metadata",
                remedy: "virsh metadata \(definition.uuid) --uri urn:quell:hold:1 --remove --config"
            )
        }
    }

    /// Processes of it, and those that serve it.
    private mutating func lookAtProcesses() {
        for emulator in emulators where isOfSubject(emulator) {
            var what = "process \(emulator.pid), \(emulator.words.first ?? "")"
            if let bytes = hugeMemory(of: emulator.pid), bytes > 0 { what += ", with \(bytes >> 20) MiB of huge pages" }
            leave("process", what, remedy: "kill \(emulator.pid)")
        }
        guard let uuid = subject.uuid?.description else { return }
        let helpers: Set = [
            "swtpm", "virtiofsd", "passt", "slirp-helper", "qemu-nbd", "qemu-pr-helper", "qemu-storage-daemon",
        ]
        for pid in HostDirectory.names(in: roots.proc).compactMap({ Int32($0) }).sorted() {
            guard let words = QEMUProcess.words(of: pid, roots: roots),
                let program = words.first?.split(separator: "/").last, helpers.contains(String(program)),
                words.contains(where: { $0.contains(uuid) })
            else { continue }
            leave("process", "process \(pid), \(program)", remedy: "kill \(pid)")
        }
    }

    /// Bytes of huge pages that a process maps (`proc_pid_status(5)`).
    private func hugeMemory(of pid: Int32) -> UInt64? {
        let text = HostDirectory.text(of: "\(roots.proc)/\(pid)/status") ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("HugetlbPages:") {
            let kibibytes = line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { UInt64($0) }
            return kibibytes.flatMap { $0 < 1 << 50 ? $0 << 10 : nil }
        }
        return nil
    }

    /// The emulators that run now.
    private static func emulators(_ roots: HostRoots) -> [Emulator] {
        HostDirectory.names(in: roots.proc).compactMap { Int32($0) }.sorted().compactMap { pid in
            guard let words = QEMUProcess.words(of: pid, roots: roots), let program = words.first,
                QEMUProcess.isEmulator(program)
            else { return nil }
            let after = { (option: String) in
                words.firstIndex(of: option).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil } ?? ""
            }
            return Emulator(pid: pid, uuid: after("-uuid").lowercased(), name: name(after("-name")), words: words)
        }
    }

    /// The name in QEMU's option, `guest=name,debug-threads=on`, where a comma of the name is written twice.
    static func name(_ option: String) -> String {
        guard option.hasPrefix("guest=") else { return option }
        var name = ""
        var rest = option.dropFirst("guest=".count)
        while let character = rest.popFirst() {
            if character == "," {
                guard rest.first == "," else { break }
                rest.removeFirst()
            }
            name.append(character)
        }
        return name
    }
}
