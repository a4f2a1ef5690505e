public import Signals

extension Lease {
    /// Whether a setting found is the wanted one.
    ///
    /// Of pins those of the threads that both know are compared: a vCPU that was plugged in since has its own.
    ///
    /// - Parameters:
    ///   - found: What was read.
    ///   - wanted: What it is compared with.
    /// - Returns: Whether they mean the same.
    static func agree(_ found: Setting, _ wanted: Setting) -> Bool {
        guard case .pins(let left) = found, case .pins(let right) = wanted else { return found.means(wanted) }
        return left.isEmpty == right.isEmpty && zip(left, right).allSatisfy { $0 == $1 }
    }

    /// Whether a setting is one that Quell set or may have set under this lease.
    ///
    /// A balloon takes its time, and is seen on its way: whatever lies between the values that it comes from and goes to
    /// is Quell's.
    ///
    /// - Parameter found: The setting found.
    /// - Returns: Whether it is the confirmed or the pending one.
    public func isOurs(_ found: Setting) -> Bool {
        if Self.agree(found, set) || pending.map({ Self.agree(found, $0) }) ?? false { return true }
        guard case .balloon(let bytes) = found else { return false }
        let ends = [before, set, pending].compactMap { setting -> UInt64? in
            guard case .balloon(let bytes)? = setting else { return nil }
            return bytes
        }
        guard let least = ends.min(), let most = ends.max() else { return false }
        return (least...most).contains(bytes)
    }

    /// Whether a setting found is what systemd, libvirt or a driver put back, not what a person chose.
    ///
    /// They know only the setting before the lease and none at all: systemd writes its unit's own when it reloads, libvirt
    /// that of the configuration, a driver its default. Any other that is not Quell's is a person's. Nothing but a person
    /// takes back limits of a disk or an interface, links, filters, pins or a stop.
    ///
    /// - Parameter found: The setting found.
    /// - Returns: Whether it was reset.
    func isReset(_ found: Setting) -> Bool {
        switch knob {
        case .vcpuQuota, .emulatorQuota, .iothreadQuota, .cpuShares, .memorySoftLimit, .cacheGroup, .gpuPower,
            .gpuClocks, .gpuSchedule:
            Self.agree(found, before) || found.isNone
        case .disk, .receive, .transmit, .balloon, .vcpuPins, .emulatorPins, .iothreadPins, .link, .filter, .power:
            false
        }
    }
}
