import Foundation

/// A running guest and the line to the script in it.
final class Guest {
    /// What it is.
    let spec: GuestSpec
    /// The domain's name.
    let name: String
    /// The domain's UUID, in lower case.
    let uuid: String
    /// Its QEMU process.
    let pid: Int32
    /// Its number within the bed: the last part of its addresses.
    let number: Int
    /// The host's device of its first interface; that of a second one has an `n` behind it.
    let tap: String
    /// The host threads of its vCPUs.
    let vcpus: [VCPU]
    private let directory: String

    /// Starts a guest; it is not ready yet.
    ///
    /// - Parameters:
    ///   - spec: What it is to be.
    ///   - number: Its number within the bed, 1 to 250.
    ///   - bed: Where it runs.
    ///   - image: What it boots.
    /// - Throws: ``BedError`` if libvirt refuses it.
    init(_ spec: GuestSpec, number: Int, on bed: Bed, image: GuestImage) throws(BedError) {
        self.spec = spec
        self.number = number
        name = bed.name + "-" + spec.label + spec.suffix
        tap = "\(bed.bridge)t\(number)"
        uuid = UUID().uuidString.lowercased()
        directory = bed.directory + "/" + spec.label
        Files.removeTree(directory)
        try Files.makeDirectory(directory)
        try Shell.run(["truncate", "-s", "16M", directory + "/disk.raw"])
        try Shell.run(["mkfifo", directory + "/command.in", directory + "/command.out"])
        let xml = spec.xml(
            name: name,
            uuid: uuid,
            number: number,
            directory: directory,
            image: image,
            bridge: bed.bridge,
            tap: tap
        )
        try Files.write(xml, to: directory + "/domain.xml")
        try bed.virsh(["create", directory + "/domain.xml"], limit: 120)
        guard let pid = Self.process(of: uuid) else { throw .missing("no QEMU runs \(name)") }
        self.pid = pid
        vcpus = VCPU.all(of: pid)
        guard vcpus.count == spec.vcpus else {
            throw .missing("\(name) has \(vcpus.count) vCPU threads, not \(spec.vcpus)")
        }
    }

    /// The QEMU of this run with a UUID on its command line.
    ///
    /// libvirt writes a name that XML must escape into its file of the process id escaped, so that is of no use.
    ///
    /// - Parameter uuid: The UUID.
    /// - Returns: The process, or `nil` where there is none.
    static func process(of uuid: String) -> Int32? {
        Namespace.processes.first { pid in
            let words = (Files.text("/proc/\(pid)/cmdline") ?? "").split(separator: "\0")
            return words.first?.contains("qemu-system") == true && words.contains(Substring(uuid))
        }
    }

    /// Everything that it has written to its console.
    var console: String { Files.text(directory + "/console.log") ?? "" }

    /// Waits until its script listens.
    ///
    /// - Parameter limit: The longest wait in seconds.
    /// - Returns: How long it took, in seconds.
    /// - Throws: ``BedError/late(what:seconds:)`` if it does not come up.
    @discardableResult
    func waitUntilReady(limit: Double = 90) throws(BedError) -> Double {
        try Wait.until("\(name) is ready", limit: limit) { () throws(BedError) in console.contains("@ready") }
    }

    /// Gives it something to do and waits until it does it.
    ///
    /// - Parameters:
    ///   - command: The command; see ``GuestInit``.
    ///   - limit: The longest wait for its answer, in seconds.
    /// - Returns: When the command was sent.
    /// - Throws: ``BedError`` if it does not answer.
    @discardableResult
    func tell(_ command: String, limit: Double = 20) throws(BedError) -> Moment {
        let before = console.utf8.count
        let sent = Moment.now
        try Files.send(command, toPipe: directory + "/command.in")
        let words = command.split(separator: " ").prefix(2).joined(separator: " ")
        try Wait.until("\(name) answers `\(command)`", limit: limit, step: 0.005) { () throws(BedError) in
            String(decoding: console.utf8.dropFirst(before), as: UTF8.self).contains("@ok \(words)")
        }
        return sent
    }

    /// What a guest's own kernel has counted.
    struct Counts {
        /// Interfaces whose link is up.
        var carriers: Int
        /// Packets that its first interface has received.
        var received: Int
        /// Packets that its first interface has sent.
        var sent: Int
        /// KiB of memory in all.
        var memory: Int
    }

    /// Asks it what its kernel has counted; what it does goes on.
    ///
    /// - Returns: The counts.
    /// - Throws: ``BedError`` if it does not say.
    func counts() throws(BedError) -> Counts {
        let before = console.utf8.count
        try tell("show")
        let lines = String(decoding: console.utf8.dropFirst(before), as: UTF8.self).split(whereSeparator: \.isNewline)
        let words = lines.last { $0.hasPrefix("@show ") }?.split(separator: " ").compactMap { Int($0) } ?? []
        guard words.count == 4 else { throw .missing("\(name) tells no counts") }
        return Counts(carriers: words[0], received: words[1], sent: words[2], memory: words[3])
    }

    /// Where its console ends now, to be given to ``service(since:)`` later.
    var mark: Int { console.utf8.count }

    /// How long the fixed piece of work of its `duty` took on the guest's own clock.
    ///
    /// - Parameter mark: The end of the console at the beginning of the time that is meant.
    /// - Returns: The mean and the longest, in milliseconds; `nil` where it reported nothing.
    func service(since mark: Int) -> (mean: Double, longest: Double)? {
        let lines = String(decoding: console.utf8.dropFirst(mark), as: UTF8.self).split(whereSeparator: \.isNewline)
        let reports = lines.filter { $0.hasPrefix("@work ") }.map { $0.split(separator: " ").compactMap { Double($0) } }
        // The report under way at the mark began before it.
        let whole = reports.dropFirst().filter { $0.count == 3 }
        let count = whole.reduce(0) { $0 + $1[2] }
        guard count > 0 else { return nil }
        let sum = whole.reduce(0) { $0 + $1[0] * $1[2] }
        return (sum / count / 1_000, (whole.map { $0[1] }.max() ?? 0) / 1_000)
    }

    /// What the kernel has counted for its vCPUs so far.
    var usage: VCPU.Usage {
        vcpus.reduce(into: VCPU.Usage()) { sum, vcpu in
            let one = vcpu.usage
            sum.run += one.run
            sum.delay += one.delay
        }
    }
}
