import Foundation
import Glibc

/// A libvirtd, a virtlogd and a journald of our own, and the guests on them.
///
/// Configuration, state and logs lie in a temporary directory that is bound over the usual places in the mount
/// namespace of this run, so no file of the host is touched. A host's own libvirtd and journal go on undisturbed.
final class Bed {
    /// What everything that it makes is named after: domains, bridge, taps, cgroups.
    let name = "qb\(getpid())"
    /// Its temporary directory.
    let directory: String
    /// Its bridge, which leads nowhere.
    var bridge: String { name }
    /// How programs of this run reach its libvirtd.
    let uri = "qemu:///system"
    /// How a program outside of the namespace reaches it.
    var outsideURI: String { "qemu+unix:///system?mode=direct&socket=\(directory)/run-libvirt/libvirt-sock" }
    /// Its guests.
    private(set) var guests: [Guest] = []
    /// The journal that its programs write to.
    var journal: JournalReader { JournalReader(directory: directory + "/run-journal") }

    /// The process of its libvirtd, while that runs.
    var libvirtdPID: Int32? { libvirtd?.pid }
    /// The process of its journald, while that runs.
    var journaldPID: Int32? { journald?.pid }

    private let before: Footprint
    /// Its libvirtd, while that runs.
    var libvirtd: Child?
    /// Its journald, while that runs.
    var journald: Child?
    private var virtlogd: Child?
    /// What was launched beside these: daemons under test, and whom they are measured against.
    private var launched: [Child] = []
    private var madeDirectories: [String] = []
    private var mounts: [String] = []
    private var image: GuestImage?
    private var weight: Weight?
    private let isWeighted: Bool

    /// Makes the temporary directory; nothing runs yet.
    ///
    /// - Parameter isWeighted: Whether its guests and daemons weigh more than other work on the host.
    /// - Throws: ``BedError/file(path:why:)``.
    init(isWeighted: Bool) throws(BedError) {
        self.isWeighted = isWeighted
        Leftovers.sweep()
        before = Footprint.take()
        directory = try Files.temporaryDirectory(prefix: "quell-bed")
        try Files.write("\(getpid())\n", to: directory + "/" + Leftovers.owner)
        // libvirt's programs run as other users below it.
        try Shell.run(["chmod", "755", directory])
    }

    /// Binds the directories, starts the daemons and makes the bridge.
    ///
    /// - Throws: ``BedError``; ``stop()`` is still to be called then.
    func start() throws(BedError) {
        if isWeighted { weight = Weight.take(name: name) }
        for (own, place) in Self.covers {
            try Files.makeDirectory(directory + "/" + own)
            try cover(place, with: directory + "/" + own)
        }
        try Files.makeDirectory(directory + "/etc-libvirt/qemu")
        try Files.write(Self.qemuConfiguration, to: directory + "/etc-libvirt/qemu.conf")
        try Files.write(Self.libvirtdConfiguration, to: directory + "/etc-libvirt/libvirtd.conf")
        try Files.write("", to: directory + "/etc-libvirt/virtlogd.conf")
        try Files.write(Self.journaldConfiguration, to: directory + "/journald.conf")
        if FileManager.default.fileExists(atPath: "/etc/systemd/journald.conf") {
            try mount(directory + "/journald.conf", on: "/etc/systemd/journald.conf")
        }
        try hideKVM()
        try startJournald()
        // Without process id files of our own they would refuse to run beside those of the host.
        virtlogd = try start(["virtlogd", "--pid-file", directory + "/virtlogd.pid"], log: "virtlogd")
        try startLibvirtd()
        try Shell.run(["ip", "link", "add", bridge, "type", "bridge"])
        try Shell.run(["ip", "link", "set", bridge, "up"])
    }

    /// Starts libvirtd, at first or after ``killLibvirtd()``, and waits until it answers.
    ///
    /// - Throws: ``BedError`` if it does not.
    func startLibvirtd() throws(BedError) {
        var command = ["libvirtd", "--pid-file", directory + "/libvirtd.pid"]
        if let tools = try TrafficStandIn.make(in: directory) {
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
            command = ["env", "PATH=\(tools):\(path)"] + command
        }
        let libvirtd = try start(command, log: "libvirtd")
        self.libvirtd = libvirtd
        try Wait.until("libvirtd answers", limit: 60, step: 0.1) { () throws(BedError) in
            guard libvirtd.isRunning else {
                throw .missing("libvirtd ended at once: \(Files.text(directory + "/libvirtd.log") ?? "")")
            }
            return try Shell.attempt(["virsh", "-q", "-c", uri, "version"], limit: 60).status == 0
        }
    }

