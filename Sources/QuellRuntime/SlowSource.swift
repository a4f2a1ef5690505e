import Libvirt
import Signals

/// What the slow tier asks: libvirt, or a script in a test.
protocol SlowSource: Sendable {
    /// Figures of several VMs in one call.
    func stats(_ groups: StatsGroups, of uuids: [VMUUID]?) async throws(LibvirtError) -> [DomainStats]
    /// Figures of one VM, under its breaker.
    func stats(_ groups: StatsGroups, alone uuid: VMUUID) async throws(LibvirtError) -> DomainStats
    /// Seconds for which the jobs under way have run.
    func jobAges(of uuids: [VMUUID]) async throws(LibvirtError) -> [VMUUID: Double]
    /// What holds a VM's QEMU.
    func control(of uuid: VMUUID) async throws(LibvirtError) -> DomainControl
    /// Begins to measure a dirty rate.
    func startDirtyRate(of uuid: VMUUID, seconds: Int) async throws(LibvirtError)
}

extension LibvirtConnection: SlowSource {}
