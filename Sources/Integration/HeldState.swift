import Signals

/// All that Quell can change of a guest, as kernel and QEMU have it: before, while it is held, and afterwards.
struct HeldState: Equatable {
    /// What is in force, by knob.
    private(set) var values: [String: String] = [:]

    /// Looks at a guest.
    ///
    /// - Parameters:
    ///   - guest: The guest.
    ///   - bed: Where it runs; QEMU's monitor is reached through its libvirtd.
    /// - Throws: ``BedError`` if libvirt does not answer.
    init(of guest: Guest, on bed: Bed) throws(BedError) {
        let look = KnobLook(bed: bed, guest: guest)
        for knob in [
            Knob.vcpuQuota, .emulatorQuota, .cpuShares, .vcpuPins, .emulatorPins, .disk("vda"), .memorySoftLimit,
            .filter(guest.tap), .receive(guest.tap), .power,
        ] {
            values[knob.rawValue] = try look.state(knob)
        }
        // The guest itself cannot be asked while it is suspended.
        values["link"] = try bed.virsh(["domif-getlink", guest.uuid, guest.tap])
        let mark = try Shell.attempt([
            "virsh", "-q", "-c", bed.uri, "metadata", guest.uuid, "urn:quell:hold:1", "--live",
        ])
        values["mark"] = mark.status == 0 ? "marked" : "none"
    }

    /// What differs from another state, a line each.
    ///
    /// - Parameter other: The other state.
    /// - Returns: The lines, by knob.
    func differences(from other: HeldState) -> [String] {
        values.filter { other.values[$0.key] != $0.value }.map { "\($0.key): \($0.value)" }.sorted()
    }
}