    /// Makes a network of libvirt's over the bed's bridge, named as the bed.
    ///
    /// - Returns: Its name.
    /// - Throws: ``BedError`` if libvirt refuses it.
    func makeNetwork() throws(BedError) -> String {
        let file = directory + "/network.xml"
        let bridge = "<forward mode='bridge'/><bridge name='\(bridge)'/>"
        try Files.write("<network><name>\(name)</name>\(bridge)</network>\n", to: file)
        try virsh(["net-create", file])
        return name
    }

    /// Takes that network away.
    ///
    /// - Throws: ``BedError`` if libvirt does not obey.
    func removeNetwork() throws(BedError) { try virsh(["net-destroy", name]) }

    /// Makes a network filter that libvirt knows from now on.
    ///
    /// - Parameters:
    ///   - name: Its name; one of that name which a run that broke off has left goes first.
    ///   - chain: The attributes of its element that say where it stands.
    ///   - rules: The XML of its rules.
    /// - Throws: ``BedError`` if libvirt refuses it.
    func defineFilter(_ name: String, chain: String, rules: String) throws(BedError) {
        let file = directory + "/filter.xml"
        try Files.write("<filter name='\(name)' \(chain)>\n\(rules)\n</filter>\n", to: file)
        _ = try Shell.attempt(["virsh", "-q", "-c", uri, "nwfilter-undefine", name])
        try virsh(["nwfilter-define", file])
    }

    /// Boots guests and waits until all are ready, calibrated one after the other.
    ///
    /// - Parameter specs: What they are to be.
    /// - Returns: The guests in the same order.
    /// - Throws: ``BedError`` if one does not come up.
    func boot(_ specs: [GuestSpec]) throws(BedError) -> [Guest] {
        let image: GuestImage
        if let known = self.image { image = known } else { image = try GuestImage.prepare(in: directory) }
        self.image = image
        let start = Moment.now
        var new: [Guest] = []
        for spec in specs {
            let guest = try Guest(spec, number: guests.count + 1, on: self, image: image)
            if guests.isEmpty { try weight?.giveToGuests() }
            guests.append(guest)
            new.append(guest)
        }
        for index in new.indices {
            do throws(BedError) {
                try new[index].waitUntilReady(limit: 60)
            } catch .late {
                // An emulated guest with several vCPUs locks up in its boot once in a while.
                let old = new[index]
                say("note: \(old.name) did not come up and is started again")
                try virsh(["destroy", old.uuid])
                let guest = try Guest(old.spec, number: old.number, on: self, image: image)
                guests = guests.map { $0 === old ? guest : $0 }
                new[index] = guest
                try guest.waitUntilReady()
            }
        }
        for guest in new { try guest.tell("calibrate", limit: 60) }
        say("\(new.count) guests up in \(Report.number(start.age)) s")
        return new
    }

    /// Destroys the guests that were booted last, so that a scenario leaves none of its own behind.
    ///
    /// - Parameter count: How many.
    /// - Throws: ``BedError`` if libvirt does not obey.
    func removeLast(_ count: Int) throws(BedError) {
        for guest in guests.suffix(count) { try virsh(["destroy", guest.uuid]) }
        forgetLast(count)
    }

    /// Forgets the guests that were booted last: they are gone.
    ///
    /// - Parameter count: How many.
    func forgetLast(_ count: Int) { guests.removeLast(min(max(0, count), guests.count)) }

    /// Destroys the guests, so that the next scenario begins with none.
    ///
    /// - Throws: ``BedError`` if libvirt does not obey.
    func removeGuests() throws(BedError) {
        for guest in guests { try virsh(["destroy", guest.uuid]) }
        guests = []
    }

    /// Runs virsh against this bed.
    ///
    /// - Parameters:
    ///   - arguments: What it is to do.
    ///   - limit: The longest time in seconds.
    ///   - shielded: Whether it goes on although the end was asked for.
    /// - Returns: What it printed.
    /// - Throws: ``BedError`` if it fails.
    @discardableResult
    func virsh(_ arguments: [String], limit: Double = 30, shielded: Bool = false) throws(BedError) -> String {
        try Shell.run(["virsh", "-q", "-c", uri] + arguments, limit: limit, shielded: shielded)
    }

    /// Starts a program that lives until the bed ends, or until it is ended before.
    ///
    /// - Parameters:
    ///   - command: The program and its arguments.
    ///   - log: The name of its log in the bed's directory.
    /// - Returns: The program.
    /// - Throws: ``BedError/cannotStart(program:why:)``.
    @discardableResult
    func launch(_ command: [String], log: String) throws(BedError) -> Child {
        let child = try start(command, log: log)
        launched.append(child)
        return child
    }

