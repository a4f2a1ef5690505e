import Proving
import Signals

/// A generated host for rules of other systems: frames of one second with a few VMs on two CPUs.
struct PeerHost {
    var frame = Frame(hostCPUs: 2)

    init(vms: Int) {
        for row in 0..<vms {
            let identity = VMIdentity(uuid: VMUUID(high: 1, low: UInt64(row)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: "vm\(row)"))
        }
    }

    /// Plays seconds, one frame each, and tells in which of them whom a rule would hold.
    ///
    /// - Parameters:
    ///   - seconds: The seconds; the first call begins at 0.
    ///   - rule: The rule.
    ///   - write: Writes the readings of a second.
    /// - Returns: The decisions.
    mutating func play(
        _ seconds: Range<Int>,
        _ rule: inout some PeerRule,
        _ write: (inout Frame, Int) -> Void
    ) -> [(second: Int, rows: [Int])] {
        var decisions: [(second: Int, rows: [Int])] = []
        for second in seconds {
            frame.begin(at: MonotonicTime(seconds: Double(1_000 + second)))
            write(&frame, second)
            let rows = rule.judge(frame).map(\.index)
            if !rows.isEmpty { decisions.append((second, rows)) }
        }
        return decisions
    }
}
