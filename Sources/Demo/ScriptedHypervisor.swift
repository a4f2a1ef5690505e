public import Enforcement
public import QuellRuntime
public import Signals
import Synchronization

/// The scripted host as the rest of Quell sees a real one: it makes frames, and it takes and tells
/// vCPU quotas.
public final class ScriptedHypervisor: FrameSource, Sendable {
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

    /// The quota that is set on a VM, unlimited where none was set; `nil` where there is no such VM.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The quota.
    public func quota(of vm: VMIdentity) -> VCPUQuota? {
        let found = host.withLock { host in host.frame.slot(of: vm).map { _ in host.cap(of: vm) } }
        return found.map { cap in VCPUQuota(period: 100_000, quota: cap.map { Int64(($0 * 100_000).rounded()) }) }
    }
}

extension ScriptedHypervisor: Actuator {
    /// What a VM is made of: vCPUs alone.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: Its parts.
    /// - Throws: `ActuatorError` where there is no such VM.
    public func parts(of vm: VMIdentity) async throws(ActuatorError) -> VMParts {
        let vcpus = host.withLock { host in host.frame.slot(of: vm).flatMap { host.frame[record: $0]?.vcpus } }
        guard let vcpus else { throw .vmGone }
        return VMParts(vcpus: vcpus)
    }

    /// Reads the quota of a VM.
    ///
    /// - Parameters:
    ///   - knob: The quota of vCPUs.
    ///   - vm: The VM.
    /// - Returns: The quota.
    /// - Throws: `ActuatorError` where there is no such VM, or for another knob.
    public func read(_ knob: Knob, of vm: VMIdentity) async throws(ActuatorError) -> Setting {
        guard knob == .vcpuQuota else { throw .refused("the scripted host has no \(knob)") }
        guard let quota = quota(of: vm) else { throw .vmGone }
        return .quota(quota)
    }

    /// Sets the quota of a VM.
    ///
    /// - Parameters:
    ///   - knob: The quota of vCPUs.
    ///   - setting: The quota.
    ///   - vm: The VM.
    /// - Throws: `ActuatorError` where there is no such VM, or for another knob.
    public func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) async throws(ActuatorError) {
        guard knob == .vcpuQuota, case .quota(let quota) = setting else {
            throw .refused("the scripted host has no \(knob)")
        }
        let known = host.withLock { host in
            guard host.frame.slot(of: vm) != nil else { return false }
            host.cap(vm, to: quota.share)
            return true
        }
        guard known else { throw .vmGone }
    }

    /// Refuses: the scripted host has no GPUs.
    ///
    /// - Throws: `ActuatorError`, always.
    public func plan(
        _ knob: Knob,
        share: Double,
        of before: Setting,
        for vm: VMIdentity
    ) async throws(ActuatorError) -> Setting {
        throw .refused("the scripted host has no \(knob)")
    }

    /// The mark of a VM; nobody migrates it, so that none is read again.
    ///
    /// - Returns: None.
    public func mark(of vm: VMIdentity) async throws(ActuatorError) -> String? { nil }

    /// Takes a mark that nobody will read.
    public func setMark(_ text: String?, of vm: VMIdentity) async throws(ActuatorError) {}
}
