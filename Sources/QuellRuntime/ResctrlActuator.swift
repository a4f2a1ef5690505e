import Enforcement
import Glibc
import HostReaders
import Signals

/// Puts the threads of VMs into control groups of resctrl and takes them out again (``Knob/cacheGroup``).
///
/// Two groups are Quell's, ``CacheGroups/throttled`` and ``CacheGroups/quarantine``: made when the first VM is put into
/// one, gone when the last one left. A VM of which any thread is in a group of somebody else's, libvirt's
/// `<cachetune>` or another manager's, is never touched.
///
/// A thread that a VM's threads start is in their group from its first moment on. Threads that a thread outside of the
/// group starts while the VM is moved are not, so moving goes on until a pass finds none; and a VM of which a part is in
/// a group of Quell's is one that Quell holds, so that ``read(_:of:)`` first brings in what is outside. What it returns
/// is then all of the truth: a VM reads as held, as a whole, or as free, as a whole. Threads that stay outside all the
/// same make it fail. A VM that somebody has taken out altogether reads as free, which counts as a reset.
actor ResctrlActuator {
    /// Passes over a VM's threads after which it is given up that new ones are still found outside.
    static let mostPasses = 16

    private let roots: HostRoots
    private let kernel: any ResctrlController
    private let isRoot: Bool
    private var processes: [VMIdentity: QEMUProcess] = [:]

    /// A hand over a host's groups.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - kernel: Who makes groups and moves threads.
    ///   - isRoot: Whether the caller is root.
    init(
        roots: HostRoots = HostRoots(),
        kernel: any ResctrlController = MountedResctrl(),
        isRoot: Bool = geteuid() == 0
    ) {
        self.roots = roots
        self.kernel = kernel
        self.isRoot = isRoot
    }

    /// Completes what is known of a VM's parts by whether its threads can be put into a group.
    ///
    /// - Parameters:
    ///   - parts: The parts.
    ///   - vm: The VM.
    /// - Returns: The parts, with ``VMParts/cacheTrouble``.
    func complete(_ parts: VMParts, of vm: VMIdentity) -> VMParts {
        var parts = parts
        let host = host
        parts.cacheTrouble = host.trouble?.why
        guard parts.cacheTrouble == nil, let tree = host.tree else { return parts }
        do throws(ActuatorError) {
            _ = try look(at: try process(of: vm), tree)
        } catch {
            parts.cacheTrouble = "\(error)"
        }
        return parts
    }

    /// Reads which group the threads of a VM are in; brings those in that are outside of the group of the others.
    ///
    /// - Parameters:
    ///   - knob: ``Knob/cacheGroup``.
    ///   - vm: The VM.
    /// - Returns: The name of a group of Quell's, or an empty one for the default group.
    /// - Throws: `ActuatorError`; `refused` where a thread is in somebody else's group.
    func read(_ knob: Knob, of vm: VMIdentity) throws(ActuatorError) -> Setting {
        guard knob == .cacheGroup else { throw .refused("\(knob) is no knob of resctrl's") }
        let tree = try tree()
        let process = try process(of: vm)
        guard let (group, strays) = Self.held(try look(at: process, tree)) else { return .cacheGroup("") }
        if !strays.isEmpty { try move(process, into: group, tree) }
        return .cacheGroup(group)
    }

    /// Puts all threads of a VM into a group; where that fails none is left in it that was not there before.
    ///
    /// - Parameters:
    ///   - knob: ``Knob/cacheGroup``.
    ///   - setting: The name of a group of Quell's, or an empty one for the default group.
    ///   - vm: The VM.
    /// - Throws: `ActuatorError`.
    func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) throws(ActuatorError) {
        guard knob == .cacheGroup, case .cacheGroup(let group) = setting,
            group.isEmpty || CacheGroups.all.contains(group)
        else { throw .refused("\(knob) cannot be set to \(setting)") }
        let tree = try tree()
        let process = try process(of: vm)
        _ = try look(at: process, tree)
        defer { tidy(tree) }
        if !group.isEmpty { try ready(group, tree) }
        try move(process, into: group, tree)
    }

    /// Threads of a VM that are outside of the group of Quell's that others of it are in.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The threads; none for a VM that is not held.
    /// - Throws: `ActuatorError`.
    func strays(of vm: VMIdentity) throws(ActuatorError) -> [Int32] {
        Self.held(try look(at: try process(of: vm), try tree()))?.strays ?? []
    }

    /// Removes the groups that an earlier daemon left, at a start that finds no VM held by them; the kernel moves their
    /// threads to the default group.
    ///
    /// - Returns: The groups that were removed.
    func sweep() -> [String] {
        guard isRoot, let tree = host.tree else { return [] }
        return tree.controls.filter { control in
            CacheGroups.all.contains(control)
                && kernel.removeGroup(tree.directory(of: ResctrlTree.Place(control: control))) == 0
        }
    }
}

