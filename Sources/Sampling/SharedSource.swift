internal import HostReaders
internal import Signals

/// What a source that serves many VMs with few reads must know of one of them.
struct WatchedVM {
    /// Its row in the frame.
    let slot: VMSlot
    /// What is known of it.
    let description: VMDescription
    /// Its cgroups.
    let cgroups: CgroupPaths
}

/// Something that is read for many VMs at once, such as one dump of all interfaces, or that serves some of them only,
/// such as a rotating watch list.
///
/// The sampler tells it of VMs that come, change and go, and samples it once a tick, before the VMs' own files. A warm
/// ``sample(into:_:)`` allocates nothing and never waits.
protocol SharedSource: AnyObject {
    /// Begins to watch a VM, or takes over what has changed of one that is watched.
    func watch(_ vm: WatchedVM)
    /// Takes the threads of a VM whenever they were listed anew; never within ``sample(into:_:)``.
    func list(_ threads: QEMUThreads, of slot: VMSlot)
    /// Stops watching the VM in a row; passed over where none is watched.
    func unwatch(_ slot: VMSlot)
    /// Asks for less work while the host or the agent is short of CPU, or takes that back; what can be given up is.
    func shed(_ isUnderLoad: Bool)
    /// Reads and writes the signals of a tick; the rows of VMs without a reading are left as they are, `missing`.
    func sample(into frame: inout Frame, _ context: inout TickContext)
}

extension SharedSource {
    func list(_ threads: QEMUThreads, of slot: VMSlot) {}
    func shed(_ isUnderLoad: Bool) {}
}
