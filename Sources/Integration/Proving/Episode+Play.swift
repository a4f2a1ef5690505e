import Foundation
import Proving

extension Episode {
    /// Something that is done at its moment.
    struct Step {
        /// Seconds since the beginning.
        var second: Double
        /// What is done.
        var act: () throws(BedError) -> Void
    }

    /// What must be so before it begins, and is no part of it.
    ///
    /// - Parameter cast: The guests.
    /// - Throws: ``BedError`` if that fails.
    func prepare(_ cast: Cast) throws(BedError) {
        guard self == .ownQuota else { return }
        try cast.bed.virsh(["schedinfo", cast.small[0].name, "--live", "--set", "vcpu_quota=30000"])
        // The daemon hears of it from libvirt.
        try Wait.seconds(2)
    }

    /// What is done, from its beginning on.
    ///
    /// - Parameter cast: The guests.
    /// - Returns: The steps in the order of their moments, the first at 0.
    func steps(_ cast: Cast) -> [Step] {
        let bed = cast.bed
        func tell(_ guest: Guest, _ command: String, at second: Double = 0) -> Step {
            Step(second: second) { () throws(BedError) in try guest.tell(command, limit: 60) }
        }
        func virsh(_ words: [String], at second: Double = 0) -> Step {
            Step(second: second) { () throws(BedError) in try bed.virsh(words, limit: 60) }
        }
        let first = cast.victims[0]
        switch self {
        case .spin: return [tell(cast.noisy, "spin")]
        case .squareWave: return [tell(cast.noisy, "square 700")]
        case .memorySweep: return [tell(cast.noisy, "sweep")]
        case .exitStorm: return [tell(cast.noisy, "exits")]
        case .smallCulprits: return cast.small.map { tell($0, "spin") }
        case .alternating:
            return stride(from: 0.0, to: 35, by: 14).flatMap { start in
                [
                    tell(cast.noisy, "spin", at: start), tell(cast.noisy, "idle", at: start + 7),
                    tell(cast.rogue, "spin", at: start + 7), tell(cast.rogue, "idle", at: start + 14),
                ]
            }
        case .leak: return [tell(cast.small[0], "leak")]
        case .swapThrash: return [tell(cast.small[0], "thrash")]
        case .diskFlood: return [tell(cast.small[0], "disk")]
        case .flushStorm: return [tell(cast.small[0], "flush")]
        case .packetFlood: return [tell(cast.rogue, "packets 2000 \(first.number)")]
        case .multicastStorm: return [tell(cast.rogue, "multicast 1500")]
        case .spoofedSource: return [tell(cast.rogue, "spoof 100 \(first.number)")]
        case .busy: return [tell(cast.small[1], "duty 30 40")]
        case .nightlyBatch:
            return cast.small.enumerated().flatMap { index, guest in
                [tell(guest, "duty 30 40", at: Double(index) * 6), tell(guest, "idle", at: Double(index) * 6 + 6)]
            }
        case .ownQuota: return [tell(cast.small[0], "spin")]
        case .balloon:
            return [
                virsh(["setmem", first.name, "90M", "--live"]),
                virsh(["setmem", first.name, "\(first.spec.memory)M", "--live"], at: 8),
            ]
        case .snapshot:
            return [virsh(["dump", "--live", "--memory-only", first.name, bed.directory + "/dump"], at: 1)]
        case .backup: return [Step(second: 0) { () throws(BedError) in try Self.backUp(cast) }]
        case .paused: return [virsh(["suspend", first.name], at: 2), virsh(["resume", first.name], at: 8)]
        case .libvirtRestart:
            return [
                Step(second: 1) { () throws(BedError) in
                    try bed.killLibvirtd()
                    try bed.startLibvirtd()
                }
            ]
        case .bootStorm:
            return [
                Step(second: 0) { () throws(BedError) in
                    _ = try bed.boot((1...3).map { GuestSpec(label: "e\($0)", tenant: "e") })
                }
            ]
        }
    }

    /// Puts everything back as it was.
    ///
    /// - Parameter cast: The guests.
    /// - Throws: ``BedError`` if that fails.
    func end(_ cast: Cast) throws(BedError) {
        for guest in guilty(of: cast) + (answer == .nothing ? cast.small : []) { try guest.tell("idle", limit: 60) }
        switch self {
        case .ownQuota: try cast.bed.virsh(["schedinfo", cast.small[0].name, "--live", "--set", "vcpu_quota=-1"])
        case .bootStorm: try cast.bed.removeLast(3)
        case .snapshot: Files.removeTree(cast.bed.directory + "/dump")
        case .backup: Files.removeTree(cast.bed.directory + "/backup.gz")
        default: break
        }
    }

    /// Copies the guests' disks as an agent of the host does, which is no VM.
    private static func backUp(_ cast: Cast) throws(BedError) {
        let disks = cast.guests.map { cast.bed.directory + "/\($0.spec.label)/disk.raw" }
        let script = "for round in 1 2 3; do cat \"$@\" | gzip -1; done >\"$0\""
        try cast.bed.launch(["sh", "-c", script, cast.bed.directory + "/backup.gz"] + disks, log: "backup")
    }
}