    /// Starts one of the bed's own daemons.
    func start(_ command: [String], log: String) throws(BedError) -> Child {
        try Child.start(command, output: directory + "/" + log + ".log")
    }

    /// Ends what was launched beside the bed's own daemons: a daemon under test whose scenario broke off.
    func endDaemonsUnderTest() {
        for daemon in launched.reversed() { daemon.end() }
        launched = []
    }

    /// Ends everything and looks whether the host is as it was.
    ///
    /// Runs to its end also after an interrupt or a failure half way through ``start()``.
    ///
    /// - Returns: What is left behind, a line each; empty if the host is as it was.
    func stop() -> [String] {
        for guest in guests { _ = try? virsh(["destroy", guest.uuid], limit: 15, shielded: true) }
        guests = []
        endDaemonsUnderTest()
        for daemon in [libvirtd, virtlogd, journald].compactMap({ $0 }) { daemon.end() }
        endStrays()
        weight?.giveBack()
        _ = try? Shell.attempt(["ip", "link", "delete", bridge], shielded: true)
        removeCgroups()
        for place in mounts.reversed() { _ = try? Shell.attempt(["umount", place], shielded: true) }
        for place in madeDirectories.reversed() { Files.removeEmptyDirectory(place) }
        let isKept = ProcessInfo.processInfo.environment["QUELL_INTEGRATION_KEEP"] != nil
        if isKept {
            say("kept: \(directory)")
        } else {
            Files.removeTree(directory)
        }
        var left = Namespace.processes.map { "process \($0)" }
        if Files.isDirectory(directory), !isKept { left.append("directory \(directory)") }
        let (ours, others) = before.differences(to: Footprint.take(), name: name)
        for line in others.prefix(10) { say("note: not of this run: \(line)") }
        if others.count > 10 { say("note: not of this run: \(others.count - 10) more") }
        return left + ours
    }

    /// Ends whoever of our namespace is still there: guests whose libvirtd died, for instance.
    private func endStrays() {
        for number in [SIGTERM, SIGKILL] {
            let strays = Namespace.processes
            if strays.isEmpty { return }
            for pid in strays { _ = kill(pid, number) }
            // Very many guests take a while to give their memory back.
            let end = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < end, !Namespace.processes.isEmpty { Thread.sleep(forTimeInterval: 0.02) }
        }
    }

    /// Removes the cgroups of our guests, and those of libvirt that were not there before and hold nobody else.
    private func removeCgroups() {
        for path in Cgroups.all().reversed() where !before.contains(cgroup: path) {
            // The kernel refuses where somebody is in it, so a libvirtd of others loses nothing.
            if path.contains(name) || path.hasSuffix("/machine") || path.hasSuffix("/machine.slice") {
                Files.removeEmptyDirectory(path)
            }
        }
    }

    /// Binds a directory of ours over one of the host's, which is made where it is missing.
    private func cover(_ place: String, with own: String) throws(BedError) {
        if !FileManager.default.fileExists(atPath: place) {
            var missing: [String] = []
            var path = place
            while !FileManager.default.fileExists(atPath: path) {
                missing.append(path)
                path = (path as NSString).deletingLastPathComponent
            }
            try Files.makeDirectory(place)
            madeDirectories += missing.reversed()
            let list = madeDirectories.joined(separator: "\n")
            try Files.write(list, to: directory + "/" + Leftovers.made)
        }
        try mount(own, on: place)
    }

    private func mount(_ own: String, on place: String) throws(BedError) {
        try Shell.run(["mount", "--bind", own, place])
        mounts.append(place)
    }

    /// Mounts a small file system in memory, until the bed ends.
    ///
    /// - Parameters:
    ///   - place: Where.
    ///   - kibibytes: Its size.
    /// - Throws: ``BedError`` if it cannot be mounted.
    func mountMemory(on place: String, kibibytes: Int) throws(BedError) {
        try Shell.run(["mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k,mode=0700", "quell-bed", place])
        mounts.append(place)
    }

    /// Takes /dev/kvm from libvirtd's sight: where it exists but cannot run a guest, every start takes a minute.
    private func hideKVM() throws(BedError) {
        guard FileManager.default.fileExists(atPath: "/dev/kvm") else { return }
        try Files.write("", to: directory + "/no-kvm")
        try Shell.run(["chmod", "000", directory + "/no-kvm"])
        try mount(directory + "/no-kvm", on: "/dev/kvm")
    }
}
