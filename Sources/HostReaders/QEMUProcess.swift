/// The QEMU process of a VM: one start of it.
public struct QEMUProcess: Hashable, Sendable {
    /// The process.
    public let pid: Int32
    /// When it started, in clock ticks since boot: the VM's generation.
    public let startTicks: UInt64

    /// Names a process.
    ///
    /// - Parameters:
    ///   - pid: The process.
    ///   - startTicks: When it started, in clock ticks since boot.
    public init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// The process of this number as it is now; `nil` where there is none.
    ///
    /// - Parameters:
    ///   - pid: The process.
    ///   - roots: Where procfs is.
    public init?(pid: Int32, roots: HostRoots) {
        guard pid > 0, let bytes = HostDirectory.bytes(of: "\(roots.proc)/\(pid)/stat"),
            let stat = try? ProcessStat(bytes.span)
        else { return nil }
        self.init(pid: pid, startTicks: stat.startTicks)
    }

    /// Whether this start of the process still runs.
    ///
    /// - Parameter roots: Where procfs is.
    /// - Returns: Whether it does.
    public func isAlive(roots: HostRoots) -> Bool {
        QEMUProcess(pid: pid, roots: roots) == self
    }

    /// Finds the process of a domain.
    ///
    /// libvirt's pid file (`/run/libvirt/qemu/<name>.pid`) is taken where the command line of that process says
    /// `-uuid` and this UUID; else that of another name of which this is so. Only where there is none is every process looked at.
    ///
    /// - Parameters:
    ///   - uuid: The domain's UUID in canonical form.
    ///   - name: The domain's name; only a hint.
    ///   - roots: Where procfs and libvirt's pid files are.
    /// - Returns: The process, or `nil` where there is none.
    public static func locate(uuid: String, name: String, roots: HostRoots) -> QEMUProcess? {
        let wanted = uuid.lowercased()
        if !name.isEmpty, !name.contains("/"),
            let text = HostDirectory.text(of: "\(roots.run)/libvirt/qemu/\(name).pid"),
            let pid = Int32(text.prefix { $0.isASCII && $0.isNumber }), runs(wanted, pid, roots),
            let process = QEMUProcess(pid: pid, roots: roots)
        {
            return process
        }
        // libvirt writes some names otherwise than it tells them. Its files are root's: anybody can start a process whose
        // command line says what they like.
        for file in HostDirectory.names(in: "\(roots.run)/libvirt/qemu") where file.hasSuffix(".pid") {
            guard let text = HostDirectory.text(of: "\(roots.run)/libvirt/qemu/\(file)"),
                let pid = Int32(text.prefix { $0.isASCII && $0.isNumber }), runs(wanted, pid, roots)
            else { continue }
            if let process = QEMUProcess(pid: pid, roots: roots) { return process }
        }
        for entry in HostDirectory.names(in: roots.proc) {
            guard let pid = Int32(entry), runs(wanted, pid, roots) else { continue }
            if let process = QEMUProcess(pid: pid, roots: roots) { return process }
        }
        return nil
    }

    /// Whether a process is an emulator that runs the domain of this UUID.
    private static func runs(_ uuid: String, _ pid: Int32, _ roots: HostRoots) -> Bool {
        guard pid > 0, let text = HostDirectory.text(of: "\(roots.proc)/\(pid)/cmdline") else { return false }
        let words = text.split(separator: "\0", omittingEmptySubsequences: false)
        guard let program = words.first?.split(separator: "/").last, program.contains("qemu") || program == "kvm" else {
            return false
        }
        guard let option = words.firstIndex(of: "-uuid"), option + 1 < words.count else { return false }
        return words[option + 1].lowercased() == uuid
    }
}
