internal import Signals

/// Whether a held VM would use more than its step lets it.
enum LadderPressure: Equatable, Sendable {
    /// It would; also where that could be read and was not.
    case presses
    /// It uses less than it may.
    case slack
    /// It cannot be told of such a hold.
    case unknown

    /// Seconds a second held by the quota, per vCPU, up to which a VM does not press on it.
    static let throttledUpTo = 0.01
    /// The share of what it may use below which a VM's use does not press on it.
    static let from = 0.9

    /// Whether a held VM presses in a tick; one whose victims are all gone has nobody to press on.
    ///
    /// - Parameters:
    ///   - entry: The hold.
    ///   - slot: The VM's row.
    ///   - frame: The frame.
    init(of entry: LadderEntry, slot: VMSlot, frame: Frame) {
        if entry.victims.isEmpty {
            self = .slack
            return
        }
        guard let share = entry.step.share else {
            self = .unknown
            return
        }
        switch entry.contention {
        case .cpu, .busLock:
            let isSlack =
                frame[slot, .cpuThrottled].trusted.map { $0 <= Self.throttledUpTo } ?? false
                || frame[slot, .cpuUsage].trusted.map { $0 < Self.from * share * Double(entry.vcpus) } ?? false
            self = isSlack ? .slack : .presses
        case .disk, .network:
            let now = HoldUse(of: slot, in: frame)
            self =
                entry.use.isReached(by: now, limit: Self.from * share, over: entry.contention) ? .presses : .slack
        case .memory, .llc, .memoryBandwidth, .gpu, .power:
            self = .unknown
        }
    }
}