extension ResctrlActuator {
    /// Where a thread is.
    private typealias Placed = (thread: Int32, control: String)

    /// The host as it is now.
    private var host: CacheHost { CacheHost(roots: roots, isRoot: isRoot) }

    /// The group of Quell's that most of a VM's threads in any are in, the throttled one where two have as many, and the
    /// threads outside of it; `nil` where none is in any.
    private static func held(_ places: [Placed]) -> (group: String, strays: [Int32])? {
        let counts = Dictionary(grouping: places.filter { !$0.control.isEmpty }, by: \.control).mapValues(\.count)
        guard let group = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return nil }
        return (group, places.filter { $0.control != group }.map(\.thread))
    }

    private func tree() throws(ActuatorError) -> ResctrlTree {
        guard let tree = host.tree else { throw .refused("resctrl is not mounted") }
        return tree
    }

    /// The process of exactly this start of a VM, looked for once.
    private func process(of vm: VMIdentity) throws(ActuatorError) -> QEMUProcess {
        if let known = processes[vm], known.isAlive(roots: roots) { return known }
        processes[vm] = nil
        processes = processes.filter { $0.value.isAlive(roots: roots) }
        guard let found = QEMUProcess.locate(uuid: vm.uuid.description, name: "", roots: roots) else {
            // It may have been the last one of a group.
            if let tree = host.tree { tidy(tree) }
            throw .vmGone
        }
        guard found.startTicks == vm.generation else { throw .generationChanged }
        processes[vm] = found
        return found
    }

    /// Finds where all threads of a VM are, the main thread first.
    ///
    /// - Throws: ``ActuatorError/refused(_:)`` where any is in a group of somebody else's.
    private func look(at process: QEMUProcess, _ tree: ResctrlTree) throws(ActuatorError) -> [Placed] {
        let names = HostDirectory.names(in: "\(roots.proc)/\(process.pid)/task")
        let threads = names.compactMap { Int32($0) }.sorted()
        let places = tree.places(of: threads, in: process.pid, roots: roots)
        guard !places.isEmpty else { throw .vmGone }
        for place in places.values.sorted(by: { tree.directory(of: $0) < tree.directory(of: $1) }) {
            let isForeign = !place.control.isEmpty && !CacheGroups.all.contains(place.control)
            let monitor = place.monitor.flatMap { $0.hasPrefix(ResctrlTree.prefix) ? nil : $0 }
            guard isForeign || monitor != nil else { continue }
            let name = isForeign ? place.control : monitor ?? ""
            let owner = ResctrlTree.isLibvirts(name) ? "libvirt" : "another manager"
            throw .refused("threads of it are in the group \(name) of \(owner)")
        }
        let ordered = threads.filter { $0 == process.pid } + threads.filter { $0 != process.pid }
        return ordered.compactMap { thread in places[thread].map { (thread, $0.control) } }
    }

    /// Moves every thread of a VM into a group, until a pass finds none outside; moves them back where that fails.
    ///
    /// The main thread goes first: a sampler that finds it in place after it read the VM's counters knows that none of
    /// the others had gone.
    private func move(_ process: QEMUProcess, into group: String, _ tree: ResctrlTree) throws(ActuatorError) {
        let directory = tree.directory(of: ResctrlTree.Place(control: group))
        var moved: [Placed] = []
        func giveUp(_ why: String) throws(ActuatorError) -> Never {
            let codes = moved.reversed().map { thread, control in
                kernel.assign(thread, to: tree.directory(of: ResctrlTree.Place(control: control)))
            }
            let isBack = codes.allSatisfy { $0 == 0 || $0 == ESRCH }
            throw isBack ? .refused(why) : .unknown("\(why); some of its threads stay in the group")
        }
        for _ in 0..<Self.mostPasses {
            let outside: [Placed]
            do throws(ActuatorError) {
                outside = try look(at: process, tree).filter { $0.control != group }
            } catch {
                if case .refused(let text) = error { try giveUp(text) }
                throw error
            }
            if outside.isEmpty { return }
            for place in outside {
                switch kernel.assign(place.thread, to: directory) {
                case 0: moved.append(place)
                case ESRCH: continue
                case EPERM, EACCES, EROFS: try giveUp("only root may put a VM's threads into a group")
                case let code: try giveUp(Self.reason(code, tree))
                }
            }
        }
        try giveUp("new threads were found outside of the group \(Self.mostPasses) times")
    }

    /// Makes a group where it is not there, and sees to it that it has what it should.
    private func ready(_ group: String, _ tree: ResctrlTree) throws(ActuatorError) {
        let host = host
        if let trouble = host.trouble { throw .refused(trouble.why) }
        let directory = tree.directory(of: ResctrlTree.Place(control: group))
        switch HostDirectory.exists(directory) ? 0 : kernel.makeGroup(directory) {
        case 0, EEXIST: break
        case ENOSPC: throw .refused(Self.shortage(tree))
        case let code: throw .refused("\(group) cannot be made: \(Self.reason(code, tree))")
        }
        let plan = try host.plan(for: group)
        guard !plan.schemata.isMet(by: tree.schemata(of: group)) else { return }
        let code = kernel.share(plan.schemata, to: directory)
        guard code == 0 else {
            throw .refused("\(group) cannot have \(plan.schemata.line): \(Self.reason(code, tree))")
        }
        let found = tree.schemata(of: group)
        guard plan.schemata.isMet(by: found) else {
            throw .refused("\(group) was given \(plan.schemata.line) and has \(found?.line ?? "none")")
        }
    }

    /// Removes the groups of Quell's that have no threads.
    private func tidy(_ tree: ResctrlTree) {
        for control in tree.controls where CacheGroups.all.contains(control) {
            let place = ResctrlTree.Place(control: control)
            // A file that cannot be read is not an empty one.
            guard HostDirectory.text(of: tree.directory(of: place) + "/tasks")?.isEmpty == true else { continue }
            _ = kernel.removeGroup(tree.directory(of: place))
        }
    }

    /// What there was none of to make a group with.
    private static func shortage(_ tree: ResctrlTree) -> String {
        let status = tree.lastStatus
        if status.contains("RMID") { return "no monitoring id is free: \(status)" }
        if status.contains("No space on") { return "no way of a cache is free: \(status)" }
        return "no class of service is free: \(status.isEmpty ? "\(tree.usedClosids) are in use" : status)"
    }

    /// Why the kernel refused, in its own words.
    private static func reason(_ code: Int32, _ tree: ResctrlTree) -> String {
        let status = tree.lastStatus
        return errnoText(code) + (status.isEmpty ? "" : " (\(status))")
    }
}

extension ResctrlSchemata {
    /// Whether another one has exactly these lines, whatever else it has.
    func isMet(by other: ResctrlSchemata?) -> Bool {
        lines.allSatisfy { other?[$0.resource] == $0 }
    }

    /// All of it in one line, for people.
    var line: String { text.split(separator: "\n").joined(separator: " ") }
}
