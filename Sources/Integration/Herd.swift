import Foundation

/// Many guests that do nothing, for what it costs to watch them.
final class Herd {
    /// virsh programs that start guests side by side: libvirtd starts several at once.
    private static let hands = 4

    /// Their names.
    let names: [String]
    /// Their QEMU processes.
    let pids: [Int32]

    /// Starts them.
    ///
    /// - Parameters:
    ///   - count: How many are wanted.
    ///   - bed: Where they run.
    ///   - floor: MiB of the host's memory that must stay free; where there is less the herd stays smaller.
    /// - Throws: ``BedError`` if none comes up.
    init(_ count: Int, on bed: Bed, floor: Int) throws(BedError) {
        let start = Moment.now
        let directory = bed.directory + "/herd"
        try Files.makeDirectory(directory)
        try Files.write(HaltedGuest.firmware, to: directory + "/halt.rom")
        let guests = (1...count).map { HaltedGuest(name: "\(bed.name)-h\($0)", number: $0, directory: directory) }
        var waiting = guests[...]
        var round = 0
        while !waiting.isEmpty {
            guard Self.freeMemory > floor else {
                say("note: \(Self.freeMemory) MiB are free: the herd stays at \(count - waiting.count)")
                break
            }
            round += 1
            let batch = waiting.prefix(100)
            waiting = waiting.dropFirst(100)
            for guest in batch {
                let xml = guest.xml(
                    uuid: UUID().uuidString.lowercased(),
                    firmware: directory + "/halt.rom",
                    bridge: bed.bridge
                )
                try Files.write(xml, to: guest.file)
                try Shell.run(["truncate", "-s", "1M", guest.disk])
            }
            try Self.create(batch, with: bed, in: directory)
            for name in batch.map(\.name) {
                // Where the host's memory runs out, these are to go first.
                guard let pid = Self.pid(of: name) else { continue }
                try Files.write("1000", intoControl: "/proc/\(pid)/oom_score_adj")
            }
            say("\(count - waiting.count) guests started after \(Report.number(start.age)) s")
        }
        let running = guests.compactMap { guest in Self.pid(of: guest.name).map { (guest.name, $0) } }
        names = running.map(\.0)
        pids = running.map(\.1)
        guard !pids.isEmpty else {
            throw .missing("no guest of the herd came up: \(Files.text(directory + "/create-0.err") ?? "")")
        }
    }

    /// MiB of memory that the host can still give.
    static var freeMemory: Int {
        for line in (Files.text("/proc/meminfo") ?? "").split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
        }
        return 0
    }

    /// KiB of memory that a QEMU process shares with nobody, as the mean of the first few.
    var privateMemory: Int {
        let sizes = pids.prefix(10).map { pid in
            (Files.text("/proc/\(pid)/smaps_rollup") ?? "").split(separator: "\n")
                .filter { $0.hasPrefix("Private_Dirty:") }
                .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
                .reduce(0, +)
        }
        return sizes.reduce(0, +) / max(1, sizes.count)
    }

    /// Has several virsh programs create guests, each from a script of its own.
    private static func create(
        _ guests: ArraySlice<HaltedGuest>,
        with bed: Bed,
        in directory: String
    ) throws(BedError) {
        var hands: [Child] = []
        for hand in 0..<Self.hands {
            let part = guests.enumerated().filter { $0.offset % Self.hands == hand }.map(\.element)
            let script = directory + "/create-\(hand)"
            try Files.write(part.map { "create \($0.file)\n" }.joined(), to: script)
            hands.append(
                try Child.start(
                    ["virsh", "-q", "-c", bed.uri],
                    input: script,
                    output: script + ".out",
                    errors: script + ".err"
                )
            )
        }
        for hand in hands {
            try Wait.until("virsh has created its guests", limit: 600) { () throws(BedError) in !hand.isRunning }
        }
    }

    /// The QEMU process of a domain by libvirt's own file.
    private static func pid(of name: String) -> Int32? {
        Files.number("/run/libvirt/qemu/\(name).pid").flatMap { Int32(exactly: $0) }
    }
}
