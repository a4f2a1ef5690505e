import Enforcement
import HostReaders
import Libvirt
import Signals
import TestSupport
import Testing

@testable import QuellRuntime

@Suite("The hand over all of a host")
struct HostActuatorTests {
    private static let address = "0000:3b:00.0"

    /// A hand over a host whose libvirt cannot be reached.
    private func hand(_ tree: CacheTree, _ stand: ScriptedNVML) -> HostActuator {
        let connection = LibvirtConnection(uri: "test+unix:///nowhere?socket=/nonexistent/socket")
        return HostActuator(
            libvirt: LibvirtActuator(connection: connection, roots: tree.roots),
            caches: tree.actuator(),
            gpus: GPUActuator(roots: HostRoots(tree: stand.root), library: stand.library)
        )
    }

    @Test("Each knob goes to the hand that has it: caches and GPUs are given back while libvirt is away")
    func routes() async throws {
        let tree = CacheTree()
        let stand = try ScriptedNVML("gpu \(Self.address)\nlimit 350000 200000 700000 700000\n")
        try stand.place(Self.address, driver: "nvidia")
        let hand = hand(tree, stand)
        try await hand.set(.cacheGroup, to: .cacheGroup(CacheGroups.throttled), of: CacheTree.vm)
        #expect(try await hand.read(.cacheGroup, of: CacheTree.vm) == .cacheGroup(CacheGroups.throttled))
        let power = Knob.gpuPower(Self.address)
        // The VM is long gone, and its limit stayed.
        let gone = VMIdentity(uuid: VMUUID(high: 9, low: 9), generation: 1)
        #expect(try await hand.read(power, of: gone) == .milliwatts(350_000))
        try await hand.set(power, to: .milliwatts(700_000), of: gone)
        #expect(try await hand.read(power, of: gone) == .milliwatts(700_000))
        let half = try await hand.plan(power, share: 0.5, of: .milliwatts(600_000), for: gone)
        #expect(half == .milliwatts(300_000))
        for knob in [Knob.vcpuQuota, .disk("vda"), .power] {
            let error = await failure { () throws(ActuatorError) in try await hand.read(knob, of: CacheTree.vm) }
            guard case .unavailable = error else {
                Issue.record("\(knob): \(String(describing: error))")
                return
            }
        }
    }

    @Test("What a VM had before Quell held it is told in place of what libvirt says now")
    func ownSettings() {
        let order = HoldOrder(
            vm: CacheTree.vm,
            name: "a",
            vcpus: 1,
            step: .throttle(0.5),
            term: 60,
            rule: "r",
            victim: nil,
            victimName: ""
        )
        let now = Lease.Moment(wall: 0, boot: MonotonicTime(seconds: 1))
        func lease(_ knob: Knob, _ before: Setting) -> Lease {
            Lease(order: order, knob: knob, before: before, pending: before, now: now, bootID: "b")
        }
        let quota = VCPUQuota(period: 100_000, quota: 80_000)
        var own = OwnSettings()
        own.take(lease(.disk("vda"), .disk(DiskLimit())))
        #expect(own == OwnSettings())
        own.take(lease(.vcpuQuota, .quota(quota)))
        own.take(lease(.cpuShares, .shares(2_048)))
        #expect(own == OwnSettings(quota: quota, shares: 2_048))
    }
}
