internal import CMeter
internal import Demo
internal import Foundation
internal import Policy
internal import QuellRuntime
internal import Signals
internal import Traces

/// `replay`: what a trace costs to write, to keep and to replay.
enum TraceCost {
    /// How lively a VM is.
    private enum Kind: String, CaseIterable {
        /// CPU time and run delay move; all else is as it was.
        case quiet
        /// Thirty signals move in every tick, each by all its bits.
        case busy
    }

    /// Measures and prints, as lines of a Markdown table.
    static func run() throws {
        print(
            "| trace | bytes a VM and tick | encoding, ns a VM and tick | allocations a warm tick | replay, us a tick | x real time |"
        )
        print("|---|---|---|---|---|---|")
        let policy = try PolicyLoader.load(texts: [("default.yaml", PolicySource.shipped)])
        for kind in Kind.allCases {
            for vms in [1, 100] { try measure(kind, vms: vms, ticks: vms == 1 ? 86_400 : 3_600, policy) }
        }
    }

    private static func measure(_ kind: Kind, vms: Int, ticks: Int, _ policy: PolicySet) throws {
        var random = SplitMix64(seed: 7)
        var frame = Frame(hostCPUs: 64)
        for index in 0..<vms {
            let identity = VMIdentity(uuid: VMUUID(high: 7, low: UInt64(index)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: "vm-\(index)", tenant: .known("t"), vcpus: 2))
        }
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(vms * ticks * 400)
        var nanoseconds: UInt64 = 0
        var worst: UInt64 = 0
        for tick in 0..<ticks {
            // A tick begins within a millisecond of its beat.
            let late = random.uniform() * 1e-3
            frame.begin(at: MonotonicTime(seconds: 5_000 + Double(tick) + late))
            fill(&frame, kind, &random)
            meter_count_allocations()
            let start = meter_clock()
            encoder.encode(frame, into: &bytes)
            nanoseconds += meter_clock() - start
            meter_stop_counting()
            if tick > 10, tick % TraceEncoder.keyEvery > 0 { worst = max(worst, meter_allocations()) }
        }
        encoder.finish(into: &bytes)
        let vmTicks = Double(vms * ticks)
        var best = Double.infinity
        for _ in 0..<3 {
            var replay = Replay(policy: policy) { _ in }
            let start = meter_clock()
            replay.run(bytes)
            best = min(best, Double(meter_clock() - start) / 1e9)
            guard replay.report.ticks == ticks else { fatalError("\(replay.report.ticks) of \(ticks) ticks came back") }
        }
        let cells = [
            "\(kind.rawValue), \(vms) VM\(vms == 1 ? "" : "s"), \(ticks) s",
            String(format: "%.1f", Double(bytes.count) / vmTicks),
            String(format: "%.0f", Double(nanoseconds) / vmTicks),
            "\(worst)",
            String(format: "%.2f", best * 1e6 / Double(ticks)),
            String(format: "%.0f", Double(ticks) / best),
        ]
        print("| " + cells.joined(separator: " | ") + " |")
    }

    private static func fill(_ frame: inout Frame, _ kind: Kind, _ random: inout SplitMix64) {
        for row in 0..<frame.capacity {
            let slot = VMSlot(row)
            for (column, signal) in Signal.allCases.enumerated() where signal.scope == .vm {
                switch column {
                case 0: frame[slot, signal] = Reading(0.02 + 0.001 * random.uniform())
                case 1: frame[slot, signal] = Reading(0.001 * random.uniform())
                case ..<30 where kind == .busy: frame[slot, signal] = Reading(0.3 + 0.001 * random.uniform())
                case ..<45: frame[slot, signal] = Reading(column < 7 ? 0 : 0.3, column % 8 == 7 ? .stale : .ok)
                default: frame[slot, signal] = .notObservable
                }
            }
        }
    }
}
