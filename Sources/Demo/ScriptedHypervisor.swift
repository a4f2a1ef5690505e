public import Enforcement
public import QuellRuntime
public import Signals
import Synchronization

/// The scripted host as the rest of Quell sees a real one: it makes frames, and it takes and tells vCPU quotas.
public final class ScriptedHypervisor: FrameSource, QuotaActuator, Sendable {
    private let host: Mutex<ScriptedHost>
    private let tickLength: Double

    /// A hypervisor over a scripted host.
    ///
    /// - Parameters:
    ///   - host: The host.
    ///   - tickLength: Seconds of the script that a tick takes.
    public init(_ host: ScriptedHost, tickLength: Double = 1) {
        self.host = Mutex(host)
        self.tickLength = tickLength
    }

    /// The frame of the last tick.
    public var frame: Frame { host.withLock { $0.frame } }

    /// The second of the script that the last tick stands at.
    public var second: Double { host.withLock { $0.second } }

    /// Goes on by one tick of the script, whatever the clock says.
    ///
    /// - Parameters:
    ///   - time: Not used: the script has a time of its own.
    ///   - lag: Not used.
    public func tick(at time: MonotonicTime, lag: Double? = nil) {
        host.withLock { $0.advance(bySeconds: tickLength) }
    }

    /// Notes that Quell holds a VM back.
    ///
    /// - Parameter order: What is in force.
    public func hold(_ order: HoldOrder) { host.withLock { $0.hold(order) } }

    /// Notes that Quell holds a VM back no more over a contention.
    ///
    /// - Parameter key: The hold that is over.
    public func letGo(_ key: HoldKey) { host.withLock { $0.letGo(key) } }

    /// The quota that is set on a VM.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The quota, unlimited where none was set.
    /// - Throws: `ActuatorError` where there is no such VM.
    public func quota(of vm: VMIdentity) async throws(ActuatorError) -> VCPUQuota {
        let found = host.withLock { host in host.frame.slot(of: vm).map { _ in host.cap(of: vm) } }
        guard let found else { throw .vmGone }
        return VCPUQuota(period: 100_000, quota: found.map { Int64(($0 * 100_000).rounded()) })
    }

    /// Sets the quota of a VM.
    ///
    /// - Parameters:
    ///   - quota: The quota.
    ///   - vm: The VM.
    /// - Throws: `ActuatorError` where there is no such VM.
    public func setQuota(_ quota: VCPUQuota, of vm: VMIdentity) async throws(ActuatorError) {
        let known = host.withLock { host in
            guard host.frame.slot(of: vm) != nil else { return false }
            host.cap(vm, to: quota.share)
            return true
        }
        guard known else { throw .vmGone }
    }
}
