import Foundation
import Glibc
import Signals

/// Makes guests and takes them away, one after the other, through a virsh of its own.
///
/// Each of its places has one name for ever; who lives there changes at every turn. A place is cleared before it is filled,
/// so a guest that somebody killed meanwhile is in nobody's way.
final class SoakHand {
    /// Turns that one virsh is told to do.
    private static let turns = 10

    /// Guests that came up by its hand.
    private(set) var made = 0
    /// Of these, those with the UUID of the guest before.
    private(set) var reused = 0
    /// Of these, those that were paused.
    private(set) var paused = 0
    /// What guests did not come up, a line each.
    private(set) var complaints: [String] = []
    /// The names of its places.
    let names: [String]

    private let number: Int
    private let bed: Bed
    private let directory: String
    private var uuids: [String?]
    private var child: Child?
    private var random: SplitMix64

    /// A hand that does nothing yet.
    ///
    /// - Parameters:
    ///   - number: Its number, from 0.
    ///   - places: How many guests it keeps.
    ///   - bed: Where.
    ///   - directory: Where its files lie, the firmware among them.
    ///   - seed: What its chances are drawn from.
    init(_ number: Int, places: Int, on bed: Bed, in directory: String, seed: UInt64) {
        self.number = number
        self.bed = bed
        self.directory = directory
        names = (0..<places).map { "\(bed.name)-s\(number * places + $0)" }
        uuids = Array(repeating: nil, count: places)
        random = SplitMix64(seed: seed &+ UInt64(number) &* 7_919)
    }

    /// Whether its virsh is at work.
    var isBusy: Bool { child?.isRunning ?? false }

    /// Takes in what the last virsh came to, and has the next begin.
    ///
    /// - Throws: ``BedError`` if a file cannot be written or virsh cannot be started.
    func work() throws(BedError) {
        collect()
        var script = ""
        for turn in 0..<Self.turns {
            let place = Int.random(in: 0..<names.count, using: &random)
            let guest = try next(in: place, turn: turn)
            let isFilled = uuids[place] != nil
            uuids[place] = guest.uuid
            if isFilled { script += "destroy \(guest.name)\n" }
            script += "create \(file(turn))\n"
            switch guest.fate {
            case .plain: break
            case .brief: script += "destroy \(guest.name)\n"
            case .paused: script += "suspend \(guest.name)\n"
            case .resumed: script += "suspend \(guest.name)\nresume \(guest.name)\n"
            }
        }
        try start(script)
    }

    /// Clears all its places and waits until they are.
    ///
    /// - Throws: ``BedError`` if virsh does not end.
    func clear() throws(BedError) {
        try Wait.until("a virsh has done its turns", limit: 300) { () throws(BedError) in !isBusy }
        collect()
        try start(names.map { "destroy \($0)\n" }.joined())
        try Wait.until("a virsh has cleared its places", limit: 300) { () throws(BedError) in !isBusy }
        collect()
    }

    private func next(in place: Int, turn: Int) throws(BedError) -> SoakGuest {
        let keepsUUID = Int.random(in: 0..<4, using: &random) == 0
        let fates: [SoakGuest.Fate] = [.plain, .plain, .plain, .plain, .plain, .brief, .brief, .paused, .resumed]
        let guest = SoakGuest(
            name: names[place],
            uuid: (keepsUUID ? uuids[place] : nil) ?? UUID().uuidString.lowercased(),
            hasDevices: Int.random(in: 0..<4, using: &random) == 0,
            fate: fates.randomElement(using: &random) ?? .plain
        )
        let disk = directory + "/\(guest.name).raw"
        if guest.hasDevices, !FileManager.default.fileExists(atPath: disk) {
            try Shell.run(["truncate", "-s", "1M", disk])
        }
        let xml = guest.xml(
            firmware: directory + "/halt.rom",
            disk: disk,
            tap: guest.name.replacing("-", with: ""),
            bridge: bed.bridge,
            tenant: "t\(place % 7)"
        )
        try Files.write(xml, to: file(turn))
        if keepsUUID, uuids[place] == guest.uuid { reused += 1 }
        if guest.fate == .paused || guest.fate == .resumed { paused += 1 }
        return guest
    }

    private func file(_ turn: Int) -> String { directory + "/hand\(number)-\(turn).xml" }

    private var log: String { directory + "/hand\(number)" }

    private func start(_ script: String) throws(BedError) {
        for ending in [".out", ".err"] { Files.removeTree(log + ending) }
        try Files.write(script, to: log + ".script")
        child = try Child.start(
            ["virsh", "-c", bed.uri],
            input: log + ".script",
            output: log + ".out",
            errors: log + ".err"
        )
    }

    private func collect() {
        made += (Files.text(log + ".out") ?? "").split(separator: "\n").count { $0.contains("' created from ") }
        for line in (Files.text(log + ".err") ?? "").split(separator: "\n")
        where line.hasPrefix("error: Failed to create") {
            complaints.append(String(line))
        }
    }
}
