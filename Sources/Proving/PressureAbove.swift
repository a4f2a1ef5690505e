public import Signals

/// oomd's rule (`pressure_above`): pressure of a cgroup above 60 per cent for 30 s, by the ten-second average, and the one
/// that uses most of the resource is to blame.
///
/// oomd knows memory and storage; over the CPU it is the same rule on another file, for comparison.
public struct PressureAbove: PeerRule {
    /// What is under pressure.
    public enum Resource: Sendable {
        /// Memory: the largest is to blame.
        case memory
        /// Storage: who moves most bytes is to blame.
        case storage
        /// The CPU: who uses most is to blame.
        case cpu
    }

    /// The share of time above which pressure counts.
    static let bound = 0.60
    /// Seconds for which it must stay there.
    static let duration = 30.0

    private let resource: Resource
    private var averages: [TenSecondAverage] = []
    private var above: [Double?] = []

    /// What it is called in a table.
    public var title: String {
        switch resource {
        case .memory: "oomd: memory pressure, the largest"
        case .storage: "oomd: storage pressure, who moves most"
        case .cpu: "oomd's rule on CPU pressure, who uses most"
        }
    }

    /// A rule that has seen nothing.
    ///
    /// - Parameter resource: What is under pressure.
    public init(_ resource: Resource) {
        self.resource = resource
    }

    /// Takes one frame.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: The rows of the VMs that it would hold back now.
    public mutating func judge(_ frame: Frame) -> [VMSlot] {
        while averages.count < frame.capacity {
            averages.append(TenSecondAverage())
            above.append(nil)
        }
        let second = frame.time.seconds
        var isLong = false
        for row in 0..<frame.capacity {
            averages[row].take(frame[VMSlot(row), pressure].trusted ?? 0, over: frame.interval)
            guard averages[row].value > Self.bound else {
                above[row] = nil
                continue
            }
            let since = above[row] ?? second
            above[row] = since
            if second - since >= Self.duration { isLong = true }
        }
        guard isLong else { return [] }
        let most = (0..<frame.capacity).filter { frame.records[$0] != nil }
            .max { use(frame, VMSlot($0)) < use(frame, VMSlot($1)) }
        return most.map { [VMSlot($0)] } ?? []
    }

    private var pressure: Signal {
        switch resource {
        case .memory: .memPressureFull
        case .storage: .ioPressureFull
        case .cpu: .cpuPressureSome
        }
    }

    private func use(_ frame: Frame, _ slot: VMSlot) -> Double {
        switch resource {
        case .memory: last(frame[slot, .memRSS])
        case .storage: last(frame[slot, .diskReadBytes]) + last(frame[slot, .diskWriteBytes])
        case .cpu: last(frame[slot, .cpuUsage])
        }
    }

    /// The last known value, which need not be of this tick; 0 where none is known.
    private func last(_ reading: Reading) -> Double {
        reading.quality == .ok || reading.quality == .stale ? reading.value : 0
    }
}
