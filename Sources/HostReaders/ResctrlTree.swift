/// The groups of the resource control file system, as directories.
///
/// Control groups lie below the mount point, each with its own monitoring groups below `mon_groups`. The mount point is
/// the root control group itself. Only groups whose name begins with ``prefix`` are Quell's.
public struct ResctrlTree: Equatable, Sendable {
    /// What the names of all monitoring groups of Quell's begin with.
    public static let prefix = "quell-"

    /// Where the file system is mounted.
    public let mountPoint: String

    /// The tree below a mount point.
    ///
    /// - Parameter mountPoint: Where the file system is mounted.
    public init(mountPoint: String) {
        self.mountPoint = mountPoint
    }

    /// A group that counts what its threads do.
    public struct Place: Hashable, Sendable {
        /// The control group's name; empty for the root group.
        public var control: String
        /// The monitoring group's name; `nil` where the thread is in none.
        public var monitor: String?

        /// Names a place.
        ///
        /// - Parameters:
        ///   - control: The control group's name; empty for the root group.
        ///   - monitor: The monitoring group's name.
        public init(control: String, monitor: String? = nil) {
            self.control = control
            self.monitor = monitor
        }
    }

    /// Whether a group's name has the shape of those that libvirt gives to groups for vCPUs of one VM (`<cachetune>`,
    /// `<memorytune>`, `<monitor>`): `qemu-1-name-vcpus_0-3`.
    ///
    /// - Parameter name: The group's name.
    /// - Returns: Whether it has.
    public static func isLibvirts(_ name: String) -> Bool { name.hasPrefix("qemu-") && name.contains("-vcpus_") }

    /// The directory of a place.
    ///
    /// - Parameter place: The place.
    /// - Returns: Its directory.
    public func directory(of place: Place) -> String {
        let control = place.control.isEmpty ? mountPoint : mountPoint + "/" + place.control
        return place.monitor.map { control + "/mon_groups/" + $0 } ?? control
    }

    /// The control groups, the root group's empty name first.
    public var controls: [String] {
        let fixed: Set = ["info", "mon_groups", "mon_data"]
        let names = HostDirectory.names(in: mountPoint).filter { name in
            !fixed.contains(name) && HostDirectory.exists("\(mountPoint)/\(name)/tasks")
        }
        return [""] + names.sorted()
    }

    /// The monitoring groups of a control group.
    ///
    /// - Parameter control: The control group's name.
    /// - Returns: Their places, by name.
    public func monitors(of control: String) -> [Place] {
        HostDirectory.names(in: directory(of: Place(control: control)) + "/mon_groups").sorted()
            .map { Place(control: control, monitor: $0) }
    }

    /// All monitoring groups of Quell's.
    public var owned: [Place] {
        controls.flatMap { monitors(of: $0) }.filter { $0.monitor?.hasPrefix(Self.prefix) == true }
    }

    /// Classes of service that are in use: one for each control group.
    public var usedClosids: Int { controls.count }

    /// Monitoring ids that are in use: one for each group of either kind.
    ///
    /// Ids of removed groups that still have lines in the cache are not free either, and nothing counts them.
    public var usedRMIDs: Int {
        let controls = controls
        return controls.reduce(controls.count) { $0 + monitors(of: $1).count }
    }

    /// What the kernel says of the command that failed last (`info/last_cmd_status`); empty where it says nothing.
    public var lastStatus: String {
        let text = HostDirectory.text(of: mountPoint + "/info/last_cmd_status") ?? ""
        let words = text.split { $0 == "\n" || $0 == " " }.joined(separator: " ")
        return words == "ok" ? "" : String(words.prefix(200))
    }

    /// What a control group may use; `nil` where it is gone or its file is of another form.
    ///
    /// - Parameter control: The control group's name.
    /// - Returns: Its shares.
    public func schemata(of control: String) -> ResctrlSchemata? {
        HostDirectory.text(of: directory(of: Place(control: control)) + "/schemata").flatMap { ResctrlSchemata($0) }
    }

    /// The threads in a group.
    ///
    /// - Parameter place: The group.
    /// - Returns: The threads; empty where it is gone.
    public func threads(in place: Place) -> [Int32] {
        (HostDirectory.text(of: directory(of: place) + "/tasks") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// The groups that a thread is in, from `/proc/<pid>/task/<tid>/cpu_resctrl_groups` (`res:` and `mon:`; Linux 5.6).
    ///
    /// - Parameter text: The text of the file.
    /// - Returns: The place; `nil` where it names no control group, as while nothing is mounted.
    public static func place(_ text: String) -> Place? {
        var control: Substring?
        var monitor: Substring = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("res:") { control = line.dropFirst(4) }
            if line.hasPrefix("mon:") { monitor = line.dropFirst(4) }
        }
        guard let control, !control.isEmpty else { return nil }
        let name = control == "/" ? "" : control.hasPrefix("/") ? control.dropFirst() : control
        guard !name.contains("/"), !monitor.contains("/"), name != "..", monitor != ".." else { return nil }
        return Place(control: String(name), monitor: monitor.isEmpty ? nil : String(monitor))
    }

    /// The groups that threads of a process are in.
    ///
    /// Where the kernel does not tell it of a thread, the `tasks` of all groups but the root group are searched.
    ///
    /// - Parameters:
    ///   - threads: The threads.
    ///   - pid: Their process.
    ///   - roots: Where procfs is.
    /// - Returns: The place of each thread; threads that are gone are left out.
    public func places(of threads: [Int32], in pid: Int32, roots: HostRoots) -> [Int32: Place] {
        let base = "\(roots.proc)/\(pid)/task"
        var found: [Int32: Place] = [:]
        var untold: [Int32] = []
        for thread in threads {
            if let text = HostDirectory.text(of: "\(base)/\(thread)/cpu_resctrl_groups") {
                found[thread] = Self.place(text)
            } else if HostDirectory.exists("\(base)/\(thread)") {
                untold.append(thread)
            }
        }
        guard !untold.isEmpty else { return found }
        for thread in untold { found[thread] = Place(control: "") }
        for control in controls {
            let own = Place(control: control)
            for place in (control.isEmpty ? [] : [own]) + monitors(of: control) {
                let members = Set(self.threads(in: place))
                for thread in untold where members.contains(thread) { found[thread] = place }
            }
        }
        return found
    }

    /// The directories of a group's L3 domains.
    ///
    /// Those of the parts of one cache that Sub-NUMA Clustering makes (`mon_sub_L3_*`) lie below them and are counted in
    /// them.
    ///
    /// - Parameter place: The group.
    /// - Returns: The directories, in order.
    public func domains(of place: Place) -> [String] {
        let data = directory(of: place) + "/mon_data"
        return HostDirectory.names(in: data).filter { $0.hasPrefix("mon_L3_") }.sorted().map { data + "/" + $0 }
    }

    /// Removes Quell's groups from a host, as when it is taken off it.
    ///
    /// - Parameters:
    ///   - kernel: Who removes them.
    ///   - isRemoved: Which of them; by default all.
    /// - Returns: How many were removed.
    @discardableResult
    public func sweep(_ kernel: any ResctrlKernel, where isRemoved: (Place) -> Bool = { _ in true }) -> Int {
        var count = 0
        for place in owned where isRemoved(place) && kernel.removeGroup(directory(of: place)) == 0 { count += 1 }
        return count
    }
}
