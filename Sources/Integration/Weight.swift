import Foundation

/// Keeps other work on a shared host from disturbing the guests: their cgroup and that of our daemons weigh more.
///
/// Both get the same weight, so between guests and daemons all is as on a host of its own. Only where libvirt makes the
/// cgroup `/machine` for us on cgroup v1; elsewhere nothing is changed.
struct Weight {
    /// The `cpu.shares` of each; 1,024 is what everything else has, the kernel's own threads among it: with the most that
    /// there is, guests that spin on all CPUs starve RCU, and with it whoever sets a quota.
    private static let shares = 16_384
    private let hierarchy: String
    private let daemons: String
    private let home: String

    /// Puts this program, and so all that it starts, into a cgroup of its own.
    ///
    /// - Parameter name: The cgroup's name.
    /// - Returns: The weight, or `nil` where it cannot or need not be set.
    static func take(name: String) -> Weight? {
        guard let place = Cgroups.cpu(ofTask: "/proc/self"), !place.isUnified, place.path.hasSuffix("/") else {
            return nil
        }
        let hierarchy = String(place.path.dropLast())
        guard !Files.isDirectory(hierarchy + "/machine"), !Files.isDirectory(hierarchy + "/machine.slice") else {
            return nil
        }
        let weight = Weight(hierarchy: hierarchy, daemons: hierarchy + "/" + name, home: hierarchy)
        do throws(BedError) {
            try Files.makeDirectory(weight.daemons)
            try Files.write("\(shares)", intoControl: weight.daemons + "/cpu.shares")
            try Files.write(
                "\(ProcessInfo.processInfo.processIdentifier)",
                intoControl: weight.daemons + "/cgroup.procs"
            )
        } catch {
            say("note: foreign load is not kept away: \(error)")
            weight.giveBack()
            return nil
        }
        return weight
    }

    /// Puts a daemon under test into a cgroup with the weight that its unit gives it: `CPUWeight=1000`, ten times the
    /// usual.
    ///
    /// - Parameters:
    ///   - pid: The daemon.
    ///   - name: The name of the bed, by which the cgroup is found and removed in the end.
    /// - Throws: ``BedError/file(path:why:)``.
    static func giveUnits(to pid: Int32, name: String) throws(BedError) {
        guard let place = Cgroups.cpu(ofTask: "/proc/\(pid)") else { return }
        let group = place.path + (place.path.hasSuffix("/") ? "" : "/") + name + "-unit"
        try Files.makeDirectory(group)
        if place.isUnified {
            try Files.write("1000", intoControl: group + "/cpu.weight")
        } else {
            try Files.write("10240", intoControl: group + "/cpu.shares")
        }
        try Files.write("\(pid)", intoControl: group + "/cgroup.procs")
    }

    /// Gives the guests the same weight, once there is one.
    ///
    /// - Throws: ``BedError/file(path:why:)``.
    func giveToGuests() throws(BedError) {
        try Files.write("\(Self.shares)", intoControl: hierarchy + "/machine/cpu.shares")
    }

    /// Goes back to where this program came from; the guests' cgroup goes with them.
    func giveBack() {
        try? Files.write("\(ProcessInfo.processInfo.processIdentifier)", intoControl: home + "/cgroup.procs")
        Files.removeEmptyDirectory(daemons)
    }
}
