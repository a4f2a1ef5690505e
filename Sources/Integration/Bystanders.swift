import Foundation

/// Everything that libvirt says of the limits of some guests, to see that nobody touched them.
struct Bystanders {
    /// What the lines of a description hold that tell of limits, links, filters and marks.
    private static let words = [
        "cputune", "shares>", "period>", "quota>", "pin ", "iotune", "_sec", "bandwidth", "inbound", "outbound",
        "<link", "filterref", "soft_limit", "currentMemory", "quell-hold",
    ]

    private let bed: Bed
    private let guests: [String]
    private let first: [String: String]

    /// Notes how they are now.
    ///
    /// - Parameters:
    ///   - guests: The guests by UUID: a name may hold anything.
    ///   - bed: Where they run.
    /// - Throws: ``BedError`` if libvirt does not answer.
    init(_ guests: [String], on bed: Bed) throws(BedError) {
        self.bed = bed
        self.guests = guests
        first = try Self.look(guests, bed)
    }

    /// The guests that are not as they were, with what differs.
    ///
    /// - Returns: A line each; none where all are as they were.
    /// - Throws: ``BedError`` if libvirt does not answer.
    func changes() throws(BedError) -> [String] {
        let now = try Self.look(guests, bed)
        return guests.compactMap { guest in
            guard let before = first[guest], let after = now[guest], before != after else { return nil }
            let old = Set(before.split(separator: "\n"))
            let new = after.split(separator: "\n").filter { !old.contains($0) }
            return "\(guest): \(new.joined(separator: ", "))"
        }
    }

    /// All answers about each guest; one that is refused is an answer too.
    private static func look(
        _ guests: [String],
        _ bed: Bed
    ) throws(BedError) -> [String: String] {
        var answers: [String: String] = [:]
        for guest in guests {
            let words = [
                "schedinfo \(guest)", "vcpupin \(guest)", "emulatorpin \(guest)",
                "memtune \(guest)", "blkdeviotune \(guest) vda", "domiflist \(guest)",
                "domstate \(guest)", "dumpxml \(guest)",
            ]
            let output = try Shell.attempt(["virsh", "-q", "-c", bed.uri, words.joined(separator: "; ")])
            // What else a description says may be written in other words once libvirtd was started again.
            let lines = (output.text + output.errors).split(separator: "\n").filter { line in
                !line.contains("<") || Self.words.contains { line.contains($0) }
            }
            answers[guest] = lines.joined(separator: "\n")
        }
        return answers
    }
}
