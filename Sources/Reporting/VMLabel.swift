internal import Signals
internal import Systemd

/// A VM as alerts speak of it; kept so that a VM that is gone can still be named.
struct VMLabel: Sendable, Equatable {
    /// Who it is.
    var identity: VMIdentity
    /// Its libvirt name, as given.
    var name: String
    /// Its tenant's text, as given; `nil` where it is no longer known.
    var tenant: String?

    init(_ record: VMRecord) {
        identity = record.identity
        name = record.name
        tenant = record.tenant.text
    }

    /// The label of a VM that an event names, completed from the frame where the VM is in it.
    init(_ identity: VMIdentity, name: String, frame: Frame) {
        self.identity = identity
        let record = frame.slot(of: identity).flatMap { frame[record: $0] }
        self.name = name.isEmpty ? record?.name ?? identity.uuid.description : name
        tenant = record?.tenant.text
    }

    /// The VM in a sentence: `web-3 (tenant a)`.
    var text: String {
        let name = PlainText.name(name)
        return tenant.map { "\(name) (tenant \(PlainText.name($0)))" } ?? name
    }

    /// The fields that every record about this VM carries.
    var fields: [AlertField: String?] {
        [.vmUUID: identity.uuid.description, .vm: name, .tenant: tenant]
    }

    /// The command that lets it go: by UUID, since a name may hold anything.
    var undo: String { "quell release \(identity.uuid)" }
}

extension Frame {
    /// The VM in a row as alerts speak of it; `nil` also where there is no such row.
    func label(_ slot: VMSlot) -> VMLabel? {
        guard slot.index >= 0, slot.index < capacity else { return nil }
        return self[record: slot].map { VMLabel($0) }
    }
}
