import Enforcement
import Signals

extension Scene {
    /// Everything that libvirt can set of a running guest: in force in the kernel, of effect, given back, and a person's
    /// change told apart.
    ///
    /// - Parameter report: Takes the verdicts.
    /// - Throws: ``BedError`` if it breaks off.
    func everyKnob(_ report: inout Report) throws(BedError) {
        let network = try bed.makeNetwork()
        let storage = try SharedStorage(for: ["k1", "k2"], on: bed)
        var spec = GuestSpec(label: "k1", tenant: "k", vcpus: 2)
        spec.hasIOThread = true
        spec.network = network
        spec.storage = storage.socket
        var other = GuestSpec(label: "k2", tenant: "j")
        other.storage = storage.socket
        let guests = try bed.boot([spec, other])
        let guest = guests[0]
        let stage = KnobStage(bed: bed, hand: try KnobHand(on: bed), guest: guest, neighbour: guests[1])
        let trials: [(KnobStage, inout Report) throws(BedError) -> Void] = [
            partsOfGuest, cpuQuotas, cpuWeight, cpuPins, diskLimits, receiveLimit, transmitLimit, memoryLimits, links,
            filters, suspension, marks, refusals,
        ]
        for trial in trials {
            do throws(BedError) {
                try trial(stage, &report)
            } catch .interrupted {
                throw .interrupted
            } catch {
                // The knobs do not depend on each other.
                report.broke(error)
            }
            try rest()
            for guest in guests { try guest.tell("idle") }
        }
        try bed.removeLast(2)
        try bed.removeNetwork()
        storage.stop()
    }

    /// What Quell says the guest is made of.
    private func partsOfGuest(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let parts = try stage.hand.parts(of: stage.guest)
        let devices = parts.interfaces.filter { $0.bandwidthTrouble == nil }.map(\.device)
        report.check(
            parts.vcpus == 2 && parts.iothreads == 1 && parts.disks == ["vda"]
                && devices == [stage.guest.tap, stage.guest.tap + "n"] && parts.hasBalloon,
            "\(stage.guest.name) has \(parts.vcpus) vCPUs, \(parts.iothreads) I/O thread, disks \(parts.disks), "
                + "interfaces \(devices), a balloon"
        )
    }

    /// A mark that travels with the guest.
    private func marks(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let owner = ["metadata", stage.guest.name, "urn:quell:vm:1", "--live"]
        let own = try stage.bed.virsh(owner)
        let text = "held <by> \"quell\" & co.\nline 2"
        let before = try stage.hand.mark(of: stage.guest)
        try stage.hand.setMark(text, of: stage.guest)
        let query = ["metadata", stage.guest.name, "urn:quell:hold:1", "--live"]
        let element = try stage.bed.virsh(query).split(whereSeparator: \.isNewline).joined()
        let readBack = try stage.hand.mark(of: stage.guest)
        report.check(
            before == nil && readBack == text,
            "the mark: none before, read back as set; libvirt has \(element)"
        )
        report.check(
            try stage.bed.virsh(owner) == own && own.contains("tenant"),
            "the mark: the guest's own metadata is as it was"
        )
        let theirs = ["--key", "quell-hold", "--set", "<hold>a person's</hold>"]
        try stage.bed.virsh(query + theirs)
        let found = try stage.hand.mark(of: stage.guest)
        report.check(found == "a person's", "the mark: a person's reads as theirs: \(found ?? "none")")
        try stage.bed.virsh(query + ["--key", "quell-hold", "--set", "<other/>"])
        let isRefused: Bool
        do throws(BedError) {
            _ = try stage.hand.mark(of: stage.guest)
            isRefused = false
        } catch {
            isRefused = "\(error)".contains("not one of Quell's")
        }
        report.check(isRefused, "the mark: somebody else's element in its place is told, not read")
        try stage.hand.setMark(nil, of: stage.guest)
        report.check(try stage.hand.mark(of: stage.guest) == nil, "the mark: taken off")
    }
}
