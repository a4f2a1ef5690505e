internal import Glibc
internal import HostReaders
internal import Signals

extension ResctrlSource {
    /// Monitoring ids that Quell leaves to others, such as libvirt, whose control groups take one each.
    var reserve: Int { max(4, info.rmids / 16) }

    /// Sees to it that all threads of a VM are in a group that counts them and nobody else, and has those groups read.
    ///
    /// - Parameter vm: The VM; its threads are known.
    func attach(_ vm: ResctrlVM) {
        vm.mustAttach = false
        guard let tree, let threads = vm.threads else { return }
        let places = tree.places(of: vm.tids, in: vm.pid, roots: roots)
        var read: [ResctrlTree.Place] = []
        var owned: [ResctrlTree.Place] = []
        var left: [Int32: ResctrlVM.Coverage] = [:]
        for control in Set(places.values.map(\.control)).sorted() {
            let members = places.filter { $0.value.control == control }
            if ResctrlTree.isLibvirts(control), isOwn(ResctrlTree.Place(control: control), of: vm) {
                read.append(ResctrlTree.Place(control: control))
                continue
            }
            let own = ResctrlTree.Place(control: control, monitor: vm.groupName)
            var loose: [Int32] = []
            var foreign: [ResctrlTree.Place: [Int32]] = [:]
            for (thread, place) in members where place != own {
                if let monitor = place.monitor, !monitor.hasPrefix(ResctrlTree.prefix) {
                    foreign[place, default: []].append(thread)
                } else {
                    loose.append(thread)
                }
            }
            for (place, inside) in foreign {
                if isOwn(place, of: vm) {
                    read.append(place)
                } else {
                    for thread in inside { left[thread] = .shared }
                }
            }
            let isSettled = loose.isEmpty && members.values.contains(own)
            guard isSettled || !loose.isEmpty else { continue }
            if let why = move(loose.sorted(), to: own, tree) {
                for thread in loose { left[thread] = why }
            } else {
                read.append(own)
                owned.append(own)
            }
        }
        for place in vm.owned where !owned.contains(place) { _ = kernel.removeGroup(tree.directory(of: place)) }
        vm.owned = owned
        let missed = threads.vcpus.compactMap { left[$0.tid] }.first
        vm.coverage = missed ?? (read.isEmpty ? left.values.first ?? .unknown : .whole)
        vm.read(read.sorted { tree.directory(of: $0) < tree.directory(of: $1) }, of: tree, features: info.features)
        guard vm.coverage == .whole, !vm.witness(in: places[vm.pid]?.control, roots: roots) else { return }
        lose(vm)
    }

    /// Has the threads of a VM looked for again, which somebody has moved to another control group.
    func lose(_ vm: ResctrlVM) {
        vm.coverage = .unknown
        vm.mustAttach = true
        hasWaiting = true
    }

    /// Moves threads into a group, which is made where it is not there.
    ///
    /// - Returns: `nil`, or why they are not in it; a group that was made in vain is gone again then.
    private func move(
        _ threads: [Int32],
        to place: ResctrlTree.Place,
        _ tree: ResctrlTree
    ) -> ResctrlVM.Coverage? {
        let directory = tree.directory(of: place)
        let isNew = !HostDirectory.exists(directory)
        if isNew {
            guard mayChange else { return .refused }
            guard info.rmids - tree.usedRMIDs > reserve else { return .full }
            if let why = refusal(kernel.makeGroup(directory)) { return why }
        }
        for thread in threads {
            let code = mayChange ? kernel.assign(thread, to: directory) : EPERM
            // A thread that has ended needs no group.
            guard code != ESRCH, let why = refusal(code) else { continue }
            if isNew { _ = kernel.removeGroup(directory) }
            return why
        }
        return nil
    }

    /// What an `errno` of making a group or of moving a thread means.
    private func refusal(_ code: Int32) -> ResctrlVM.Coverage? {
        switch code {
        case 0, EEXIST: return nil
        case EPERM, EACCES, EROFS:
            mayChange = false
            return .refused
        // No id is left (ENOSPC), those left are in limbo (EBUSY), or the thread has just been moved to another control
        // group (EINVAL): all pass.
        default: return .full
        }
    }

    /// Whether a group holds threads of a VM and of nobody else.
    private func isOwn(_ place: ResctrlTree.Place, of vm: ResctrlVM) -> Bool {
        guard let tree else { return false }
        let known = Set(vm.tids)
        return tree.threads(in: place).allSatisfy { thread in
            known.contains(thread) || HostDirectory.exists("\(roots.proc)/\(vm.pid)/task/\(thread)")
        }
    }
}
