import Foundation

/// Everything that libvirt says of the limits of some guests, to see that nobody touched them.
struct Bystanders {
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
            answers[guest] = output.text + output.errors
        }
        return answers
    }
}
