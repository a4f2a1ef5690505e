/// What has been read of a network interface so far.
struct InterfaceDraft {
    /// What it is connected to.
    var kind = ""
    /// The host's device.
    var device: String?
    /// What kind of port it has on a virtual switch.
    var port: String?
    /// What keeps its traffic from hurting others.
    var safeguards: InterfaceSafeguards = []
}

/// What has been read of a disk so far.
struct DiskDraft {
    /// Its name in the description.
    var target: String?
    /// What is behind it.
    var source: String?
    /// Whether it says that the guest may only read it.
    var isReadOnly = false
    /// The group that it shares limits with.
    var group: String?
    /// Whether what it reads or writes is limited.
    var isLimited = false
    /// Whether its medium can be taken out.
    private var isRemovable = false
    /// Whether another process serves it.
    private var isForeign = false

    /// A disk of which nothing is known.
    init() {}

    /// A disk of these attributes of its element.
    init(_ attributes: [String: String]) {
        isRemovable = ["cdrom", "floppy"].contains(attributes["device"] ?? "disk")
        isForeign = attributes["type"] == "vhostuser"
    }

    /// The disk; `nil` where it has no name.
    var disk: DomainDescription.Disk? {
        guard let target else { return nil }
        var disk = DomainDescription.Disk(target: target, source: source)
        disk.takesLimits = !isReadOnly && !isForeign && (source != nil || !isRemovable)
        disk.isLimited = isLimited
        disk.throttleGroup = group.flatMap { $0.isEmpty ? nil : $0 }
        return disk
    }
}
