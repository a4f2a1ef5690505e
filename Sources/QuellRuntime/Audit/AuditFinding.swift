public import Signals

/// What an audit speaks of: the host, or one VM.
public struct AuditSubject: Codable, Hashable, Sendable {
    /// The VM's UUID; `nil` for the host.
    public var uuid: String?
    /// The VM's name, for people only; `nil` for the host.
    public var name: String?
    /// Its tenant; `nil` for the host.
    public var tenant: String?

    /// The host.
    static let host = AuditSubject()

    /// The host.
    private init() {}

    /// A VM.
    ///
    /// - Parameters:
    ///   - uuid: Its UUID.
    ///   - name: Its name.
    ///   - tenant: Its tenant.
    init(uuid: VMUUID, name: String, tenant: Tenant? = nil) {
        self.uuid = uuid.description
        self.name = name
        self.tenant = tenant?.text
    }

    /// Whether it is the same host or VM, whatever its name is now.
    func isSame(as other: AuditSubject) -> Bool { uuid == other.uuid }
}

/// Something that an audit found.
public struct AuditFinding: Codable, Hashable, Sendable {
    /// What kind it is, such as `disk-unlimited`.
    public var id: String
    /// How urgent it is.
    public var severity: Severity
    /// The host or the VM.
    public var subject: AuditSubject
    /// Which one, where the subject may have several: a device, a flaw of the CPU, a swap area.
    public var part: String?
    /// What was seen.
    public var evidence: String
    /// Why it matters to a neighbour.
    public var why: String
    /// What to do: a command, or a line of XML or sysfs.
    public var remedy: String
}

/// Something that an audit could not tell, which is never a pass.
public struct AuditGap: Codable, Hashable, Sendable {
    /// What kind of finding is meant.
    public var id: String
    /// How urgent it would be.
    public var severity: Severity
    /// The host or the VM.
    public var subject: AuditSubject
    /// Which one, where the subject may have several; `nil` where none of them can be told.
    public var part: String?
    /// Why it cannot be told.
    public var why: String
}
