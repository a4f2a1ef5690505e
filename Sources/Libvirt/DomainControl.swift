/// Whether libvirt can talk to a domain's QEMU (`virDomainControlState`).
public enum DomainControl: Sendable, Equatable {
    /// It can: no command is on its way.
    case free
    /// A job that libvirt reports on is under way, for so many seconds.
    case job(Double)
    /// A command was sent to QEMU so many seconds ago and has not come back.
    case occupied(Double)
    /// The connection to QEMU is broken, or libvirt does not say.
    case broken

    /// Translates libvirt's numbers.
    init(state: UInt32, milliseconds: UInt64) {
        switch state {
        case 0: self = .free
        case 1: self = .job(Double(milliseconds) / 1_000)
        case 2: self = .occupied(Double(milliseconds) / 1_000)
        default: self = .broken
        }
    }

    /// Seconds for which what holds the domain has held it; `nil` where nothing does or that is not known.
    public var age: Double? {
        switch self {
        case .free, .broken: nil
        case .job(let seconds), .occupied(let seconds): seconds
        }
    }

    /// Seconds that a job has run (`virDomainJobInfo`); 0 for one that is over, which stays listed until the next one.
    static func jobAge(type: Int32, milliseconds: UInt64) -> Double {
        type == 1 || type == 2 ? Double(milliseconds) / 1_000 : 0
    }
}

/// The versions behind a connection, each as major × 1,000,000 + minor × 1,000 + release.
public struct LibvirtVersions: Sendable, Equatable {
    /// libvirt's at the other end (`virConnectGetLibVersion`); `nil` where it does not say.
    public let libvirt: UInt?
    /// The hypervisor's, QEMU's for instance (`virConnectGetVersion`); `nil` where it does not say.
    public let hypervisor: UInt?
}
