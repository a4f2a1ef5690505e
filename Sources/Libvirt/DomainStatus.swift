public import Signals

/// Whether a domain's vCPUs may run (`virDomainState`).
public enum DomainPower: Sendable, Hashable, CaseIterable {
    /// It runs.
    case running
    /// It waits for a resource; a state of old hypervisors.
    case blocked
    /// It is paused.
    case paused
    /// It is shutting down.
    case shuttingDown
    /// It is off.
    case shutOff
    /// It crashed.
    case crashed
    /// The guest suspended itself.
    case suspended
    /// libvirt does not know, or says something unknown.
    case unknown

    /// Translates libvirt's number.
    init(number: Int64) {
        switch number {
        case 1: self = .running
        case 2: self = .blocked
        case 3: self = .paused
        case 4: self = .shuttingDown
        case 5: self = .shutOff
        case 6: self = .crashed
        case 7: self = .suspended
        default: self = .unknown
        }
    }
}

/// The job that libvirt runs on a domain (`virDomainJobOperation`), which explains unusual counters.
public enum DomainJob: Sendable, Hashable, CaseIterable {
    /// None is under way.
    case none
    /// It is being started.
    case start
    /// It is being saved.
    case save
    /// It is being restored.
    case restore
    /// It arrives by migration.
    case migrationIn
    /// It leaves by migration.
    case migrationOut
    /// A snapshot is taken, reverted to, or deleted.
    case snapshot
    /// Its memory is being dumped.
    case dump
    /// A backup is taken.
    case backup
    /// A job is under way of which libvirt does not say more.
    case unknown

    /// Translates libvirt's numbers: the type of the job (`virDomainJobType`) and its operation where one is given.
    init(type: Int32, operation: Int32?) {
        // Jobs that ended stay listed until the next one; only bounded and unbounded ones are under way.
        guard type == 1 || type == 2 else {
            self = .none
            return
        }
        switch operation {
        case 1: self = .start
        case 2: self = .save
        case 3: self = .restore
        case 4: self = .migrationIn
        case 5: self = .migrationOut
        case 6, 7, 10: self = .snapshot
        case 8: self = .dump
        case 9: self = .backup
        default: self = .unknown
        }
    }

    /// What the job means for Quell's own actions; empty only while none is under way.
    public var activity: VMActivity {
        switch self {
        case .none: []
        case .migrationIn, .migrationOut: .migration
        case .snapshot, .backup: .backup
        case .start, .save, .restore, .dump, .unknown: .save
        }
    }
}

/// Whether a domain runs and what libvirt does with it.
public struct DomainStatus: Sendable, Hashable {
    /// Whether its vCPUs may run.
    public let power: DomainPower
    /// The job under way.
    public let job: DomainJob

    /// A status.
    ///
    /// - Parameters:
    ///   - power: Whether its vCPUs may run.
    ///   - job: The job under way.
    public init(power: DomainPower, job: DomainJob) {
        self.power = power
        self.job = job
    }
}
