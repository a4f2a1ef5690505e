extension QEMUProcess {
    /// The words of a process's command line, its program first; `nil` where it cannot be read or has none.
    ///
    /// - Parameters:
    ///   - pid: The process.
    ///   - roots: Where procfs is.
    /// - Returns: The words.
    public static func words(of pid: Int32, roots: HostRoots) -> [String]? {
        guard pid > 0, let text = HostDirectory.text(of: "\(roots.proc)/\(pid)/cmdline"), !text.isEmpty else {
            return nil
        }
        return text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    }

    /// Whether the first word of a command line is an emulator.
    ///
    /// - Parameter word: The first word.
    /// - Returns: Whether it is.
    public static func isEmulator(_ word: String) -> Bool {
        guard let program = word.split(separator: "/").last else { return false }
        return program.contains("qemu-system") || program == "qemu-kvm" || program == "kvm"
    }

    /// Every emulator that runs a domain, by the domain's UUID in canonical form; looks at each process once.
    ///
    /// - Parameter roots: Where procfs is.
    /// - Returns: The processes; of several of one UUID the one with the lowest number.
    public static func all(roots: HostRoots) -> [String: Int32] {
        var found: [String: Int32] = [:]
        for pid in HostDirectory.names(in: roots.proc).compactMap({ Int32($0) }).sorted() {
            guard let words = words(of: pid, roots: roots), let program = words.first, isEmulator(program),
                let option = words.firstIndex(of: "-uuid"), option + 1 < words.count
            else { continue }
            let uuid = words[option + 1].lowercased()
            if found[uuid] == nil { found[uuid] = pid }
        }
        return found
    }
}
