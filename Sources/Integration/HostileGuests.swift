import Foundation
import Glibc

/// Guests of which somebody wrote the description to do harm, halted from their first instruction on.
struct HostileGuests {
    /// A part of a name that breaks out of quotes, lines, tags, paths and terminals where somebody lets it.
    static let name = " \"';$(touch quell-was-here)<&>%s\\..\u{202E}\u{200B}é|"

    /// A guest to be booted whose name is such a one.
    static var noisy: GuestSpec {
        var spec = GuestSpec(label: "h1", tenant: "h", vcpus: 2)
        spec.suffix = name
        return spec
    }

    /// Those that run, by UUID.
    private(set) var guests: [String] = []
    /// Those among them that libvirt knows for good.
    ///
    /// libvirt takes a description with entities of its own, tells it with entities that nobody knows, and cannot read
    /// that itself when it is started again.
    private(set) var kept: [String] = []
    /// How many of them can be described: not one whose description is too large or no XML.
    private(set) var described = 0
    /// What libvirt let be defined, for people.
    private(set) var told = ""
    private let bed: Bed

    /// Starts as many as libvirt lets be.
    ///
    /// - Parameter bed: Where.
    /// - Throws: ``BedError`` if files cannot be written, or libvirt takes none of them.
    init(on bed: Bed) throws(BedError) {
        self.bed = bed
        let directory = bed.directory + "/hostile"
        try Files.makeDirectory(directory)
        try Files.write(HaltedGuest.firmware, to: directory + "/halt.rom")
        let entity = "<!DOCTYPE domain [<!ENTITY lol 'evil'><!ENTITY file SYSTEM 'file:///etc/hostname'>]>\n"
        let forged = "<x:a xmlns:x='urn:x'><domain><name>forged</name><vcpu>64</vcpu></domain>&#60;devices/></x:a>"
        let large = "<x:a xmlns:x='urn:x'>" + String(repeating: "m", count: 1 << 20) + "</x:a>"
        let all: [(what: String, prolog: String, name: String, metadata: String, isSound: Bool)] = [
            ("a hostile name", "", Self.name, "", true), ("forged metadata", "", "forged", forged, true),
            ("1 MiB of metadata", "", "large", large, false),
            ("entities", entity, "entity-&lol;", "<x:a xmlns:x='urn:x'>&lol;&file;</x:a>", false),
        ]
        for (number, guest) in all.enumerated() {
            let name = bed.name + "-x\(number)" + guest.name
            let halted = HaltedGuest(name: bed.name + "-x\(number)", number: 200 + number, directory: directory)
            let uuid = UUID().uuidString.lowercased()
            let isEntity = !guest.prolog.isEmpty
            let xml = halted.xml(uuid: uuid, firmware: directory + "/halt.rom", bridge: bed.bridge)
                .replacing(
                    "<name>\(halted.name)</name>",
                    with: "<name>\(isEntity ? name : GuestSpec.escaped(name))</name>"
                )
                .replacing("</metadata>", with: guest.metadata + "</metadata>")
            try Files.write(guest.prolog + xml, to: halted.file)
            try Shell.run(["truncate", "-s", "1M", halted.disk])
            let output = try Shell.attempt(["virsh", "-q", "-c", bed.uri, "create", halted.file], limit: 60)
            if output.status == 0 {
                guests.append(uuid)
                if guest.isSound { described += 1 }
                if !isEntity { kept.append(uuid) }
            }
            told += (told.isEmpty ? "" : ", ") + guest.what + (output.status == 0 ? "" : " (libvirt refuses it)")
        }
        guard !guests.isEmpty else { throw .missing("libvirt takes no hostile guest") }
    }

    /// Takes them away.
    ///
    /// - Throws: ``BedError`` if libvirt does not obey.
    func remove() throws(BedError) {
        for guest in guests where try Shell.attempt(["virsh", "-q", "-c", bed.uri, "destroy", guest]).status != 0 {
            guard let pid = Guest.process(of: guest) else { continue }
            kill(pid, SIGKILL)
        }
    }

    /// Whether each still has a QEMU.
    var areAlive: Bool { guests.allSatisfy { Guest.process(of: $0) != nil } }
}
