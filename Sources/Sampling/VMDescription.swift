public import HostReaders
public import Signals

/// What the sampler must know of a VM to watch it.
public struct VMDescription: Equatable, Sendable {
    /// What is known of it beside its counters.
    public var record: VMRecord
    /// Its QEMU process; `startTicks` is the generation of the record's identity.
    public var pid: Int32
    /// Its interfaces on the host.
    public var taps: [String]
    /// PCI devices passed through to it, as sysfs names them: `0000:3b:00.0`.
    public var pciDevices: [String]
    /// Mediated devices (vGPUs) handed to it, by their UUID in lower case.
    public var mdevs: [String]
    /// What is behind its disks: paths on the host, or names of network volumes.
    public var diskSources: [String] = []
    /// What of it only libvirt can tell.
    public var slowNeeds = SlowNeeds()

    /// A VM to watch.
    ///
    /// - Parameters:
    ///   - record: What is known of it beside its counters.
    ///   - pid: Its QEMU process.
    ///   - taps: Its interfaces on the host.
    ///   - pciDevices: PCI devices passed through to it.
    ///   - mdevs: Mediated devices handed to it.
    public init(
        record: VMRecord,
        pid: Int32,
        taps: [String],
        pciDevices: [String] = [],
        mdevs: [String] = []
    ) {
        self.record = record
        self.pid = pid
        self.taps = taps
        self.pciDevices = pciDevices
        self.mdevs = mdevs
    }

    /// Its QEMU process: this start of it.
    public var process: QEMUProcess { QEMUProcess(pid: pid, startTicks: record.identity.generation) }
}
