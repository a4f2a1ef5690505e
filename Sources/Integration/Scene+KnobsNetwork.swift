import Enforcement
import Foundation
import Signals

extension Scene {
    /// The limit of what goes to a guest, with a flood towards it.
    func receiveLimit(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let look = stage.look
        let guest = stage.guest
        let flood = try PacketFlood(through: bed.bridge, to: guest)
        defer { flood.stop() }
        try Wait.seconds(1)
        let free = try received(guest)
        let limit = Bandwidth(average: 200, peak: 200, burst: 16)
        let trial = KnobTrial(
            knob: .receive(guest.tap),
            setting: .bandwidth(limit),
            shown: "htb 1600Kbit",
            person: ["domiftune", guest.name, guest.tap, "--live", "--inbound", "150"],
            theirs: .bandwidth(Bandwidth(average: 150))
        )
        try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
            try Wait.seconds(1)
            let held = try received(guest)
            let most = 200_000 / Double(PacketFlood.size)
            report.check(
                held < most * 1.3 && free > held * 3,
                "receive: \(Report.number(held)) packets a second reach it for \(Report.number(free)); "
                    + "\(Report.number(most)) allowed"
            )
        }
        try stage.hand.set(.receive(guest.tap), to: .bandwidth(limit), of: guest)
        let transmit = try stage.hand.read(.transmit(guest.tap), of: guest)
        report.check(transmit.isNone, "receive: the other direction stays without a limit")
        let floor = try stage.hand.refusal(
            .transmit(guest.tap),
            of: guest,
            .bandwidth(Bandwidth(average: 1, floor: 1))
        )
        report.check(Self.isRefused(floor), "transmit: a floor is refused: \(floor.map { "\($0)" } ?? "")")
        try stage.hand.set(.receive(guest.tap), to: .bandwidth(Bandwidth()), of: guest)
        let after = try look.state(.receive(guest.tap))
        report.check(after == "none", "receive: taken off: \(after)")
    }

    /// The limit of what comes from a guest; where the kernel cannot police, the refusal leaves nothing behind.
    func transmitLimit(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let guest = stage.guest
        let knob = Knob.transmit(guest.tap)
        let limit = Setting.bandwidth(Bandwidth(average: 200, peak: 200, burst: 64))
        guard let refusal = try stage.hand.refusal(knob, of: guest, limit) else {
            try stage.hand.set(knob, to: .bandwidth(Bandwidth()), of: guest)
            let trial = KnobTrial(
                knob: knob,
                setting: limit,
                shown: "ingress",
                person: ["domiftune", guest.name, guest.tap, "--live", "--outbound", "150"],
                theirs: .bandwidth(Bandwidth(average: 150))
            )
            return try trial.run(on: stage, &report)
        }
        let left = try stage.look.state(knob)
        let read = try stage.hand.read(knob, of: guest)
        report.check(
            Self.isRefused(refusal) && left == "none" && read.isNone,
            "transmit: this kernel cannot police, and the refusal leaves \(left): \(refusal)"
        )
        let isOneLine = !refusal.description.contains(where: \.isNewline)
        report.check(isOneLine, "transmit: the refusal is one line")

        // With a limit towards the guest in force, that one must survive the refusal.
        let other = Setting.bandwidth(Bandwidth(average: 200, peak: 200, burst: 16))
        try stage.hand.set(.receive(guest.tap), to: other, of: guest)
        let before = try stage.look.state(.receive(guest.tap))
        let again = try stage.hand.refusal(knob, of: guest, limit)
        let after = try stage.look.state(.receive(guest.tap))
        let kept = try stage.hand.read(.receive(guest.tap), of: guest)
        report.check(
            Self.isRefused(again) && after == before && kept.means(other),
            "transmit: the refusal leaves the limit of the other direction in force: \(after) for \(before)"
        )
        try stage.hand.set(.receive(guest.tap), to: .bandwidth(Bandwidth()), of: guest)
    }

    /// The links of both interfaces; the second is on a network of libvirt's.
    func links(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let guest = stage.guest
        let flood = try PacketFlood(through: bed.bridge, to: guest)
        defer { flood.stop() }
        for device in [guest.tap, guest.tap + "n"] {
            let trial = KnobTrial(
                knob: .link(device),
                setting: .link(false),
                shown: "1 up",
                person: ["domif-setlink", guest.name, device, "up"],
                theirs: .link(true),
                patience: 2
            )
            let before = try bed.virsh(["domiflist", guest.name])
            try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
                guard device == guest.tap else { return }
                try Wait.seconds(0.5)
                let down = try received(guest)
                report.check(down == 0, "link: \(Report.number(down)) packets a second reach it while its link is down")
            }
            let after = try bed.virsh(["domiflist", guest.name])
            report.check(after == before, "link: \(device) is connected to what it was connected to")
        }
        let up = try received(guest)
        report.check(up > 100, "link: \(Report.number(up)) packets a second reach it again afterwards")
    }

    /// The filters of both interfaces; Quell's own drops every frame both ways.
    func filters(_ stage: KnobStage, _ report: inout Report) throws(BedError) {
        let guest = stage.guest
        let flood = try PacketFlood(through: bed.bridge, to: guest)
        defer { flood.stop() }
        try guest.tell("flood \(victims[0].number)")
        let peer = KnobLook(bed: bed, guest: victims[0])
        let mine = try definePersonsFilter()
        for device in [guest.tap, guest.tap + "n"] {
            let file = bed.directory + "/person-\(device).xml"
            try Files.write(try interfaceXML(of: guest, device, filter: mine), to: file)
            let trial = KnobTrial(
                knob: .filter(device),
                setting: .filter(.isolate),
                shown: "I DROP, O DROP",
                person: ["update-device", guest.name, file, "--live"],
                theirs: .filter(NetworkFilter(name: mine))
            )
            let free = try KnobLook.rate(1) { () throws(BedError) in stage.look.packets("tx_packets") }
            try trial.run(on: stage, &report) { (report: inout Report) throws(BedError) in
                guard device == guest.tap else { return }
                let towards = try KnobLook.rate(2) { () throws(BedError) in stage.look.packets("tx_packets") }
                let from = try KnobLook.rate(2) { () throws(BedError) in peer.packets("tx_packets") }
                report.check(
                    towards == 0 && free > 100,
                    "filter: \(Report.number(towards)) packets a second pass towards it for \(Report.number(free))"
                )
                report.check(
                    from < 2,
                    "filter: \(Report.number(from)) packets a second pass from it to \(victims[0].name)"
                )
            }
        }
        try bed.virsh(["nwfilter-undefine", mine])
    }

    /// A filter of a person's own, which libvirt knows from now on.
    ///
    /// - Returns: Its name.
    /// - Throws: ``BedError`` if libvirt refuses it.
    func definePersonsFilter() throws(BedError) -> String {
        let name = "persons-own"
        let rule = "<rule action='drop' direction='in' priority='500'><mac protocolid='0x88b6'/></rule>"
        try bed.defineFilter(name, chain: "chain='root'", rules: rule)
        return name
    }

    /// The description of an interface as a person would write it.
    ///
    /// - Parameters:
    ///   - guest: The guest.
    ///   - device: The interface's device on the host.
    ///   - filter: Its filter.
    /// - Returns: The XML.
    /// - Throws: ``BedError`` where it cannot be told.
    func interfaceXML(of guest: Guest, _ device: String, filter: String) throws(BedError) -> String {
        let isFirst = device == guest.tap
        let source = isFirst ? "bridge='\(bed.bridge)'" : "network='\(bed.name)'"
        return """
            <interface type='\(isFirst ? "bridge" : "network")'>
              <mac address='\(GuestSpec.address(guest.number, isFirst ? 0x6c : 0x6d))'/>
              <source \(source)/>
              <target dev='\(device)'/>
              <model type='virtio'/>
              <filterref filter='\(filter)'/>
            </interface>

            """
    }

    /// The packets that a guest receives in a second, by its own kernel.
    private func received(_ guest: Guest) throws(BedError) -> Double {
        try KnobLook.rate(2) { () throws(BedError) in Double(try guest.counts().received) }
    }

    /// Whether a change was refused, so that nothing has changed.
    static func isRefused(_ error: ActuatorError?) -> Bool {
        if case .refused = error { return true }
        return false
    }
}
