internal import HostReaders
internal import Signals

/// The groups in which one VM is monitored, and what they said last.
final class ResctrlVM {
    /// Whether all of it is monitored.
    enum Coverage: Equatable {
        /// Its threads have not been listed yet.
        case unknown
        /// All its vCPUs are.
        case whole
        /// No monitoring id is left for it, or none beyond the reserve; it is tried again now and then.
        case full
        /// The kernel does not let the agent make groups or move threads.
        case refused
        /// Some of its threads are in a group of others, which is left alone.
        case shared
    }

    /// Who it is.
    let identity: VMIdentity
    /// Its process.
    let pid: Int32
    /// Its threads, once they were listed.
    var threads: QEMUThreads?
    /// Whether its threads are still to be put into its groups.
    var mustAttach = false
    /// Whether all of it is monitored.
    var coverage = Coverage.unknown
    /// The groups that Quell made for it or found made.
    var owned: [ResctrlTree.Place] = []
    /// Whether a file of its groups was found gone, as after a CPU package went offline.
    private(set) var mustReopen = false
    /// The domains that are read.
    private(set) var domains: [ResctrlDomain] = []

    private var places: [ResctrlTree.Place] = []
    /// Where the kernel tells which groups the main thread is in, and what it told when the VM was attached.
    private var witness = KernelFile()
    private var testimony: [UInt8] = []
    private var disturbed = false
    private var last: InlineArray<3, Reading> = [.missing, .missing, .missing]

    /// A VM whose threads are not known yet.
    init(_ description: VMDescription) {
        identity = description.record.identity
        pid = description.pid
    }

    /// The name of its own monitoring groups.
    var groupName: String { "\(ResctrlTree.prefix)\(identity.uuid)-\(identity.generation)" }

    /// All its threads.
    var tids: [Int32] { threads.map { $0.vcpus.map(\.tid) + $0.iothreads + $0.emulator } ?? [] }

    /// Reads it in these groups from now on; those that are read already keep their counters.
    func read(_ new: [ResctrlTree.Place], of tree: ResctrlTree, features: Set<String>) {
        guard new != places || mustReopen else { return }
        let directories = new.flatMap { tree.domains(of: $0) }
        let isGone = mustReopen
        domains = directories.map { directory in
            (isGone ? nil : domains.first { $0.directory == directory }) ?? ResctrlDomain(directory, features: features)
        }
        places = new
        mustReopen = false
    }

    /// Opens the files of its groups anew.
    func reopen(_ tree: ResctrlTree, features: Set<String>) {
        mustReopen = true
        read(places, of: tree, features: features)
    }

    /// Notes which groups its main thread is in, for ``hasMoved(_:)``.
    ///
    /// - Parameters:
    ///   - control: The control group that the thread was in when its threads were looked for.
    ///   - roots: Where procfs is.
    /// - Returns: Whether it still is there; also where the kernel does not tell.
    func witness(in control: String?, roots: HostRoots) -> Bool {
        let file = KernelFile(directory: "\(roots.proc)/\(pid)/task/\(pid)", name: "cpu_resctrl_groups")
        testimony = HostDirectory.bytes(of: file.path) ?? []
        witness = file
        guard !testimony.isEmpty else { return true }
        return ResctrlTree.place(String(decoding: testimony, as: UTF8.self))?.control == control
    }

    /// Whether its main thread is in other groups than when it was attached.
    ///
    /// Asked after its counters were read: whoever moves a VM begins with the main thread, so that one that has stayed
    /// tells that all had.
    private func hasMoved(_ context: inout TickContext) -> Bool {
        guard !testimony.isEmpty, let count = context.fetch(witness) else { return false }
        guard count == testimony.count else { return true }
        for index in 0..<count where context.buffer.storage[index] != testimony[index] { return true }
        return false
    }

    /// Notes whether it was paused in a tick in which it may not be read.
    func note(disturbed: Bool) {
        self.disturbed = self.disturbed || disturbed
    }

    /// Reads all its domains.
    ///
    /// - Returns: Whether its threads were still there; where not, nothing is told of it but that it is not known.
    func sample(into frame: inout Frame, _ slot: VMSlot, _ context: inout TickContext) -> Bool {
        var sums: InlineArray<3, MonitorSum> = [MonitorSum(), MonitorSum(), MonitorSum()]
        context.vanished = false
        for domain in domains { domain.add(to: &sums, disturbed: disturbed, &context) }
        if context.vanished { mustReopen = true }
        if hasMoved(&context) {
            coverage = .unknown
            last = [.missing, .missing, .missing]
            write(into: &frame, slot)
            return false
        }
        disturbed = false
        for place in 0..<3 { last[place] = domains.isEmpty ? .missing : sums[place].reading }
        write(into: &frame, slot)
        for place in 0..<3 where last[place].quality == .ok { last[place].quality = .stale }
        return true
    }

    /// Writes what is known of it without reading: stale where it is monitored, not observable where it cannot be.
    func write(into frame: inout Frame, _ slot: VMSlot) {
        let isWhole = coverage == .whole
        let other: Reading = coverage == .unknown ? .missing : .notObservable
        frame[slot, .llcOccupancy] = isWhole ? last[0] : other
        frame[slot, .mbmTotal] = isWhole ? last[1] : other
        frame[slot, .mbmLocal] = isWhole ? last[2] : other
    }
}
