package import Signals

extension HoldUse {
    /// What a VM uses in a tick; what was not read in it is not known.
    ///
    /// - Parameters:
    ///   - slot: The VM's row.
    ///   - frame: The frame.
    package init(of slot: VMSlot, in frame: Frame) {
        self.init()
        diskBytes = Self.sum(frame[slot, .diskReadBytes], frame[slot, .diskWriteBytes])
        diskOps = Self.sum(frame[slot, .diskReadOps], frame[slot, .diskWriteOps])
        receive = Self.sound(frame[slot, .netRxBytes])
        transmit = Self.sound(frame[slot, .netTxBytes])
        usable = Self.sound(frame[slot, .memBalloonUsable])
    }

    /// Whether a throttle over a contention can do anything, given what is known: a share of nothing limits nothing.
    ///
    /// - Parameter contention: The contention.
    /// - Returns: Whether it can.
    package func canThrottle(_ contention: Contention) -> Bool {
        func any(_ values: Double?...) -> Bool { values.contains { ($0 ?? 0) > 0 } }
        switch contention {
        case .disk: return any(diskBytes, diskOps)
        case .network: return any(receive, transmit)
        case .memory: return any(usable)
        case .cpu, .llc, .memoryBandwidth, .gpu, .power, .busLock: return true
        }
    }

    /// Whether a VM uses as much as a limit lets it; what was known at first and cannot be read now counts as that.
    ///
    /// - Parameters:
    ///   - now: What it uses now.
    ///   - limit: The limit, as a share of what it used at first.
    ///   - contention: What the limit is over: the disk or the network.
    /// - Returns: Whether it does.
    func isReached(by now: HoldUse, limit: Double, over contention: Contention) -> Bool {
        func isReached(_ now: Double?, _ before: Double?) -> Bool {
            guard let before, before > 0 else { return false }
            return now.map { $0 >= limit * before } ?? true
        }
        if contention == .disk { return isReached(now.diskBytes, diskBytes) || isReached(now.diskOps, diskOps) }
        return isReached(now.receive, receive) || isReached(now.transmit, transmit)
    }

    private static func sum(_ left: Reading, _ right: Reading) -> Double? {
        guard let left = sound(left), let right = sound(right) else { return nil }
        return left + right
    }

    private static func sound(_ reading: Reading) -> Double? {
        reading.trusted.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
}
